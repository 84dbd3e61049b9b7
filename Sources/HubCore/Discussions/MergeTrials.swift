import GitCore
import Synchronization

/// How the merge of two commits would end: tried once, as commits do not change.
struct MergeTrial: Sendable {
    /// The best common ancestor; nil when the histories never meet.
    let base: ObjectID?
    /// Paths that both have changed, the first of them.
    let conflicts: [String]
    /// Whether the commits differ in too much to be merged here.
    let isTooLarge: Bool

    /// Whether they can be merged.
    var isClean: Bool { conflicts.isEmpty && !isTooLarge }
}

/// The merges that were tried last, of all repositories.
final class MergeTrials: Sendable {
    private struct Pair: Hashable {
        let ours: ObjectID
        let theirs: ObjectID
    }

    private let known = Mutex<[Pair: MergeTrial]>([:])
    private let limit: Int

    /// - Parameter limit: how many are remembered.
    init(limit: Int) {
        self.limit = limit
    }

    /// Tries a merge unless that was done before.
    func trial(_ ours: ObjectID, _ theirs: ObjectID, _ body: () throws -> MergeTrial) rethrows -> MergeTrial {
        let pair = Pair(ours: ours, theirs: theirs)
        if let trial = known.withLock({ $0[pair] }) { return trial }
        let trial = try body()
        known.withLock { known in
            if known.count >= limit { known.removeAll() }
            known[pair] = trial
        }
        return trial
    }
}

/// What a merge of two commits has to do, and what it comes from.
struct CommitMerge {
    let base: ObjectID?
    let changes: TreeMerge

    /// Compares two commits with the best commit that both come from.
    ///
    /// - Throws: `TreeMergeError`; errors of damaged packs.
    init(ours: ObjectID, theirs: ObjectID, _ reader: ObjectReader) throws {
        base = try Libgit2Repository(reader).mergeBase(ours, theirs)
        changes = try TreeMerge(
            base: try base.map { try Self.tree(of: $0, reader) },
            ours: try Self.tree(of: ours, reader),
            theirs: try Self.tree(of: theirs, reader),
            reader
        )
    }

    /// The first conflicting paths, as text.
    var conflicts: [String] {
        changes.conflicts.prefix(DiscussionLimits.conflicts).map { FileBrowser.text($0) }
    }

    private static func tree(of commit: ObjectID, _ reader: ObjectReader) throws -> ObjectID {
        try reader.object(commit, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0).tree }
    }
}
