package import Access

/// Xorbs while they are sent and registered.
extension Records {
    /// Where xorbs lie and how many chunks they have, without their indexes.
    /// - Parameter scope: if given, only of those that this scope may build on.
    package func xorbPlaces(
        _ hashes: some Collection<String>,
        in scope: String? = nil
    ) throws(MetadataError) -> [String: (oid: String, chunks: Int64)] {
        var found: [String: (oid: String, chunks: Int64)] = [:]
        for chunk in IDChunks(hashes) {
            let list = chunk.placeholders(from: 2)
            let sql = "SELECT hash, oid, chunks FROM xorbs WHERE \(Self.isKnown(to: scope)) AND hash IN \(list)"
            for row in try connection.query(sql, [.text(scope ?? "")] + chunk.values) {
                found[try row.text("hash")] = (try row.text("oid"), try row.integer("chunks"))
            }
        }
        return found
    }

    /// Counts a xorb as what a repository is about to have more, until a file is made of it.
    ///
    /// One that is in a file, or that another repository has sent, takes nothing more.
    package func noteXorbUpload(_ hash: String, to repositoryID: RecordID, size: Int64) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO xorb_uploads (xorb_hash, repository_id, size) SELECT $1, $2, CAST($3 AS BIGINT)
            WHERE NOT EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.xorb_hash = $1)
            ON CONFLICT (xorb_hash) DO NOTHING
            """,
            [.text(hash), .id(repositoryID), .integer(size)]
        )
    }

    /// Whether one of these xorbs was used last before a moment.
    package func hasXorb(_ hashes: some Collection<String>, usedBefore moment: Timestamp) throws(MetadataError) -> Bool
    {
        for chunk in IDChunks(hashes) {
            let list = chunk.placeholders(from: 2)
            let sql = "SELECT hash FROM xorbs WHERE used_at < $1 AND hash IN \(list) LIMIT 1"
            if try connection.first(sql, [.time(moment)] + chunk.values) != nil { return true }
        }
        return false
    }

    /// Bytes of the xorbs among these that were sent to a repository and are in no file yet.
    package func xorbUploads(
        among hashes: some Collection<String>,
        to repositoryID: RecordID
    ) throws(MetadataError) -> Int64 {
        var total: Int64 = 0
        for chunk in IDChunks(Set(hashes)) {
            let list = chunk.placeholders(from: 2)
            let sql = """
                SELECT CAST(coalesce(sum(size), 0) AS BIGINT) AS total FROM xorb_uploads
                WHERE repository_id = $1 AND xorb_hash IN \(list)
                """
            total += try connection.first(sql, [.id(repositoryID)] + chunk.values)?.integer("total") ?? 0
        }
        return total
    }
}

/// Xorbs whose bytes are lost.
extension Records {
    /// A page of the objects that xorbs lie in, by name.
    package func xorbObjects(after: String, limit: Int) throws(MetadataError) -> [String] {
        try connection.query(
            "SELECT DISTINCT oid FROM xorbs WHERE oid > $1 ORDER BY oid LIMIT $2",
            [.text(after), Self.page(limit)]
        ).map { row throws(MetadataError) in try row.text("oid") }
    }

    /// The contents whose chunked form needs xorbs that lie in an object.
    package func xetFiles(madeOf oid: String) throws(MetadataError) -> [String] {
        try connection.query(
            """
            SELECT DISTINCT f.oid FROM xorbs x JOIN xet_file_xorbs fx ON fx.xorb_hash = x.hash
            JOIN xet_files f ON f.hash = fx.file_hash WHERE x.oid = $1 AND f.oid <> $1 ORDER BY f.oid
            """,
            [.text(oid)]
        ).map { row throws(MetadataError) in try row.text("oid") }
    }

    /// Forgets the xorbs that lie in an object, and the chunked forms that are made of them.
    package func forgetXorbs(ofObject oid: String) throws(MetadataError) {
        try connection.run(
            """
            DELETE FROM xet_files WHERE hash IN (
                SELECT fx.file_hash FROM xorbs x JOIN xet_file_xorbs fx ON fx.xorb_hash = x.hash WHERE x.oid = $1)
            """,
            [.text(oid)]
        )
        try connection.run("DELETE FROM xorbs WHERE oid = $1", [.text(oid)])
    }
}
