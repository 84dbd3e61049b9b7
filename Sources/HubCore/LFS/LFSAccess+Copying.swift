package import Access
import LFS
package import Metadata
package import ObjectStore

extension LFSAccess {
    /// Gives a repository objects that another one has: for forks, imports and commits that name known files.
    ///
    /// What the source does not have is left out, as if nobody had it.
    /// - Returns: the objects that the target has now.
    /// - Throws: `HubError` unless the actor may read the source and write the target; `LFSFailure` 507 over the quota.
    package func copy(
        _ oids: [ObjectKey],
        from source: RepositoryRecord,
        to target: RepositoryRecord,
        by actor: Actor
    ) async throws -> Set<ObjectKey> {
        let now = environment.now()
        var copied: Set<ObjectKey> = []
        for start in stride(from: 0, to: oids.count, by: Self.copyCount) {
            let page = oids[start..<min(start + Self.copyCount, oids.count)]
            try Task.checkCancellation()
            let objects = try await database.transaction { records in
                try copy(page.map(\.hex), from: source, to: target, by: actor, at: now, records)
            }
            for (object, isCondemned) in objects {
                if isCondemned { try await secure(object, in: target) }
                copied.insert(object.oid)
            }
        }
        return copied
    }

    /// Objects that are copied in one transaction.
    private static let copyCount = 500

    private func copy(
        _ oids: [String],
        from source: RepositoryRecord,
        to target: RepositoryRecord,
        by actor: Actor,
        at now: Timestamp,
        _ records: Records
    ) throws -> [(object: LFSObject, isCondemned: Bool)] {
        try records.authorize(actor, .readContent, source)
        try records.authorize(actor, .writeRepository, target)
        let theirs = try records.lfsObjects(repositoryID: source.id, oids: oids)
        let ours = try records.lfsObjects(repositoryID: target.id, oids: oids)
        var allowance = try LFSAllowance(of: target, at: now, in: records)
        var copied: [(object: LFSObject, isCondemned: Bool)] = []
        for row in theirs.values where row.removedAt == nil {
            guard let key = ObjectKey(hex: row.oid), let object = LFSObject(oid: key, size: row.size) else { continue }
            if ours[row.oid].map({ $0.removedAt != nil }) ?? true {
                if let reason = allowance.take(row.size) { throw LFSFailure(status: 507, reason) }
                try records.insertLFSObject(
                    LFSObjectRecord(repositoryID: target.id, oid: row.oid, size: row.size, createdAt: now)
                )
            }
            copied.append((object, try records.isLFSObjectCondemned(row.oid)))
        }
        return copied
    }
}
