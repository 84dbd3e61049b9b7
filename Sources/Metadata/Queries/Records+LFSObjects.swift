package import Access

extension Records {
    /// The rows of some objects in one repository, by object id; those removed by an administrator included.
    ///
    /// The cost is that of the ids asked for, not that of the repository.
    package func lfsObjects(
        repositoryID: RecordID,
        oids: some Collection<String>
    ) throws(MetadataError) -> [String: LFSObjectRecord] {
        var found: [String: LFSObjectRecord] = [:]
        for chunk in IDChunks(oids) {
            let sql = "\(Self.objectSelection) WHERE repository_id = $1 AND oid IN \(chunk.placeholders(from: 2))"
            for row in try connection.query(sql, [.id(repositoryID)] + chunk.values) {
                let record = try LFSObjectRecord(row: row)
                found[record.oid] = record
            }
        }
        return found
    }

    /// The row of one object in one repository; also when an administrator has removed it.
    package func lfsObject(repositoryID: RecordID, oid: String) throws(MetadataError) -> LFSObjectRecord? {
        let sql = "\(Self.objectSelection) WHERE repository_id = $1 AND oid = $2"
        guard let row = try connection.first(sql, [.id(repositoryID), .text(oid)]) else { return nil }
        return try LFSObjectRecord(row: row)
    }

    /// A page of a repository's objects in the order of their ids, without those that were removed.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func lfsObjects(
        repositoryID: RecordID,
        after: String?,
        limit: Int
    ) throws(MetadataError) -> [LFSObjectRecord] {
        try connection.query(
            """
            \(Self.objectSelection) WHERE repository_id = $1 AND oid > $2 AND removed_at IS NULL ORDER BY oid LIMIT $3
            """,
            [.id(repositoryID), .text(after ?? ""), Self.page(limit)]
        ).map(LFSObjectRecord.init(row:))
    }

    /// Gives a repository an object and counts it, in the transaction that settles its upload.
    ///
    /// One that an administrator removed is there again. The note that garbage collection has set the bytes aside stays
    /// until they are seen to be back: see `condemnLFSObject`.
    /// - Returns: false when the repository had it; then nothing is counted.
    /// - Throws: `conflict` when there is no such repository.
    @discardableResult
    package func insertLFSObject(_ object: LFSObjectRecord) throws(MetadataError) -> Bool {
        let isNew =
            try connection.run(
                """
                INSERT INTO lfs_objects (repository_id, oid, size, created_at, removed_at) VALUES ($1, $2, $3, $4, NULL)
                ON CONFLICT (repository_id, oid) DO UPDATE
                SET size = excluded.size, created_at = excluded.created_at, removed_at = NULL
                WHERE lfs_objects.removed_at IS NOT NULL
                """,
                [.id(object.repositoryID), .text(object.oid), .integer(object.size), .time(object.createdAt)]
            ) > 0
        if isNew { try countLFS(repositoryID: object.repositoryID, objects: 1, bytes: object.size) }
        try connection.run(
            "DELETE FROM lfs_collected WHERE repository_id = $1 AND oid = $2",
            [.id(object.repositoryID), .text(object.oid)]
        )
        return isNew
    }

    /// Gives a new repository the objects that another one has, but for some, and counts them; no bytes move.
    package func copyLFSObjects(
        from source: RecordID,
        to target: RecordID,
        except oids: [String],
        at moment: Timestamp
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO lfs_objects (repository_id, oid, size, created_at, removed_at)
            SELECT CAST($2 AS TEXT), oid, size, CAST($3 AS BIGINT), NULL FROM lfs_objects
            WHERE repository_id = $1 AND removed_at IS NULL
            """,
            [.id(source), .id(target), .time(moment)]
        )
        for oid in oids {
            try connection.run(
                "DELETE FROM lfs_objects WHERE repository_id = $1 AND oid = $2",
                [.id(target), .text(oid)]
            )
        }
        let row = try connection.first(
            """
            SELECT count(*) AS objects, CAST(coalesce(sum(size), 0) AS BIGINT) AS bytes
            FROM lfs_objects WHERE repository_id = $1
            """,
            [.id(target)]
        )
        guard let row, case let objects = try row.integer("objects"), objects > 0 else { return }
        try countLFS(repositoryID: target, objects: objects, bytes: try row.integer("bytes"))
    }

    /// Takes an object away from a repository, remembering that an administrator did it.
    /// - Returns: whether it was there.
    package func removeLFSObject(
        repositoryID: RecordID,
        oid: String,
        at moment: Timestamp
    ) throws(MetadataError) -> Bool {
        let row = try connection.first(
            """
            UPDATE lfs_objects SET removed_at = $3
            WHERE repository_id = $1 AND oid = $2 AND removed_at IS NULL RETURNING size
            """,
            [.id(repositoryID), .text(oid), .time(moment)]
        )
        guard let row else { return false }
        try countLFS(repositoryID: repositoryID, objects: -1, bytes: -(try row.integer("size")))
        return true
    }

    /// A page of the objects that any repository has, by id, each once.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func lfsObjects(after: String?, limit: Int) throws(MetadataError) -> [(oid: String, size: Int64)] {
        try connection.query(
            """
            SELECT oid, max(size) AS size FROM lfs_objects WHERE oid > $1 AND removed_at IS NULL
            GROUP BY oid ORDER BY oid LIMIT $2
            """,
            [.text(after ?? ""), Self.page(limit)]
        ).map { row throws(MetadataError) in (try row.text("oid"), try row.integer("size")) }
    }

    /// The repositories that have an object.
    ///
    /// - Parameter limit: at most so many.
    package func repositories(withLFSObject oid: String, limit: Int = .max) throws(MetadataError) -> [RecordID] {
        try connection.query(
            "SELECT repository_id FROM lfs_objects WHERE oid = $1 AND removed_at IS NULL ORDER BY repository_id LIMIT $2",
            [.text(oid), .integer(Int64(clamping: limit))]
        ).map { row throws(MetadataError) in try row.id("repository_id") }
    }

    /// How often objects were taken away from a repository: while it stays the same, what was seen is still there.
    package func lfsRemovals(repositoryID: RecordID) throws(MetadataError) -> Int64 {
        let sql = "SELECT removals FROM lfs_usage WHERE repository_id = $1"
        return try connection.first(sql, [.id(repositoryID)])?.integer("removals") ?? 0
    }

    /// Adds to what a repository's large files amount to; a negative number of objects is a removal.
    func countLFS(repositoryID: RecordID, objects: Int64, bytes: Int64) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO lfs_usage (repository_id, objects, bytes, removals) VALUES ($1, $2, $3, $4)
            ON CONFLICT (repository_id) DO UPDATE
            SET objects = lfs_usage.objects + excluded.objects, bytes = lfs_usage.bytes + excluded.bytes,
                removals = lfs_usage.removals + excluded.removals
            """,
            [.id(repositoryID), .integer(objects), .integer(bytes), .flag(objects < 0)]
        )
    }

    private static let objectSelection = "SELECT repository_id, oid, size, created_at, removed_at FROM lfs_objects"
}

/// Ids for `IN` lists, in chunks of few different lengths, so that few different statements are prepared.
///
/// The last chunk is filled up with its last id, which changes no answer.
struct IDChunks: Sequence, IteratorProtocol {
    /// Ids for one statement.
    struct Chunk {
        let values: [SQLValue]

        /// `($2, $3, …)`.
        func placeholders(from first: Int) -> String {
            "(" + values.indices.map { "$\(first + $0)" }.joined(separator: ", ") + ")"
        }
    }

    private static let lengths = [1, 8, 100]
    private var rest: ArraySlice<String>

    init(_ ids: some Collection<String>) {
        rest = ArraySlice(ids)
    }

    mutating func next() -> Chunk? {
        guard let last = rest.prefix(100).last else { return nil }
        let ids = rest.prefix(100)
        rest = rest.dropFirst(100)
        let length = Self.lengths.first { $0 >= ids.count } ?? ids.count
        let padding = Array(repeating: SQLValue.text(last), count: length - ids.count)
        return Chunk(values: ids.map(SQLValue.text) + padding)
    }
}
