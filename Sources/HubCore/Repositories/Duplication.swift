package import Access
import GitCore
import LFS
import Logging
package import Metadata
import ObjectStore

/// Copies of whole repositories that copy no bytes: packs are linked, and large files belong to one repository more.
package struct Duplication: Sendable {
    let repositories: Repositories
    let git: GitAccess
    let lfs: LFSAccess

    /// Makes a repository with the branches, tags, history and large files of another one; nothing else comes along.
    ///
    /// Pull requests stay where they are. The new repository is there whole or not at all.
    /// - Parameters:
    ///   - target: the address of the new repository, of the same type.
    ///   - visibility: nil for that of the source.
    /// - Throws: `HubError` unless the actor may read the files of the source and make the target; `.conflict` when the
    ///   address is taken; `LFSFailure` 507 when the large files are over a quota.
    package func duplicate(
        _ source: RepositoryAddress,
        to target: RepositoryAddress,
        visibility: Visibility?,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        guard source.type == target.type else { throw HubError.invalid("A copy is of the same type.") }
        let id = try repositories.environment.newID()
        let (original, new, hasLargeFiles) = try await git.database.read { records in
            let original = try records.repository(at: source, action: .readContent, by: actor)
            let new = NewRepository(
                address: target,
                visibility: visibility ?? original.visibility,
                initialize: false
            )
            _ = try repositories.record(id, new, by: actor, in: records)
            return (original, new, try records.lfsUsage(repositoryID: original.id).objects > 0)
        }
        return try await repositories.withStorageErrors {
            try await git.createDirectory(for: id)
            do {
                let refs = try await git.linkPacks(of: original.id, to: id, namingLargeFiles: hasLargeFiles)
                let (record, condemned) = try await insert(id, new, original, refs, by: actor)
                await git.copyRefs(of: id)
                await bringBack(condemned, for: record)
                return record
            } catch {
                await repositories.removeDirectory(of: id)
                // Where the original has gone meanwhile, that is what went wrong.
                _ = try await git.database.read { try $0.repository(at: source, action: .readContent, by: actor) }
                throw error
            }
        }
    }

    private func insert(
        _ id: RecordID,
        _ new: NewRepository,
        _ original: RepositoryRecord,
        _ refs: LinkedRefs,
        by actor: Actor
    ) async throws -> (RepositoryRecord, condemned: [LFSObject]) {
        let now = git.environment.now()
        return try await git.database.transaction { records in
            try records.authorize(actor, .readContent, original)
            var (record, role) = try repositories.record(id, new, by: actor, in: records)
            record.headTarget = original.headTarget
            record.everyObjectReachable = refs.areWhole
            try repositories.insert(record, role, by: actor, in: records)
            for ref in refs.refs {
                _ = try records.updateRef(
                    repositoryID: id,
                    name: ref.name.string,
                    old: nil,
                    new: ref.oid.hex,
                    peeled: ref.peeled?.hex
                )
            }
            var allowance = try LFSAllowance(of: record, at: now, in: records)
            let unnamed = try largeFiles(of: original.id, except: refs.largeFiles, in: records)
            let size = try records.lfsUsage(repositoryID: original.id).bytes - unnamed.reduce(0) { $0 + $1.size }
            if let reason = allowance.take(size) { throw LFSFailure(status: 507, reason) }
            try records.copyLFSObjects(from: original.id, to: id, except: unnamed.map(\.oid), at: now)
            let condemned = try records.condemnedLFSObjects(repositoryID: id).compactMap { row in
                ObjectKey(hex: row.oid).flatMap { LFSObject(oid: $0, size: row.size) }
            }
            let details: KeyValuePairs = ["to": record.address.description]
            try git.journal.audit("repository.duplicated", original.address, by: actor, details, in: records)
            try git.journal.followCard(of: record, in: records)
            return (record, condemned)
        }
    }

    /// What no commit names that comes along, so that who may read the original learns of nothing that was taken out of its
    /// history, proposed or only uploaded: who owns the copy is told all that is in it.
    private func largeFiles(
        of id: RecordID,
        except named: Set<String>,
        in records: Records
    ) throws -> [LFSObjectRecord] {
        var (unnamed, last) = ([LFSObjectRecord](), String?.none)
        while case let page = try records.lfsObjects(repositoryID: id, after: last, limit: 1_000), !page.isEmpty {
            unnamed += page.filter { !named.contains($0.oid) }
            last = page.last?.oid
        }
        return unnamed
    }

    /// What garbage collection has set aside in the meantime; where that fails, the original has lost the file as well.
    private func bringBack(_ objects: [LFSObject], for record: RepositoryRecord) async {
        for object in objects {
            do {
                try await lfs.secure(object, in: record)
            } catch {
                git.logger.warning(
                    "a large file did not come along",
                    metadata: ["repository": "\(record.id)", "oid": "\(object.oid)", "error": "\(error)"]
                )
            }
        }
    }
}
