/// Whether a negotiation knows enough: every wanted commit leads to one that the client has.
///
/// Linear in the commits between the wants and the oldest common one, whatever their number.
struct Readiness {
    private let table: CommitTable
    private var oldestCommon = Int64.max
    private var hasCommon = false

    init(_ table: CommitTable) {
        self.table = table
    }

    /// Notes that the client has this commit.
    mutating func addCommon(_ number: CommitTable.Number) throws {
        try table.load(number)
        table.mark(number, .common)
        oldestCommon = min(oldestCommon, table.nodes[number].time)
        hasCommon = true
    }

    /// True when each of `wants` reaches a common commit.
    func isReady(wants: [CommitTable.Number]) throws -> Bool {
        guard hasCommon else { return false }
        var finished: Set<CommitTable.Number> = []
        return try wants.allSatisfy { try reaches($0, &finished) }
    }

    /// Depth first, children after parents, so that each commit is decided once.
    private func reaches(_ start: CommitTable.Number, _ finished: inout Set<CommitTable.Number>) throws -> Bool {
        var stack: [(commit: CommitTable.Number, isSecondVisit: Bool)] = [(start, false)]
        while let (commit, isSecondVisit) = stack.popLast() {
            if isSecondVisit {
                if table.parents(of: commit).contains(where: { table.has($0, .reaches) }) {
                    table.mark(commit, .reaches)
                }
                continue
            }
            guard finished.insert(commit).inserted else { continue }
            try table.load(commit)
            if table.has(commit, .common) {
                table.mark(commit, .reaches)
                continue
            }
            guard table.nodes[commit].time >= oldestCommon else { continue }
            stack.append((commit, true))
            for parent in table.parents(of: commit) { stack.append((parent, false)) }
        }
        return table.has(start, .reaches)
    }
}
