package import Access

extension Records {
    static let xorbColumns =
        "hash, oid, raw_offset, stored_bytes, raw_bytes, chunks, chunk_index, created_at, used_at"

    // MARK: Xorbs

    /// Remembers a xorb whose bytes are published and proven; one that is known is only used anew.
    /// - Returns: whether it is new.
    @discardableResult
    package func insertXorb(_ xorb: XorbRecord) throws(MetadataError) -> Bool {
        let isNew = try connection.first("SELECT hash FROM xorbs WHERE hash = $1", [.text(xorb.hash)]) == nil
        try connection.run(
            """
            INSERT INTO xorbs (\(Self.xorbColumns)) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
            ON CONFLICT (hash) DO UPDATE SET used_at =
                CASE WHEN excluded.used_at > xorbs.used_at THEN excluded.used_at ELSE xorbs.used_at END
            """,
            [
                .text(xorb.hash), .text(xorb.oid), xorb.rawOffset.map(SQLValue.integer) ?? .null,
                .integer(xorb.storedBytes), .integer(xorb.rawBytes), .integer(xorb.chunks), .blob(xorb.chunkIndex),
                .time(xorb.createdAt), .time(xorb.usedAt),
            ]
        )
        return isNew
    }

    /// Lets a scope build on a xorb.
    /// - Throws: `conflict` when there is no such xorb.
    package func admitXorb(_ hash: String, to scope: String) throws(MetadataError) {
        try connection.run(
            "INSERT INTO xorb_scopes (scope, xorb_hash) VALUES ($1, $2) ON CONFLICT (scope, xorb_hash) DO NOTHING",
            [.text(scope), .text(hash)]
        )
    }

    /// The condition that a scope, which is the first parameter, may build on a xorb; without a scope that parameter is empty.
    static func isKnown(to scope: String?) -> String {
        scope == nil
            ? "$1 = ''" : "EXISTS (SELECT 1 FROM xorb_scopes s WHERE s.scope = $1 AND s.xorb_hash = xorbs.hash)"
    }

    /// The xorbs among these, by hash.
    /// - Parameter scope: if given, only those that this scope may build on.
    package func xorbs(
        _ hashes: some Collection<String>,
        in scope: String? = nil
    ) throws(MetadataError) -> [String: XorbRecord] {
        var found: [String: XorbRecord] = [:]
        for chunk in IDChunks(hashes) {
            let list = chunk.placeholders(from: 2)
            let sql = "SELECT \(Self.xorbColumns) FROM xorbs WHERE \(Self.isKnown(to: scope)) AND hash IN \(list)"
            for row in try connection.query(sql, [.text(scope ?? "")] + chunk.values) {
                let xorb = try XorbRecord(row: row)
                found[xorb.hash] = xorb
            }
        }
        return found
    }

    /// Notes that xorbs are in use, so that they are not collected for a while.
    package func touchXorbs(_ hashes: some Collection<String>, at moment: Timestamp) throws(MetadataError) {
        for chunk in IDChunks(hashes) {
            let list = chunk.placeholders(from: 2)
            try connection.run(
                "UPDATE xorbs SET used_at = $1 WHERE used_at < $1 AND hash IN \(list)",
                [.time(moment)] + chunk.values
            )
        }
    }

    /// Forgets a xorb that no file is made of.
    /// - Parameter moment: if given, only when nobody has used it since.
    /// - Returns: whether there was one.
    @discardableResult
    package func deleteUnusedXorb(_ hash: String, before moment: Timestamp? = nil) throws(MetadataError) -> Bool {
        try connection.run(
            """
            DELETE FROM xorbs WHERE hash = $1 AND used_at < $2
            AND NOT EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.xorb_hash = $1)
            """,
            [.text(hash), .time(moment ?? Timestamp(microseconds: .max))]
        ) > 0
    }

    /// A page of the xorbs that no file is made of and nobody has used since a moment, by hash.
    package func unusedXorbs(before moment: Timestamp, after: String, limit: Int) throws(MetadataError) -> [String] {
        try connection.query(
            """
            SELECT hash FROM xorbs x WHERE hash > $1 AND used_at < $2
            AND NOT EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.xorb_hash = x.hash) ORDER BY hash LIMIT $3
            """,
            [.text(after), .time(moment), Self.page(limit)]
        ).map { row throws(MetadataError) in try row.text("hash") }
    }

    // MARK: Chunks that clients ask for

    /// Notes in which xorb a scope finds a chunk; the first answer stays.
    package func noteKnownChunk(_ chunk: String, in scope: String, xorb: String) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO xet_known_chunks (scope, chunk_hash, xorb_hash) VALUES ($1, $2, $3)
            ON CONFLICT (scope, chunk_hash) DO NOTHING
            """,
            [.text(scope), .text(chunk), .text(xorb)]
        )
    }

    /// The xorb in which a scope finds a chunk.
    package func xorb(withChunk chunk: String, in scope: String) throws(MetadataError) -> XorbRecord? {
        let row = try connection.first(
            "SELECT xorb_hash FROM xet_known_chunks WHERE scope = $1 AND chunk_hash = $2",
            [.text(scope), .text(chunk)]
        )
        guard let hash = try row?.text("xorb_hash") else { return nil }
        return try xorbs([hash], in: scope)[hash]
    }

    // MARK: Files

    /// Remembers a file whose SHA-256 is proven; one that is known stays as it is.
    /// - Parameter xorbs: those in its terms.
    ///
    /// They count with the file from now on, and no longer as what was only sent.
    /// - Throws: `conflict` when one of them is not there.
    package func insertXetFile(_ file: XetFileRecord, xorbs: Set<String>) throws(MetadataError) {
        let isNew =
            try connection.run(
                """
                INSERT INTO xet_files (hash, oid, size, terms, created_at) VALUES ($1, $2, $3, $4, $5)
                ON CONFLICT (hash) DO NOTHING
                """,
                [.text(file.hash), .text(file.oid), .integer(file.size), .blob(file.terms), .time(file.createdAt)]
            ) > 0
        for chunk in IDChunks(xorbs.sorted()) {
            let list = chunk.placeholders(from: 1)
            try connection.run("DELETE FROM xorb_uploads WHERE xorb_hash IN \(list)", chunk.values)
        }
        guard isNew else { return }
        for xorb in xorbs.sorted() {
            try connection.run(
                "INSERT INTO xet_file_xorbs (file_hash, xorb_hash) VALUES ($1, $2)",
                [.text(file.hash), .text(xorb)]
            )
        }
    }

    /// A file by its hash.
    package func xetFile(hash: String) throws(MetadataError) -> XetFileRecord? {
        try connection.first(
            "SELECT hash, oid, size, terms, created_at FROM xet_files WHERE hash = $1",
            [.text(hash)]
        ).map(XetFileRecord.init(row:))
    }

    /// A file by its hash, if the repository has its content.
    package func xetFile(hash: String, repositoryID: RecordID) throws(MetadataError) -> XetFileRecord? {
        try connection.first(
            """
            SELECT f.hash, f.oid, f.size, f.terms, f.created_at FROM xet_files f
            JOIN lfs_objects o ON o.oid = f.oid AND o.repository_id = $2 AND o.removed_at IS NULL WHERE f.hash = $1
            """,
            [.text(hash), .id(repositoryID)]
        ).map(XetFileRecord.init(row:))
    }

    /// The youngest file that is made of a xorb, among others.
    package func xetFile(withXorb hash: String) throws(MetadataError) -> XetFileRecord? {
        try connection.first(
            """
            SELECT f.hash, f.oid, f.size, f.terms, f.created_at FROM xet_file_xorbs x
            JOIN xet_files f ON f.hash = x.file_hash WHERE x.xorb_hash = $1
            ORDER BY f.created_at DESC, f.hash LIMIT 1
            """,
            [.text(hash)]
        ).map(XetFileRecord.init(row:))
    }

    /// The chunked form of a content; if there are several, the oldest.
    package func xetFile(oid: String) throws(MetadataError) -> XetFileRecord? {
        try connection.first(
            "SELECT hash, oid, size, terms, created_at FROM xet_files WHERE oid = $1 ORDER BY created_at, hash LIMIT 1",
            [.text(oid)]
        ).map(XetFileRecord.init(row:))
    }

    /// The hashes of the chunked forms of contents that a repository has, by oid.
    package func xetHashes(
        oids: some Collection<String>,
        repositoryID: RecordID
    ) throws(MetadataError) -> [String: String] {
        var found: [String: String] = [:]
        for chunk in IDChunks(oids) {
            let list = chunk.placeholders(from: 2)
            let sql = """
                SELECT f.oid, f.hash FROM xet_files f
                JOIN lfs_objects o ON o.oid = f.oid AND o.repository_id = $1 AND o.removed_at IS NULL
                WHERE f.oid IN \(list) ORDER BY f.created_at DESC, f.hash DESC
                """
            for row in try connection.query(sql, [.id(repositoryID)] + chunk.values) {
                found[try row.text("oid")] = try row.text("hash")
            }
        }
        return found
    }

    /// What makes a chunked file dead: no repository has its content, nor may get it back from a collection.
    private static let isDead = """
        f.created_at < $1
        AND NOT EXISTS (SELECT 1 FROM lfs_objects o WHERE o.oid = f.oid AND o.removed_at IS NULL)
        AND NOT EXISTS (SELECT 1 FROM lfs_collected c WHERE c.oid = f.oid)
        """

    /// A page of the chunked files from before a moment whose content no repository has, by hash.
    package func deadXetFiles(before moment: Timestamp, after: String, limit: Int) throws(MetadataError) -> [String] {
        try connection.query(
            "SELECT f.hash FROM xet_files f WHERE f.hash > $2 AND \(Self.isDead) ORDER BY f.hash LIMIT $3",
            [.time(moment), .text(after), Self.page(limit)]
        ).map { row throws(MetadataError) in try row.text("hash") }
    }

    /// Forgets a chunked file, if its content still is nobody's.
    /// - Returns: whether there was one.
    package func deleteDeadXetFile(
        _ hash: String,
        before moment: Timestamp,
        at now: Timestamp
    ) throws(MetadataError) -> Bool {
        let isDead = try connection.first(
            "SELECT f.hash FROM xet_files f WHERE f.hash = $2 AND \(Self.isDead)",
            [.time(moment), .text(hash)]
        )
        guard isDead != nil else { return false }
        try noteLoss(ofFile: hash, at: now)
        try connection.run("DELETE FROM xet_files WHERE hash = $1", [.text(hash)])
        return true
    }

    /// Forgets the chunked forms of a content, and what served as xorbs for nothing else.
    package func deleteXetFiles(oid: String, at now: Timestamp) throws(MetadataError) {
        let hashes = try connection.query("SELECT hash FROM xet_files WHERE oid = $1", [.text(oid)])
        for row in hashes { try noteLoss(ofFile: try row.text("hash"), at: now) }
        try connection.run("DELETE FROM xet_files WHERE oid = $1", [.text(oid)])
        try connection.run(
            """
            DELETE FROM xorbs WHERE oid = $1 AND raw_offset IS NOT NULL
            AND NOT EXISTS (SELECT 1 FROM xet_file_xorbs f WHERE f.xorb_hash = xorbs.hash)
            """,
            [.text(oid)]
        )
    }

    /// Bytes that the large files of a repository take in the store: chunks that they share count once, and so do those that
    /// other repositories share with it.
    package func storedBytes(repositoryID: RecordID) throws(MetadataError) -> Int64 {
        let whole = try connection.first(
            """
            SELECT CAST(coalesce(sum(o.size), 0) AS BIGINT) AS bytes FROM lfs_objects o
            WHERE o.repository_id = $1 AND o.removed_at IS NULL AND NOT EXISTS (
                SELECT 1 FROM xet_files f JOIN xet_file_xorbs fx ON fx.file_hash = f.hash
                JOIN xorbs x ON x.hash = fx.xorb_hash WHERE f.oid = o.oid AND x.raw_offset IS NULL)
            """,
            [.id(repositoryID)]
        )
        let chunked = try connection.first(
            """
            SELECT CAST(coalesce(sum(x.stored_bytes), 0) AS BIGINT) AS bytes FROM xorbs x
            WHERE x.raw_offset IS NULL AND x.hash IN (
                SELECT fx.xorb_hash FROM lfs_objects o JOIN xet_files f ON f.oid = o.oid
                JOIN xet_file_xorbs fx ON fx.file_hash = f.hash WHERE o.repository_id = $1 AND o.removed_at IS NULL)
            """,
            [.id(repositoryID)]
        )
        return try (whole?.integer("bytes") ?? 0) + (chunked?.integer("bytes") ?? 0)
    }

    /// Sums over all chunked files and xorbs.
    ///
    /// Whole files that serve as their own xorbs take nothing besides themselves.
    package func xetUsage() throws(MetadataError) -> XetUsage {
        var usage = XetUsage()
        if let row = try connection.first(
            "SELECT count(*) AS files, CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes FROM xet_files",
            []
        ) {
            usage.files = try row.integer("files")
            usage.logicalBytes = try row.integer("bytes")
        }
        if let row = try connection.first(
            """
            SELECT count(*) AS xorbs, CAST(coalesce(
                sum(CASE WHEN raw_offset IS NULL THEN stored_bytes ELSE raw_bytes END), 0) AS BIGINT) AS bytes FROM xorbs
            """,
            []
        ) {
            usage.xorbs = try row.integer("xorbs")
            usage.physicalBytes = try row.integer("bytes")
        }
        return usage
    }
}
