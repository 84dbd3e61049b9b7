import HeapModule

/// A stretch of a history, youngest first with children before their parents, and how long all of it is.
///
/// Costs one look at each commit of the history, mostly in the commit-graph, and about 130 bytes of memory for each.
package struct CommitLog {
    /// How many commits lead to the tip, itself counted.
    package let total: Int
    /// The commits that were asked for.
    package let commits: [ObjectID]

    /// - Parameters:
    ///   - skip: so many of the youngest are left out.
    ///   - limit: at most so many are told.
    /// - Throws: `PackError.missing` when `tip` is no commit; errors of damaged packs; when the task is cancelled.
    package init(from tip: ObjectID, skip: Int, limit: Int, _ reader: ObjectReader) throws {
        let table = CommitTable(reader)
        let children = try Self.children(of: table, from: table.number(of: tip))
        total = children.count
        commits = Self.order(table, children, skip: skip, limit: limit)
    }

    /// Reads all of a history; tells how many children each of its commits has in it, by number.
    private static func children(of table: CommitTable, from tip: CommitTable.Number) throws -> [Int32] {
        var children: [Int32] = [0]
        var stack = [tip]
        try table.load(tip)
        var seen = 0
        while let commit = stack.popLast() {
            seen += 1
            if seen.isMultiple(of: 1_024) { try Task.checkCancellation() }
            for parent in table.parents(of: commit) {
                // Numbers are given in the order of first mention.
                while children.count <= parent { children.append(0) }
                children[parent] &+= 1
                guard children[parent] == 1 else { continue }
                try table.load(parent)
                stack.append(parent)
            }
        }
        return children
    }

    private static func order(_ table: CommitTable, _ all: [Int32], skip: Int, limit: Int) -> [ObjectID] {
        var children = all
        var ready = Heap([DatedCommit(time: table.nodes[0].time, number: 0)])
        var commits: [ObjectID] = []
        var passed = 0
        while commits.count < limit, let next = ready.popMax() {
            if passed >= skip { commits.append(table.oid(of: next.number)) }
            passed += 1
            for parent in table.parents(of: next.number) {
                children[parent] &-= 1
                guard children[parent] == 0 else { continue }
                ready.insert(DatedCommit(time: table.nodes[parent].time, number: parent))
            }
        }
        return commits
    }
}
