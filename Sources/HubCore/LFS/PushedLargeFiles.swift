import Access
import GitCore
import LFS
import Logging
import Metadata
import ObjectStore
import Synchronization

/// What a push says about large files: its pointers must lead to stored objects, and it must leave alone what others
/// have locked.
final class PushedLargeFiles: Sendable {
    private let git: GitAccess
    private let id: RecordID
    private let actor: Actor
    private let seen = Mutex(Seen())

    /// What was found, to be compared when the refs change.
    private struct Seen {
        /// Objects that must still be there.
        var required: Set<String> = []
        /// How often objects had been taken away when that was looked at.
        var removals: Int64 = 0
        /// The youngest lock of others when the locks were looked at.
        var newestLock: RecordID?
        /// Whether the locks were looked at.
        var hasLocks = false
    }

    /// Pointers that are looked up at a time.
    private static let pageCount = 1_000
    /// Pointers and locks that are told to the client.
    private static let told = 10

    init(git: GitAccess, id: RecordID, actor: Actor) {
        self.git = git
        self.id = id
        self.actor = actor
    }

    /// What speaks against the push.
    func objections(to content: PushContent) async throws -> PushObjections {
        let holder = LockHolder(actor)
        let (rule, newest) = try await git.database.read { [id] records in
            let rule = try records.repository(id: id)?.settings.lfsPointers ?? .enforce
            return (rule, try records.newestLFSLock(repositoryID: id, except: holder?.id))
        }
        seen.withLock { ($0.newestLock, $0.hasLocks) = (newest, true) }
        var objections = PushObjections()
        if newest != nil { objections.add(try await lockedPaths(in: content, except: holder)) }
        if rule != .off { objections.add(try await missingObjects(of: content, isFatal: rule == .enforce)) }
        return objections
    }

    // MARK: - Locks

    /// Looks at the locks of others page by page, as there may be many.
    private func lockedPaths(in content: PushContent, except holder: LockHolder?) async throws -> PushObjections {
        var objections = PushObjections()
        var last: String?
        while true {
            try Task.checkCancellation()
            let after = last
            let locks = try await git.database.read { [id] records in
                try records.lfsLocks(
                    repositoryID: id,
                    except: holder?.id,
                    afterPath: after,
                    limit: Records.largestPage
                )
            }
            objections.add(try Self.objections(to: content, because: locks))
            guard locks.count == Records.largestPage, let end = locks.last else { return objections }
            // Enough is told, and every ref is refused.
            guard objections.refusals.count < content.updates.count else { return objections }
            last = end.path
        }
    }

    /// Why a branch may not be deleted: whoever holds a lock on it would lose it with the branch, as making it anew changes
    /// nothing that the lock could be compared with.
    static func refusalOfDeletion(_ name: RefName, _ id: RecordID, by actor: Actor, _ records: Records) throws
        -> String?
    {
        let holder = LockHolder(actor)
        let isLocked = try records.isLocked(repositoryID: id, refName: name.string, except: holder?.id)
        return isLocked ? "others hold locks on files of this branch" : nil
    }

    private static func objections(to content: PushContent, because locks: [LFSLockRecord]) throws -> PushObjections {
        let paths = locks.map { Array($0.path.utf8) }
        let owners = Dictionary(zip(paths, locks.map(\.ownerName))) { first, _ in first }
        var objections = PushObjections()
        for update in content.updates {
            let changed = try content.changedPaths(of: update, among: paths)
            guard !changed.isEmpty else { continue }
            objections.refusals[update.name] = "it changes files that others have locked"
            for path in changed.prefix(told) {
                let line = "GRANARY: LOCKED path=\(shown(path)) owner=\(owners[path] ?? "somebody")"
                if !objections.messages.contains(line) { objections.messages.append(line) }
            }
            if changed.count > told { objections.messages.append("GRANARY: and \(changed.count - told) more") }
        }
        return objections
    }

    // MARK: - Pointers

    private func missingObjects(of content: PushContent, isFatal: Bool) async throws -> PushObjections {
        let removals = try await git.database.read { [id] in try $0.lfsRemovals(repositoryID: id) }
        var missing = Missing()
        var required: Set<String> = []
        for start in stride(from: 0, to: content.probed.count, by: Self.pageCount) {
            try Task.checkCancellation()
            let blobs = content.probed[start..<min(start + Self.pageCount, content.probed.count)]
            let pointers = try blobs.compactMap { blob in
                LFSPointer(parsing: try content.content(of: blob)).map { (blob: blob, pointer: $0) }
            }
            let oids = Set(pointers.map(\.pointer.oid.hex))
            let rows = try await git.database.read { [id] in try $0.lfsObjects(repositoryID: id, oids: oids) }
            for (blob, pointer) in pointers {
                if let row = rows[pointer.oid.hex], row.removedAt == nil, row.size == pointer.size {
                    required.insert(row.oid)
                } else {
                    missing.add(blob, pointer, limit: Self.told)
                }
            }
        }
        seen.withLock { [required] in ($0.required, $0.removals) = (isFatal ? required : [], removals) }
        guard missing.count > 0 else { return PushObjections() }
        if !isFatal { noteMissing(missing.count) }
        return try Self.objections(to: content, because: missing, isFatal: isFatal)
    }

    private struct Missing {
        var count = 0
        var examples: [(blob: ObjectID, pointer: LFSPointer)] = []

        mutating func add(_ blob: ObjectID, _ pointer: LFSPointer, limit: Int) {
            count += 1
            if examples.count < limit { examples.append((blob, pointer)) }
        }
    }

    private static func objections(
        to content: PushContent,
        because missing: Missing,
        isFatal: Bool
    ) throws -> PushObjections {
        let paths = try content.paths(of: Set(missing.examples.map(\.blob)))
        var messages = missing.examples.map { blob, pointer in
            "GRANARY: MISSING path=\(paths[blob].map(shown) ?? "?") oid=\(pointer.oid)"
        }
        if missing.count > messages.count { messages.append("GRANARY: and \(missing.count - messages.count) more") }
        messages.append("GRANARY: these large files are not stored here. Send them first: git lfs push --all origin")
        guard isFatal else { return PushObjections(messages: messages) }
        let reason = "large files are missing: run git lfs push --all"
        let refusals = content.updates.map { ($0.name, reason) }
        return PushObjections(messages: messages, refusals: Dictionary(refusals) { first, _ in first })
    }

    private func noteMissing(_ count: Int) {
        git.logger.warning(
            "a push names large files that are not stored",
            metadata: ["repository": "\(id)", "actor": "\(actor.auditName)", "count": "\(count)"]
        )
    }

    /// Looks again in the transaction that changes the refs: what was there may have been collected since.
    ///
    /// - Throws: `HubError.conflict` when something is gone, or somebody has locked files meanwhile.
    func confirm(in records: Records) throws {
        let seen = seen.withLock { $0 }
        if seen.hasLocks {
            let newest = try records.newestLFSLock(repositoryID: id, except: LockHolder(actor)?.id)
            let isNew = newest.map { lock in seen.newestLock.map { lock > $0 } ?? true } ?? false
            if isNew { throw HubError(.conflict, "Somebody has locked files while this push was checked. Push again.") }
        }
        guard !seen.required.isEmpty, try records.lfsRemovals(repositoryID: id) != seen.removals else { return }
        let rows = try records.lfsObjects(repositoryID: id, oids: seen.required)
        guard seen.required.allSatisfy({ rows[$0].map { $0.removedAt == nil } ?? false }) else {
            throw HubError(.conflict, "Large files of this push were removed meanwhile. Run git lfs push --all.")
        }
    }

    /// A path as text that is safe on a terminal.
    private static func shown(_ path: [UInt8]) -> String {
        String(
            decoding: path.map { (0x20..<0x7f).contains($0) || $0 >= 0x80 ? $0 : UInt8(ascii: "?") },
            as: UTF8.self
        )
    }
}
