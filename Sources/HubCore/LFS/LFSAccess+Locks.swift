package import Access
package import LFS
import Metadata

/// Who can hold locks: a user, or a key that acts for itself.
struct LockHolder: Equatable {
    let id: RecordID
    let name: String

    /// The holder that an actor is; nil for the anonymous and the operator, who cannot be asked to unlock.
    init?(_ actor: Actor) {
        switch actor {
        case .user(let user): (id, name) = (user.id, user.name)
        case .key(let key): (id, name) = (key.id, actor.auditName)
        case .anonymous, .operator: return nil
        }
    }
}

extension LFSAccess {
    /// Locks in one repository.
    private static let lockLimit = 100_000
    /// Locks of one holder in one repository, so that nobody takes them all.
    private static let lockLimitOfOne = 10_000

    /// Locks a path; of several who ask at once one gets it.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func createLock(
        _ address: RepositoryAddress,
        _ request: LockRequest,
        by actor: Actor,
        followsRename: Bool
    ) async throws -> LockCreation {
        try await createLock(request.path, request.refName) { records in
            (
                try records.repository(at: address, action: .writeRepository, by: actor, followsRename: followsRename),
                actor
            )
        }
    }

    func createLock(
        _ path: LockPath,
        _ refName: String?,
        in find: @Sendable (Records) throws -> (RepositoryRecord, Actor)
    ) async throws -> LockCreation {
        try await database.transaction { records in
            let (repository, actor) = try find(records)
            guard let holder = LockHolder(actor) else {
                throw HubError(.forbidden, "Only an account or a key can hold a lock.")
            }
            if let lock = try records.lfsLock(repositoryID: repository.id, path: path.text) {
                return .conflict(try LFSLock(lock))
            }
            guard try records.lfsLockCount(repositoryID: repository.id, by: holder.id) < Self.lockLimitOfOne,
                try records.lfsLockCount(repositoryID: repository.id, by: nil) < Self.lockLimit
            else {
                throw LFSFailure(status: 403, "There are too many locks. Unlock files that are not in use.")
            }
            let lock = LFSLockRecord(
                id: try youngerID(in: repository.id, records),
                repositoryID: repository.id,
                path: path.text,
                ownerID: holder.id,
                ownerName: holder.name,
                refName: refName,
                lockedAt: environment.now()
            )
            guard try records.insertLFSLock(lock) else { throw MetadataError.busy }
            return .created(try LFSLock(lock))
        }
    }

    /// An id above those of all locks of a repository, even when the clock has been put back: a push looks only at what is
    /// younger than what it has seen.
    private func youngerID(in repositoryID: RecordID, _ records: Records) throws -> RecordID {
        let id = try environment.newID()
        guard let newest = try records.newestLFSLock(repositoryID: repositoryID, except: nil), id <= newest else {
            return id
        }
        guard let next = newest.successor else { throw HubError(.internalFailure, "The hub could not make an id.") }
        return next
    }

    /// A page of a repository's locks, for readers.
    ///
    /// - Throws: `HubError` as `Access` decides; `LFSFailure` 400 for a cursor that is not one.
    package func locks(
        _ address: RepositoryAddress,
        _ query: LockQuery,
        by actor: Actor,
        followsRename: Bool
    ) async throws -> LockPage {
        try await locks(query) { records in
            (
                try records.repository(at: address, action: .readRepository, by: actor, followsRename: followsRename),
                actor
            )
        }
    }

    /// A page of a repository's locks for who is about to push, and so must be allowed to.
    ///
    /// - Throws: `HubError` as `Access` decides; `LFSFailure` 400 for a cursor that is not one.
    package func verifyLocks(
        _ address: RepositoryAddress,
        _ query: LockQuery,
        by actor: Actor,
        followsRename: Bool
    ) async throws -> LockPage {
        try await locks(query) { records in
            (
                try records.repository(at: address, action: .writeRepository, by: actor, followsRename: followsRename),
                actor
            )
        }
    }

    func locks(
        _ query: LockQuery,
        in find: @Sendable (Records) throws -> (RepositoryRecord, Actor)
    ) async throws -> LockPage {
        let cursor = try query.cursor.map { text throws(LFSFailure) in
            guard let id = RecordID(text) else { throw LFSFailure(status: 400, "The cursor is not one of ours.") }
            return id
        }
        let limit = min(max(query.limit, 1), LockQuery.largestPage)
        return try await database.read { records in
            let (repository, actor) = try find(records)
            let holder = LockHolder(actor)
            var found = try Self.locks(query, repository.id, after: cursor, limit: limit + 1, records)
            let isLast = found.count <= limit
            found = Array(found.prefix(limit))
            let held = try found.map { LockPage.Held(try LFSLock($0), isOurs: $0.ownerID == holder?.id) }
            return LockPage(locks: held, nextCursor: isLast ? nil : found.last?.id.text)
        }
    }

    private static func locks(
        _ query: LockQuery,
        _ repositoryID: RecordID,
        after cursor: RecordID?,
        limit: Int,
        _ records: Records
    ) throws -> [LFSLockRecord] {
        guard query.path != nil || query.id != nil else {
            return try records.lfsLocks(repositoryID: repositoryID, after: cursor, limit: limit)
        }
        var found: LFSLockRecord?
        if let path = query.path {
            found = try records.lfsLock(repositoryID: repositoryID, path: path.text)
        } else if let id = query.id.flatMap({ RecordID($0) }) {
            found = try records.lfsLock(repositoryID: repositoryID, id: id)
        }
        if let id = query.id, found?.id.text != id { found = nil }
        return found.map { [$0] } ?? []
    }

    /// Unlocks: one's own lock, or by force another's, which takes an administrator of the repository and is audited.
    ///
    /// - Returns: the lock that was.
    /// - Throws: `HubError` as `Access` decides; `LFSFailure` 404 for no such lock, 403 for another's.
    package func unlock(
        _ address: RepositoryAddress,
        id: String,
        force: Bool,
        by actor: Actor,
        followsRename: Bool
    ) async throws -> LFSLock {
        try await unlock(id: id, force: force) { records in
            (
                try records.repository(at: address, action: .writeRepository, by: actor, followsRename: followsRename),
                actor
            )
        }
    }

    func unlock(
        id: String,
        force: Bool,
        in find: @Sendable (Records) throws -> (RepositoryRecord, Actor)
    ) async throws -> LFSLock {
        try await database.transaction { records in
            let (repository, actor) = try find(records)
            guard let lock = try RecordID(id).flatMap({ try records.lfsLock(repositoryID: repository.id, id: $0) })
            else {
                throw LFSFailure(status: 404, "There is no such lock.")
            }
            if lock.ownerID != LockHolder(actor)?.id {
                guard force else {
                    throw LFSFailure(
                        status: 403,
                        "The lock on \(lock.path) belongs to \(lock.ownerName). "
                            + "An administrator can unlock it with --force."
                    )
                }
                try records.authorize(actor, .administerRepository, repository)
                let details: KeyValuePairs = ["path": lock.path, "owner": lock.ownerName]
                try journal.record("repository.lock.broken", repository, by: actor, details, in: records)
            }
            _ = try records.deleteLFSLock(id: lock.id)
            return try LFSLock(lock)
        }
    }
}

extension LFSLock {
    /// A lock as clients see it.
    init(_ record: LFSLockRecord) throws {
        guard let path = LockPath(record.path) else { throw MetadataError.corrupt("lfs_locks.path") }
        self.init(
            id: record.id.text,
            path: path,
            lockedAt: record.lockedAt.seconds,
            ownerName: record.ownerName
        )
    }
}

extension RecordID {
    /// The next larger id; nil for the largest.
    fileprivate var successor: RecordID? {
        var bytes = bytes
        for index in bytes.indices.reversed() {
            guard bytes[index] == .max else {
                bytes[index] += 1
                return RecordID(bytes: bytes)
            }
            bytes[index] = 0
        }
        return nil
    }
}
