import HeapModule

/// Whether one commit is an ancestor of another: the fast-forward test.
struct Ancestry {
    private let table: CommitTable

    init(_ table: CommitTable) {
        self.table = table
    }

    /// True when `ancestor` is `descendant` or lies behind it.
    ///
    /// Exact whatever the dates say; looks at young commits first, so that usual pushes end after a few. A commit that is
    /// not there ends the test with `PackError.missing`.
    func isAncestor(_ ancestor: ObjectID, of descendant: ObjectID) throws -> Bool {
        let goal = table.number(of: ancestor)
        var seen: Set<CommitTable.Number> = []
        var queue = Heap<DatedCommit>()
        func enqueue(_ number: CommitTable.Number) throws {
            guard seen.insert(number).inserted else { return }
            try table.load(number)
            queue.insert(DatedCommit(time: table.nodes[number].time, number: number))
        }
        try enqueue(table.number(of: descendant))
        while let next = queue.popMax() {
            if next.number == goal { return true }
            try Task.checkCancellation()
            for parent in table.parents(of: next.number) { try enqueue(parent) }
        }
        return false
    }
}
