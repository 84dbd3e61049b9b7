package import Access

extension Records {
    /// Takes objects away from a repository because nothing refers to them, and remembers the rows for `undo`.
    /// - Parameter before: rows that are not older stay, whatever the caller thinks: an upload may have renewed them.
    /// - Returns: how many rows were taken away, and their bytes.
    package func collectLFSObjects(
        repositoryID: RecordID,
        oids: some Collection<String>,
        before: Timestamp,
        at moment: Timestamp
    ) throws(MetadataError) -> LFSUsage {
        var gone = LFSUsage()
        for oid in oids {
            let row = try connection.first(
                """
                DELETE FROM lfs_objects
                WHERE repository_id = $1 AND oid = $2 AND removed_at IS NULL AND created_at < $3
                RETURNING size, created_at
                """,
                [.id(repositoryID), .text(oid), .time(before)]
            )
            guard let row else { continue }
            let size = try row.integer("size")
            try connection.run(
                """
                INSERT INTO lfs_collected (repository_id, oid, size, created_at, collected_at)
                VALUES ($1, $2, $3, $4, $5) ON CONFLICT (repository_id, oid) DO NOTHING
                """,
                [.id(repositoryID), .text(oid), .integer(size), .integer(try row.integer("created_at")), .time(moment)]
            )
            gone.objects += 1
            gone.bytes += size
        }
        if gone.objects > 0 { try countLFS(repositoryID: repositoryID, objects: -gone.objects, bytes: -gone.bytes) }
        return gone
    }

    /// Takes an object away from a repository whose bytes are lost, so that it counts as never sent.
    package func forgetLFSObject(repositoryID: RecordID, oid: String) throws(MetadataError) {
        let row = try connection.first(
            "DELETE FROM lfs_objects WHERE repository_id = $1 AND oid = $2 AND removed_at IS NULL RETURNING size",
            [.id(repositoryID), .text(oid)]
        )
        guard let row else { return }
        try countLFS(repositoryID: repositoryID, objects: -1, bytes: -(try row.integer("size")))
    }

    /// The objects among these that some repository has, or may soon have, by an upload in parts, that are attached to what
    /// somebody wrote, or that chunks lie in.
    package func neededLFSObjects(among oids: some Collection<String>) throws(MetadataError) -> Set<String> {
        var needed: Set<String> = []
        for chunk in IDChunks(oids) {
            let list = chunk.placeholders(from: 1)
            let sql = """
                SELECT oid FROM lfs_objects WHERE removed_at IS NULL AND oid IN \(list)
                UNION SELECT oid FROM lfs_uploads WHERE oid IN \(list)
                UNION SELECT oid FROM attachments WHERE oid IN \(list)
                UNION SELECT oid FROM xorbs WHERE oid IN \(list)
                """
            for row in try connection.query(sql, chunk.values) { needed.insert(try row.text("oid")) }
        }
        return needed
    }

    /// Notes that an object's bytes are to go out of sight, unless a repository has it: the look and the note are one
    /// transaction.
    ///
    /// Whoever makes a row while there is a note sees to it that the bytes are back. The note stays for as long as that may
    /// not have happened, so that after a crash the next collection knows what to bring back.
    /// - Returns: whether it was noted.
    package func condemnLFSObject(oid: String, size: Int64, at moment: Timestamp) throws(MetadataError) -> Bool {
        guard try neededLFSObjects(among: [oid]).isEmpty else { return false }
        try connection.run(
            """
            INSERT INTO lfs_condemned (oid, size, condemned_at) VALUES ($1, $2, $3)
            ON CONFLICT (oid) DO UPDATE SET condemned_at = excluded.condemned_at
            """,
            [.text(oid), .integer(size), .time(moment)]
        )
        return true
    }

    /// Whether an object is noted to be out of sight.
    package func isLFSObjectCondemned(_ oid: String) throws(MetadataError) -> Bool {
        try connection.first("SELECT oid FROM lfs_condemned WHERE oid = $1", [.text(oid)]) != nil
    }

    /// Takes the note away that an object is out of sight.
    package func acquitLFSObject(_ oid: String) throws(MetadataError) {
        try connection.run("DELETE FROM lfs_condemned WHERE oid = $1", [.text(oid)])
    }

    /// A page of the objects that are out of sight although something has them, by id.
    /// - Parameter limit: 1 through `largestPage`; other values are moved into that range.
    package func wronglyCondemnedLFSObjects(after: String?, limit: Int) throws(MetadataError) -> [String] {
        try connection.query(
            """
            SELECT c.oid FROM lfs_condemned c WHERE c.oid > $1
            AND (EXISTS (SELECT 1 FROM lfs_objects o WHERE o.oid = c.oid AND o.removed_at IS NULL)
                OR EXISTS (SELECT 1 FROM attachments a WHERE a.oid = c.oid)
                OR EXISTS (SELECT 1 FROM xorbs x WHERE x.oid = c.oid))
            ORDER BY c.oid LIMIT $2
            """,
            [.text(after ?? ""), Self.page(limit)]
        ).map { row throws(MetadataError) in try row.text("oid") }
    }

    /// A page of the objects that are out of sight, by id.
    /// - Parameter limit: 1 through `largestPage`; other values are moved into that range.
    package func condemnedLFSObjects(
        after: String?,
        limit: Int
    ) throws(MetadataError) -> [(oid: String, size: Int64)] {
        try connection.query(
            "SELECT oid, size FROM lfs_condemned WHERE oid > $1 ORDER BY oid LIMIT $2",
            [.text(after ?? ""), Self.page(limit)]
        ).map { row throws(MetadataError) in (try row.text("oid"), try row.integer("size")) }
    }

    /// A repository's objects that are out of sight; whoever made the rows brings them back.
    package func condemnedLFSObjects(repositoryID: RecordID) throws(MetadataError) -> [(oid: String, size: Int64)] {
        try connection.query(
            """
            SELECT o.oid, o.size FROM lfs_condemned c JOIN lfs_objects o ON o.oid = c.oid
            WHERE o.repository_id = $1 AND o.removed_at IS NULL ORDER BY o.oid
            """,
            [.id(repositoryID)]
        ).map { row throws(MetadataError) in (try row.text("oid"), try row.integer("size")) }
    }

    /// A page of the rows that garbage collection took away, with their creation times, by repository and object.
    /// - Parameter limit: 1 through `largestPage`; other values are moved into that range.
    package func collectedLFSObjects(
        after: (repositoryID: RecordID, oid: String)?,
        limit: Int
    ) throws(MetadataError) -> [LFSObjectRecord] {
        try connection.query(
            """
            SELECT repository_id, oid, size, created_at, NULL AS removed_at FROM lfs_collected
            WHERE repository_id > $1 OR (repository_id = $1 AND oid > $2) ORDER BY repository_id, oid LIMIT $3
            """,
            [.text(after?.repositoryID.description ?? ""), .text(after?.oid ?? ""), Self.page(limit)]
        ).map(LFSObjectRecord.init(row:))
    }

    /// Forgets what was taken away before a moment, so that it cannot be undone any more, and the notes about bytes out of
    /// sight that were made before another.
    package func forgetCollectedLFSObjects(
        before moment: Timestamp,
        notesBefore noteMoment: Timestamp
    ) throws(MetadataError) {
        try connection.run("DELETE FROM lfs_collected WHERE collected_at < $1", [.time(moment)])
        try connection.run("DELETE FROM lfs_condemned WHERE condemned_at < $1", [.time(noteMoment)])
    }
}
