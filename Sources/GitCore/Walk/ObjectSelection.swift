/// Which objects go into a pack: everything that the wanted objects lead to and the client lacks.
///
/// Done in steps, so that the caller can report progress, keep the connection alive and stop in between. Memory: about
/// 60 bytes for each object that is looked at. Belongs to one thread at a time.
package final class ObjectSelection: ObjectSelecting {
    /// What is known of an object.
    enum Mark: UInt8 {
        /// The client has it.
        case had
        /// Goes into the pack.
        case selected
        /// Looked at and left out by the filter.
        case filtered
    }

    /// A tree whose entries wait to be looked at.
    private struct PendingTree {
        var oid: ObjectID
        /// Levels below the root tree.
        var depth: Int
        var isHad: Bool
    }

    /// What to select for.
    package struct Request: Sendable {
        /// Commits, tags, trees and blobs that the client wants.
        package var wants: [ObjectID] = []
        /// Commits that the client has with everything behind them.
        package var haves: [ObjectID] = []
        /// The client's boundary before this fetch.
        package var clientShallows: [ObjectID] = []
        /// The boundary after it; nil when history is not cut.
        package var shallow: ShallowBoundary?
        package var filter: ObjectFilter?
        /// Annotated tags, with what they finally point to, that go along with their targets.
        package var tags: [(tag: ObjectID, target: ObjectID)] = []

        package init() {}
    }

    private enum Phase {
        case start, walk, edges, trees, tags, done
    }

    let reader: ObjectReader
    private let request: Request
    private let table: CommitTable
    private let filter: FilterRule
    private var phase = Phase.start
    private var walk: RevisionWalk
    private var hadClosure: HadClosure?
    private(set) var marks: [ObjectID: Mark] = [:]
    /// Entries of trees that were looked at lately, each at the place that its id gives it.
    private var recent = [ObjectID](repeating: .zero, count: ObjectSelection.recentCount)
    /// A power of two; 24 bytes each.
    private static let recentCount = 16_384
    /// Depth at which a tree was walked, where the filter makes that matter.
    private var treeDepths: [ObjectID: Int] = [:]
    private var pending: [PendingTree] = []
    private var commits: [CommitTable.Number] = []
    private var nextCommit = 0
    /// The objects to send, in the order in which they were found.
    package private(set) var selected: [ObjectID] = []

    package init(_ request: Request, reader: ObjectReader, table: CommitTable) {
        self.request = request
        self.reader = reader
        self.table = table
        filter = FilterRule(request.filter)
        walk = RevisionWalk(table)
    }

    /// How many objects are selected so far.
    package var count: Int { selected.count }

    /// Commits that the client lacks, as far as the walk has come; 0 where it has a shallow history.
    var lackedCommits: Int { phase == .walk ? walk.candidateCount : 0 }

    /// What was selected.
    package func contents() throws -> PackContents {
        PackContents(plan: try PackPlan(selected, in: reader.packs), reader: reader) { [marks] in marks[$0] == .had }
    }

    /// Does up to `count` small steps; false when the selection is complete.
    package func advance(_ count: Int) throws -> Bool {
        for _ in 0..<count {
            guard try step() else { return false }
        }
        return true
    }

    private func step() throws -> Bool {
        switch phase {
        case .start: try start()
        case .walk: try stepWalk()
        case .edges: try stepEdges()
        case .trees: try stepTrees()
        case .tags: try selectTags()
        case .done: return false
        }
        return true
    }

    /// Peels the wants and queues what they are.
    private func start() throws {
        var wantedCommits: [CommitTable.Number] = []
        for oid in request.wants {
            guard let (target, type) = try table.peel(oid, visit: { select($0, type: .tag, isWanted: true) }) else {
                throw PackError.missing(oid)
            }
            switch type {
            case .commit: wantedCommits.append(table.number(of: target))
            case .tree: wantedTrees.append(target)
            case .blob: select(target, type: .blob, isWanted: target == oid)
            case .tag: break
            }
        }
        wantedCommitNumbers = Set(wantedCommits)
        if request.clientShallows.isEmpty && request.shallow == nil {
            for commit in wantedCommits { try walk.want(commit) }
            for oid in request.haves { try walk.have(table.number(of: oid)) }
        } else {
            let edges = request.haves.prefix(Self.edgeHaveCount) + (request.shallow?.unshallow ?? [])
            edgeHaves = edges.map { table.number(of: $0) }
            hadClosure = try HadClosure(
                table,
                haves: request.haves,
                clientShallows: Set(request.clientShallows),
                wants: wantedCommits,
                shallow: request.shallow
            )
        }
        phase = .walk
    }

    /// Commits of a shallow client, next to which the wanted history may begin without touching it.
    private var edgeHaves: [CommitTable.Number] = []
    private static let edgeHaveCount = 32
    private var wantedTrees: [ObjectID] = []
    private var wantedCommitNumbers: Set<CommitTable.Number> = []

    private func stepWalk() throws {
        if hadClosure != nil {
            guard try hadClosure?.step() == false else { return }
            commits = hadClosure?.missing ?? []
        } else {
            guard try !walk.step() else { return }
            commits = walk.missing
        }
        phase = .edges
    }

    /// Notes the trees of one commit that the client has and a wanted one stands on.
    private func stepEdges() throws {
        if let tree = pending.last {
            pending.removeLast()
            return try expand(tree)
        }
        guard nextCommit < commits.count else {
            if let commit = edgeHaves.popLast() {
                try table.load(commit)
                return markHad(table.nodes[commit].tree)
            }
            nextCommit = 0
            phase = .trees
            return
        }
        let commit = commits[nextCommit]
        nextCommit += 1
        for parent in table.parents(of: commit) where isHad(commit: parent) {
            try table.load(parent)
            markHad(table.nodes[parent].tree)
        }
    }

    private func isHad(commit: CommitTable.Number) -> Bool {
        hadClosure?.contains(commit) ?? table.has(commit, .uninteresting)
    }

    private func markHad(_ tree: ObjectID) {
        guard marks[tree] == nil else { return }
        marks[tree] = .had
        pending.append(PendingTree(oid: tree, depth: 0, isHad: true))
    }

    /// Selects one commit with its tree, or one of the trees that are queued.
    private func stepTrees() throws {
        if let tree = pending.popLast() { return try expand(tree) }
        if nextCommit < commits.count {
            let commit = commits[nextCommit]
            nextCommit += 1
            let node = table.nodes[commit]
            select(node.oid, type: .commit, isWanted: wantedCommitNumbers.contains(commit))
            return try visitTree(node.tree, depth: 0, isWanted: false)
        }
        if let tree = wantedTrees.popLast() { return try visitTree(tree, depth: 0, isWanted: true) }
        phase = .tags
    }

    private func expand(_ tree: PendingTree) throws {
        let object = try reader.object(tree.oid, as: .tree)
        try object.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                if wasLookedAt(entry.oid) { continue }
                switch entry.kind {
                case .gitlink: break
                case .tree where tree.isHad: markHad(entry.oid)
                case .tree: try visitTree(entry.oid, depth: tree.depth + 1, isWanted: false)
                case .blob where tree.isHad: if marks[entry.oid] == nil { marks[entry.oid] = .had }
                case .blob: try visitBlob(entry.oid, depth: tree.depth + 1)
                }
            }
        }
    }

    /// Whether an entry has been met lately, so that nothing new can come of it; most entries of a tree are those of the
    /// tree before it, and this is cheaper than asking `marks`.
    private func wasLookedAt(_ oid: ObjectID) -> Bool {
        guard !filter.dependsOnDepth else { return false }
        let slot = oid.middleBits & (Self.recentCount - 1)
        if recent[slot] == oid { return true }
        recent[slot] = oid
        return false
    }

    private func visitTree(_ oid: ObjectID, depth: Int, isWanted: Bool) throws {
        let known = marks[oid]
        if known == .had && !isWanted { return }
        if filter.dependsOnDepth {
            // Seen before at the same depth or higher up: nothing new can come of it.
            if let before = treeDepths[oid], before <= depth, !isWanted { return }
            treeDepths[oid] = depth
        } else if known != nil && !isWanted {
            return
        }
        if isWanted || filter.includesTree(depth: depth) {
            select(oid, type: .tree, isWanted: true)
        } else if known == nil {
            marks[oid] = .filtered
        }
        if filter.descends(below: depth) { pending.append(PendingTree(oid: oid, depth: depth, isHad: false)) }
    }

    private func visitBlob(_ oid: ObjectID, depth: Int) throws {
        switch marks[oid] {
        case .had, .selected: return
        case .filtered where !filter.dependsOnDepth: return
        case .filtered, nil: break
        }
        let isIncluded = try filter.includesBlob(depth: depth) { try reader.header(of: oid)?.size ?? 0 }
        if isIncluded { select(oid, type: .blob, isWanted: true) } else { marks[oid] = .filtered }
    }

    /// Selects an object once, unless the filter leaves its type out and nobody asked for it by name.
    private func select(_ oid: ObjectID, type: ObjectType, isWanted: Bool) {
        guard marks[oid] != .selected else { return }
        guard isWanted || filter.includes(type) else {
            if marks[oid] == nil { marks[oid] = .filtered }
            return
        }
        marks[oid] = .selected
        selected.append(oid)
    }

    /// Adds annotated tags whose targets are in the pack.
    private func selectTags() throws {
        for (tag, target) in request.tags where marks[target] == .selected {
            _ = try table.peel(tag) { select($0, type: .tag, isWanted: true) }
        }
        phase = .done
    }
}
