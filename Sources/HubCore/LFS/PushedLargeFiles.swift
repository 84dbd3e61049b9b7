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
        /// The youngest lock of others that was looked at.
        var newestLock: RecordID?
        /// Whether a younger one must be looked at before the refs change.
        var obeysLocks = false
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
        let rule = try await git.database.read { [id] in
            try $0.repository(id: id)?.settings.lfsPointers ?? .enforce
        }
        var locked = LockedPaths()
        try await look(at: content, &locked)
        var missing = PushObjections()
        if rule != .off {
            missing = try await missingObjects(of: content, isFatal: rule == .enforce)
            // That may have taken minutes, in which others have made locks.
            try await look(at: content, &locked)
        }
        var objections = locked.objections
        objections.add(missing)
        return objections
    }

    // MARK: - Locks

    /// Looks at the locks of others that were made since it last looked: a share of them at a time, as there may be many,
    /// and large ones, as each costs a look at the trees.
    private func look(at content: PushContent, _ locked: inout LockedPaths) async throws {
        let holder = LockHolder(actor)
        seen.withLock { $0.obeysLocks = true }
        while true {
            try Task.checkCancellation()
            let locks = try await youngerLocks(except: holder)
            guard let last = locks.last else { return }
            try locked.add(content, locks)
            seen.withLock { $0.newestLock = last.id }
            guard locked.refusals.count < content.updates.count else {
                // Every ref is refused, so that nothing is left which a younger lock could refuse.
                return seen.withLock { $0.obeysLocks = false }
            }
        }
    }

    /// Locks, and bytes of their paths, that are looked at in one walk through the trees.
    private static let share = (locks: 10_000, bytes: 4 << 20)

    private func youngerLocks(except holder: LockHolder?) async throws -> [LFSLockRecord] {
        var locks: [LFSLockRecord] = []
        var (bytes, last) = (0, seen.withLock { $0.newestLock })
        while locks.count < Self.share.locks, bytes < Self.share.bytes {
            let after = last
            let page = try await git.database.read { [id] records in
                try records.lfsLocks(repositoryID: id, except: holder?.id, after: after, limit: Records.largestPage)
            }
            locks += page
            bytes += page.reduce(0) { $0 + $1.path.utf8.count }
            guard page.count == Records.largestPage else { break }
            last = page.last?.id
        }
        return locks
    }

    /// The updates that touch what others have locked, and what the client is told of them.
    private struct LockedPaths {
        private(set) var refusals: [RefName: String] = [:]
        private var lines: [String] = []
        private var more = 0

        mutating func add(_ content: PushContent, _ locks: [LFSLockRecord]) throws {
            let paths = locks.map { Array($0.path.utf8) }
            let owners = Dictionary(zip(paths, locks.map(\.ownerName))) { first, _ in first }
            for update in content.updates {
                for path in try content.changedPaths(of: update, among: paths) {
                    refusals[update.name] = "it changes files that others have locked"
                    let line = "GRANARY: LOCKED path=\(shown(path)) owner=\(owners[path] ?? "somebody")"
                    if lines.contains(line) { continue }
                    if lines.count < told { lines.append(line) } else { more += 1 }
                }
            }
        }

        var objections: PushObjections {
            let rest = more > 0 ? ["GRANARY: and \(more) more"] : []
            return PushObjections(messages: lines + rest, refusals: refusals)
        }
    }

    /// Why a branch may not be deleted: whoever holds a lock on it would lose it with the branch, as making it anew changes
    /// nothing that the lock could be compared with.
    static func refusalOfDeletion(_ name: RefName, _ id: RecordID, by actor: Actor, _ records: Records) throws
        -> String?
    {
        let holder = LockHolder(actor)
        let prefix = "refs/heads/"
        // Clients name a branch in full; people who ask by hand do not always.
        let short = name.string.hasPrefix(prefix) ? String(name.string.dropFirst(prefix.count)) : name.string
        let names = (full: name.string, short: short)
        let isLocked = try records.isLocked(repositoryID: id, refNames: names, except: holder?.id)
        return isLocked ? "others hold locks on files of this branch" : nil
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
        if seen.obeysLocks,
            let newest = try records.newestLFSLock(repositoryID: id, except: LockHolder(actor)?.id),
            seen.newestLock.map({ newest > $0 }) ?? true
        {
            throw HubError(.conflict, "Somebody has locked files while this push was checked. Push again.")
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
