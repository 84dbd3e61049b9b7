/// What a push brings, for rules about content: asked only for what a rule needs.
///
/// Belongs to one thread at a time, and is good only while the push is decided.
package final class PushContent {
    /// The refs that are to be created or moved.
    package let updates: [RefUpdate]
    /// The blobs of the pack that the target's probe matches, each once, in no certain order.
    package let probed: [ObjectID]
    private let quarantine: Quarantine
    private let snapshot: RefSnapshot
    private let reader: ObjectReader

    /// Trees that are looked at for the sake of a message.
    private static let treeLimit = 200_000
    /// Refs from which a new branch may have started; beyond that the first ones count.
    private static let baseLimit = 1_000

    init(updates: [RefUpdate], quarantine: Quarantine, snapshot: RefSnapshot) throws {
        self.updates = updates
        self.quarantine = quarantine
        self.snapshot = snapshot
        probed = quarantine.probed
        reader = try quarantine.reader()
    }

    /// The content of a blob that the probe matched.
    package func content(of oid: ObjectID) throws -> [UInt8] {
        try reader.object(oid, as: .blob).bytes
    }

    /// Where some of the pack's blobs are: one path for each that is found.
    ///
    /// Looks at the trees that the pack brings, of the new values first and then of the commits behind them, until all
    /// blobs are found or a large number of trees was looked at.
    package func paths(of blobs: Set<ObjectID>) throws -> [ObjectID: [UInt8]] {
        var search = PathSearch(wanted: blobs, reader: reader, treeLimit: Self.treeLimit) { [quarantine] in
            quarantine.brought($0)
        }
        try search.run(from: updates.map(\.new))
        return search.found
    }

    /// The paths among `paths` that an update creates, changes or removes.
    ///
    /// A ref that moves is compared with its old value. A new one is compared with where its history left that of the
    /// refs there are; what agrees with any of these places has not been changed by the pusher.
    package func changedPaths(of update: RefUpdate, among paths: [[UInt8]]) throws -> [[UInt8]] {
        guard !paths.isEmpty else { return [] }
        let new = try rootTree(of: update.new)
        let comparison = PathComparison(reader: reader)
        if update.old != .zero {
            return try comparison.differing(try rootTree(of: update.old), new, among: paths)
        }
        guard let bases = try bases(of: update.new) else { return [] }
        guard !bases.isEmpty else { return try comparison.differing(nil, new, among: paths) }
        var rest = paths
        for base in bases where !rest.isEmpty {
            rest = try comparison.differing(try rootTree(of: base), new, among: rest)
        }
        return rest
    }

    /// The commits that refs lead to and on which the new commits stand; nil when there are no new commits.
    private func bases(of tip: ObjectID) throws -> [ObjectID]? {
        let table = CommitTable(reader)
        guard let (commit, type) = try table.peel(tip), type == .commit else { return [] }
        var walk = RevisionWalk(table)
        try walk.want(table.number(of: commit))
        let heads = [snapshot.head].compactMap { $0 } + snapshot.refs.prefix(Self.baseLimit)
        for ref in heads {
            let oid = ref.peeled ?? ref.oid
            guard try reader.header(of: oid)?.type == .commit else { continue }
            try walk.have(table.number(of: oid))
        }
        while try walk.step() { try Task.checkCancellation() }
        let missing = Set(walk.missing)
        guard !missing.isEmpty else { return nil }
        let parents = missing.flatMap { table.parents(of: $0) }.filter { !missing.contains($0) }
        return Set(parents).map { table.oid(of: $0) }.sorted()
    }

    /// The tree of a commit, or of what a tag finally points to; nil when that is a blob.
    private func rootTree(of oid: ObjectID) throws -> ObjectID? {
        guard let (target, type) = try CommitTable(reader).peel(oid) else { return nil }
        switch type {
        case .commit: return try reader.commitHeader(target).tree
        case .tree: return target
        case .blob, .tag: return nil
        }
    }
}

extension ObjectReader {
    /// What a walk needs of a commit.
    ///
    /// - Throws: `PackError.missing` when it is not there or is no commit.
    func commitHeader(_ oid: ObjectID) throws -> CommitHeader {
        let object = try object(oid, as: .commit)
        return try object.bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
    }
}
