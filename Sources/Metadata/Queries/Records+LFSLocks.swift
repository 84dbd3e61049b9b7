package import Access

extension Records {
    /// Locks a path, if it is free: the unique index decides between those who ask at once.
    /// - Returns: false when the path is locked already, by whomever.
    /// - Throws: `conflict` when there is no such repository.
    package func insertLFSLock(_ lock: LFSLockRecord) throws(MetadataError) -> Bool {
        try connection.run(
            """
            INSERT INTO lfs_locks (id, repository_id, path, owner_id, owner_name, refname, locked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (repository_id, path) DO NOTHING
            """,
            [
                .id(lock.id), .id(lock.repositoryID), .text(lock.path), .id(lock.ownerID), .text(lock.ownerName),
                .text(orNull: lock.refName), .time(lock.lockedAt),
            ]
        ) > 0
    }

    /// A repository's lock with an id.
    package func lfsLock(repositoryID: RecordID, id: RecordID) throws(MetadataError) -> LFSLockRecord? {
        let sql = "\(Self.lockSelection) WHERE id = $1 AND repository_id = $2"
        guard let row = try connection.first(sql, [.id(id), .id(repositoryID)]) else { return nil }
        return try LFSLockRecord(row: row)
    }

    /// A repository's lock on a path.
    package func lfsLock(repositoryID: RecordID, path: String) throws(MetadataError) -> LFSLockRecord? {
        let sql = "\(Self.lockSelection) WHERE repository_id = $1 AND path = $2"
        guard let row = try connection.first(sql, [.id(repositoryID), .text(path)]) else { return nil }
        return try LFSLockRecord(row: row)
    }

    /// A page of a repository's locks in the order in which they were made.
    /// - Parameters:
    ///   - after: the last id of the page before, whether or not that lock still exists; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func lfsLocks(
        repositoryID: RecordID,
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [LFSLockRecord] {
        try connection.query(
            "\(Self.lockSelection) WHERE repository_id = $1 AND id > $2 ORDER BY id LIMIT $3",
            [.id(repositoryID), .text(after?.description ?? ""), Self.page(limit)]
        ).map(LFSLockRecord.init(row:))
    }

    /// How many paths of a repository are locked; by one holder, unless that is nil.
    package func lfsLockCount(repositoryID: RecordID, by ownerID: RecordID?) throws(MetadataError) -> Int {
        guard let ownerID else {
            return try count(
                "SELECT count(*) AS count FROM lfs_locks WHERE repository_id = $1",
                [.id(repositoryID)]
            )
        }
        return try count(
            "SELECT count(*) AS count FROM lfs_locks WHERE repository_id = $1 AND owner_id = $2",
            [.id(repositoryID), .id(ownerID)]
        )
    }

    /// The youngest lock of a repository that somebody else than `ownerID` holds, anybody when that is nil.
    package func newestLFSLock(repositoryID: RecordID, except ownerID: RecordID?) throws(MetadataError) -> RecordID? {
        try connection.first(
            "SELECT id FROM lfs_locks WHERE repository_id = $1 AND owner_id <> $2 ORDER BY id DESC LIMIT 1",
            [.id(repositoryID), .text(ownerID?.description ?? "")]
        )?.id("id")
    }

    /// Whether somebody else than `ownerID` holds a lock that was made for one of these names of a ref.
    package func isLocked(
        repositoryID: RecordID,
        refNames: (full: String, short: String),
        except ownerID: RecordID?
    ) throws(MetadataError) -> Bool {
        try connection.first(
            """
            SELECT 1 AS there FROM lfs_locks
            WHERE repository_id = $1 AND refname IN ($2, $3) AND owner_id <> $4 LIMIT 1
            """,
            [
                .id(repositoryID), .text(refNames.full), .text(refNames.short),
                .text(ownerID?.description ?? ""),
            ]
        ) != nil
    }

    /// A page of the locks of a repository that others than `ownerID` hold, in the order in which they were made;
    /// everybody's when that is nil.
    /// - Parameters:
    ///   - after: the last id of the page before, whether or not that lock still exists; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func lfsLocks(
        repositoryID: RecordID,
        except ownerID: RecordID?,
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [LFSLockRecord] {
        try connection.query(
            """
            \(Self.lockSelection) WHERE repository_id = $1 AND owner_id <> $2 AND id > $3 ORDER BY id LIMIT $4
            """,
            [
                .id(repositoryID), .text(ownerID?.description ?? ""), .text(after?.description ?? ""),
                Self.page(limit),
            ]
        ).map(LFSLockRecord.init(row:))
    }

    /// Unlocks.
    /// - Returns: whether there was such a lock.
    package func deleteLFSLock(id: RecordID) throws(MetadataError) -> Bool {
        try connection.run("DELETE FROM lfs_locks WHERE id = $1", [.id(id)]) > 0
    }

    private static let lockSelection = """
        SELECT id, repository_id, path, owner_id, owner_name, refname, locked_at FROM lfs_locks
        """
}
