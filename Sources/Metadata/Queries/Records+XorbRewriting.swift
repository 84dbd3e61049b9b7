/// Xorbs of which files have gone.
extension Records {
    /// Notes about the xorbs of a file that is being forgotten that less of them may be in use now.
    ///
    /// Also about those that lie in the same objects: of a whole file all go, or none.
    func noteLoss(ofFile hash: String, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            UPDATE xorbs SET lost_file_at = $2
            WHERE oid IN (
                SELECT x.oid FROM xet_file_xorbs f JOIN xorbs x ON x.hash = f.xorb_hash WHERE f.file_hash = $1)
            """,
            [.text(hash), .time(moment)]
        )
    }

    /// A page of the xorbs that have lost a file, are part of another, and that nobody has used since a moment, by hash.
    ///
    /// Whole files that serve as their own xorbs are not among them while some repository has them, or may get them back.
    package func thinnedXorbs(before moment: Timestamp, after: String, limit: Int) throws(MetadataError) -> [XorbRecord]
    {
        try connection.query(
            """
            SELECT \(Self.xorbColumns) FROM xorbs x WHERE hash > $1 AND lost_file_at IS NOT NULL AND used_at < $2
            AND EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.xorb_hash = x.hash)
            AND (raw_offset IS NULL OR NOT (
                EXISTS (SELECT 1 FROM lfs_objects o WHERE o.oid = x.oid AND o.removed_at IS NULL)
                OR EXISTS (SELECT 1 FROM lfs_collected c WHERE c.oid = x.oid)))
            ORDER BY hash LIMIT $3
            """,
            [.text(after), .time(moment), Self.page(limit)]
        ).map(XorbRecord.init(row:))
    }

    /// The xorbs whose bytes are in an object, by hash.
    package func xorbs(oid: String) throws(MetadataError) -> [XorbRecord] {
        try connection.query(
            "SELECT \(Self.xorbColumns) FROM xorbs WHERE oid = $1 ORDER BY hash",
            [.text(oid)]
        ).map(XorbRecord.init(row:))
    }

    /// A page of the files that are made of a xorb, by hash.
    package func xetFiles(withXorb hash: String, after: String, limit: Int) throws(MetadataError) -> [XetFileRecord] {
        try connection.query(
            """
            SELECT f.hash, f.oid, f.size, f.terms, f.created_at FROM xet_file_xorbs x
            JOIN xet_files f ON f.hash = x.file_hash WHERE x.xorb_hash = $1 AND x.file_hash > $2
            ORDER BY x.file_hash LIMIT $3
            """,
            [.text(hash), .text(after), Self.page(limit)]
        ).map(XetFileRecord.init(row:))
    }

    /// Takes the note away that a xorb has lost a file.
    package func forgetLoss(ofXorb hash: String) throws(MetadataError) {
        try connection.run("UPDATE xorbs SET lost_file_at = NULL WHERE hash = $1", [.text(hash)])
    }

    /// Lets files be made of another xorb; the old one is in no file then, and stays until it is collected.
    ///
    /// - Parameters:
    ///   - files: all that are made of the old xorb, with their terms as they were read and as they shall be.
    ///   - chunks: the hashes of the chunks that the new xorb has.
    ///   - moment: nothing is done if the old xorb was used since.
    ///   - reading: as if the old xorb had been used then, for those who read it.
    /// - Returns: false, and nothing must be kept of this transaction, when somebody came in between.
    package func replaceXorb(
        _ old: String,
        by new: XorbRecord,
        in files: [(hash: String, terms: [UInt8], newTerms: [UInt8])],
        chunks: Set<String>,
        unusedSince moment: Timestamp,
        reading: Timestamp
    ) throws(MetadataError) -> Bool {
        let unchanged = try connection.first(
            """
            SELECT count(f.file_hash) AS files FROM xorbs x JOIN xet_file_xorbs f ON f.xorb_hash = x.hash
            WHERE x.hash = $1 AND x.used_at < $2
            """,
            [.text(old), .time(moment)]
        )
        guard try unchanged?.integer("files") == Int64(files.count) else { return false }
        try insertXorb(new)
        for file in files {
            let isDone =
                try connection.run(
                    """
                    UPDATE xet_files SET terms = $3 WHERE hash = $1 AND terms = $2
                    AND EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.file_hash = $1 AND f.xorb_hash = $4)
                    """,
                    [.text(file.hash), .blob(file.terms), .blob(file.newTerms), .text(old)]
                ) > 0
            guard isDone else { return false }
        }
        try connection.run(
            """
            INSERT INTO xet_file_xorbs (file_hash, xorb_hash)
            SELECT f.file_hash, CAST($2 AS TEXT) FROM xet_file_xorbs f WHERE f.xorb_hash = $1
            ON CONFLICT (file_hash, xorb_hash) DO NOTHING
            """,
            [.text(old), .text(new.hash)]
        )
        try connection.run("DELETE FROM xet_file_xorbs WHERE xorb_hash = $1", [.text(old)])
        try connection.run(
            "UPDATE xorbs SET lost_file_at = NULL, used_at = $2 WHERE hash = $1",
            [.text(old), .time(reading)]
        )
        try moveKnowledge(of: old, to: new.hash, chunks)
        return true
    }

    /// Lets a xorb lie in another object, as it is: all of it is in use, and the whole file that had it is nobody's.
    ///
    /// - Parameters:
    ///   - oid: the object that is the serialized xorb.
    ///   - moment: nothing is done if it was used since.
    /// - Returns: whether it was moved.
    package func moveXorb(
        _ xorb: XorbRecord,
        to oid: String,
        unusedSince moment: Timestamp
    ) throws(MetadataError) -> Bool {
        try connection.run(
            """
            UPDATE xorbs SET oid = $3, raw_offset = NULL, lost_file_at = NULL
            WHERE hash = $1 AND oid = $2 AND raw_offset IS NOT NULL AND used_at < $4
            """,
            [.text(xorb.hash), .text(xorb.oid), .text(oid), .time(moment)]
        ) > 0
    }

    /// Who could build on a xorb can build on what became of it, and is told of the chunks that it has.
    private func moveKnowledge(of old: String, to new: String, _ chunks: Set<String>) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO xorb_scopes (scope, xorb_hash) SELECT s.scope, CAST($2 AS TEXT) FROM xorb_scopes s
            WHERE s.xorb_hash = $1 ON CONFLICT (scope, xorb_hash) DO NOTHING
            """,
            [.text(old), .text(new)]
        )
        let known = try connection.query(
            "SELECT scope, chunk_hash FROM xet_known_chunks WHERE xorb_hash = $1",
            [.text(old)]
        )
        try connection.run("DELETE FROM xet_known_chunks WHERE xorb_hash = $1", [.text(old)])
        for row in known {
            let chunk = try row.text("chunk_hash")
            guard chunks.contains(chunk) else { continue }
            try noteKnownChunk(chunk, in: try row.text("scope"), xorb: new)
        }
    }
}
