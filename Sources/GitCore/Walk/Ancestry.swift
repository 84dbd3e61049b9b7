import HeapModule

/// Whether commits are ancestors of another: the fast-forward test.
///
/// One instance serves one push, and looks at a bounded number of commits in all its tests together.
final class Ancestry {
    private let table: CommitTable
    private var budget = 10_000_000

    init(_ table: CommitTable) {
        self.table = table
    }

    /// True when `ancestor` is `descendant` or lies behind it.
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws -> Bool {
        try areAncestors([ancestor], of: descendant)
    }

    /// True when each of `ancestors` is `descendant` or lies behind it.
    ///
    /// Exact whatever the dates say; looks at young commits first, so that usual pushes end after a few. False, too, once
    /// the budget is used up: callers then take an update for a forced one, which is the safe side. A commit that is not
    /// there ends the test with `PackError.missing`.
    func areAncestors(_ ancestors: Set<ObjectID>, of descendant: ObjectID) throws -> Bool {
        var goals = Set(ancestors.map { table.number(of: $0) })
        var seen: Set<CommitTable.Number> = []
        var queue = Heap<DatedCommit>()
        func enqueue(_ number: CommitTable.Number) throws {
            guard seen.insert(number).inserted else { return }
            try table.load(number)
            queue.insert(DatedCommit(time: table.nodes[number].time, number: number))
        }
        try enqueue(table.number(of: descendant))
        // A commit of the graph leads to commits of the graph only, each of a lower generation.
        let lowest = goals.map { table.knownGeneration(of: $0) ?? .max }.min() ?? .max
        while let next = queue.popMax() {
            goals.remove(next.number)
            if goals.isEmpty { return true }
            guard budget > 0 else { return false }
            budget -= 1
            try Task.checkCancellation()
            if let generation = table.knownGeneration(of: next.number), generation <= lowest { continue }
            for parent in table.parents(of: next.number) { try enqueue(parent) }
        }
        return goals.isEmpty
    }
}
