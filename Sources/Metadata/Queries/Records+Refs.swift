package import Access

extension Records {
    /// All refs of a repository, in the order of the bytes of their names.
    package func refs(repositoryID: RecordID) throws(MetadataError) -> [RefRecord] {
        try connection.query(
            "SELECT name, oid, peeled FROM refs WHERE repository_id = $1 ORDER BY name",
            [.id(repositoryID)]
        ).map(RefRecord.init(row:))
    }

    /// One ref; nil when it does not exist.
    package func ref(repositoryID: RecordID, name: String) throws(MetadataError) -> RefRecord? {
        let row = try connection.first(
            "SELECT name, oid, peeled FROM refs WHERE repository_id = $1 AND name = $2",
            [.id(repositoryID), .text(name)]
        )
        guard let row else { return nil }
        return try RefRecord(row: row)
    }

    /// How many refs a repository has.
    package func refCount(repositoryID: RecordID) throws(MetadataError) -> Int {
        try count("SELECT count(*) AS count FROM refs WHERE repository_id = $1", [.id(repositoryID)])
    }

    /// Moves one ref from `old` to `new`, if it is at `old`: the compare-and-swap that decides races between pushes.
    /// - Parameters:
    ///   - old: the oid it must have; nil when it must not exist.
    ///   - new: the oid it gets; nil deletes it.
    ///   - peeled: what `new` finally points to when it is an annotated tag.
    /// - Returns: false when the ref is not at `old`; then nothing has changed.
    /// - Throws: `conflict` when there is no such repository.
    package func updateRef(
        repositoryID: RecordID,
        name: String,
        old: String?,
        new: String?,
        peeled: String?
    ) throws(MetadataError) -> Bool {
        let key = [SQLValue.id(repositoryID), .text(name)]
        switch (old, new) {
        case (nil, nil):
            return try ref(repositoryID: repositoryID, name: name) == nil
        case (nil, let new?):
            return try connection.run(Self.refInsertion, key + [.text(new), .text(orNull: peeled)]) == 1
        case (let old?, nil):
            return try connection.run(Self.refDeletion, key + [.text(old)]) == 1
        case (let old?, let new?):
            return try connection.run(Self.refMove, key + [.text(new), .text(orNull: peeled), .text(old)]) == 1
        }
    }

    /// Starts a new generation of a repository, after its refs changed.
    /// - Parameter everyObjectReachable: false when the change may have cut objects off. True does not undo an earlier
    ///   false: only a garbage collection knows that.
    /// - Returns: the new generation.
    /// - Throws: `notFound` when there is no such repository.
    package func bumpGeneration(
        repositoryID: RecordID,
        at moment: Timestamp,
        everyObjectReachable: Bool
    ) throws(MetadataError) -> Int64 {
        let row = try connection.first(
            """
            UPDATE repositories SET generation = generation + 1, updated_at = $2,
                every_object_reachable = CASE WHEN $3 = 0 THEN 0 ELSE every_object_reachable END
            WHERE id = $1 RETURNING generation
            """,
            [.id(repositoryID), .time(moment), .flag(everyObjectReachable)]
        )
        guard let row else { throw .notFound }
        return try row.integer("generation")
    }

    /// Notes that every stored object is reachable from refs, if these are still of a generation.
    ///
    /// - Returns: false when they have changed meanwhile; nothing is noted then.
    package func noteEveryObjectReachable(
        repositoryID: RecordID,
        generation: Int64
    ) throws(MetadataError) -> Bool {
        try connection.first(
            """
            UPDATE repositories SET every_object_reachable = 1 WHERE id = $1 AND generation = $2 RETURNING id
            """,
            [.id(repositoryID), .integer(generation)]
        ) != nil
    }

    /// Repositories that hold objects which no ref leads to, by id, a page of them.
    ///
    /// - Parameter after: the last of the page before.
    package func repositoriesWithUnreachableObjects(
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [RecordID] {
        let rows = try connection.query(
            """
            SELECT id FROM repositories WHERE every_object_reachable = 0 AND id > $1 ORDER BY id LIMIT $2
            """,
            [.text(after?.description ?? ""), .integer(Int64(limit))]
        )
        var ids: [RecordID] = []
        for row in rows { ids.append(try row.id("id")) }
        return ids
    }

    private static let refInsertion = """
        INSERT INTO refs (repository_id, name, oid, peeled) VALUES ($1, $2, $3, $4)
        ON CONFLICT (repository_id, name) DO NOTHING
        """

    private static let refMove =
        "UPDATE refs SET oid = $3, peeled = $4 WHERE repository_id = $1 AND name = $2 AND oid = $5"

    private static let refDeletion = "DELETE FROM refs WHERE repository_id = $1 AND name = $2 AND oid = $3"
}
