package import Access

extension Records {
    /// Counts downloads of a repository.
    /// - Parameters:
    ///   - day: since 1970, for the time after which they are forgotten.
    ///   - trend: makes the new value out of the old one.
    /// - Returns: false when the repository is gone.
    @discardableResult
    package func addDownloads(
        repositoryID: RecordID,
        _ count: Int64,
        day: Int64,
        trend: (Int64) -> Int64
    ) throws(MetadataError) -> Bool {
        guard try changeTrend(repositoryID: repositoryID, trend) else { return false }
        try change(
            """
            UPDATE repositories SET downloads = downloads + $2, downloads_all_time = downloads_all_time + $2
            WHERE id = $1
            """,
            [.id(repositoryID), .integer(count)]
        )
        try connection.run(
            """
            INSERT INTO download_days (day, repository_id, downloads) VALUES ($1, $2, $3)
            ON CONFLICT (day, repository_id) DO UPDATE SET downloads = download_days.downloads + excluded.downloads
            """,
            [.integer(day), .id(repositoryID), .integer(count)]
        )
        return true
    }

    /// Takes downloads of days before `day` out of the counts of the last days, some rows at a time.
    /// - Returns: whether there are more.
    package func forgetDownloads(before day: Int64, limit: Int) throws(MetadataError) -> Bool {
        let rows = try connection.query(
            "SELECT day, repository_id, downloads FROM download_days WHERE day < $1 ORDER BY day LIMIT $2",
            [.integer(day), Self.page(limit)]
        )
        for row in rows {
            let (old, id) = (try row.integer("day"), try row.id("repository_id"))
            try connection.run(
                """
                UPDATE repositories SET downloads = CASE WHEN downloads > $2 THEN downloads - $2 ELSE 0 END
                WHERE id = $1
                """,
                [.id(id), .integer(try row.integer("downloads"))]
            )
            try connection.run(
                "DELETE FROM download_days WHERE day = $1 AND repository_id = $2",
                [.integer(old), .id(id)]
            )
        }
        return rows.count >= max(limit, 1)
    }

    /// Adds to the number of people who like a repository, or takes away from it; it never falls below zero.
    /// - Parameter trend: makes the new value out of the old one.
    /// - Returns: false when the repository is gone.
    @discardableResult
    package func changeLikes(
        repositoryID: RecordID,
        by difference: Int64,
        trend: (Int64) -> Int64
    ) throws(MetadataError) -> Bool {
        guard try changeTrend(repositoryID: repositoryID, trend) else { return false }
        try change(
            "UPDATE repositories SET likes = CASE WHEN likes + $2 > 0 THEN likes + $2 ELSE 0 END WHERE id = $1",
            [.id(repositoryID), .integer(difference)]
        )
        return true
    }

    private func changeTrend(
        repositoryID: RecordID,
        _ trend: (Int64) -> Int64
    ) throws(MetadataError) -> Bool {
        let row = try connection.first("SELECT trend FROM repositories WHERE id = $1", [.id(repositoryID)])
        guard let old = try row?.integer("trend") else { return false }
        let new = trend(old)
        guard new != old else { return true }
        try change("UPDATE repositories SET trend = $2 WHERE id = $1", [.id(repositoryID), .integer(new)])
        return true
    }
}
