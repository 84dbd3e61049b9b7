import HeapModule

/// Which commits a client lacks: reachable from what it wants, not from what it has.
///
/// Walks by date from both sides at once and stops when only commits remain that the client has, so that the cost is that
/// of the difference, not of the history. Committer dates that run backwards can make the answer larger than
/// necessary, never too small. Done in steps.
///
/// - Source: the idea of git's `rev-list`, as described in gitrevisions(7) "Commit Exclusions".
struct RevisionWalk {
    private let table: CommitTable
    private var queue = Heap<DatedCommit>()
    /// Commits in the queue that are not known to be had.
    private var interestingInQueue = 0
    private var slop = RevisionWalk.slopLimit
    private var candidates: [CommitTable.Number] = []

    /// How many more commits are looked at once only had ones are queued: cheap insurance against skewed clocks.
    private static let slopLimit = 8

    init(_ table: CommitTable) {
        self.table = table
    }

    /// Adds a commit that the client wants.
    mutating func want(_ number: CommitTable.Number) throws {
        try enqueue(number)
    }

    /// Adds a commit that the client has, with all behind it.
    mutating func have(_ number: CommitTable.Number) throws {
        if table.has(number, .seen) {
            markUninteresting(number)
        } else {
            table.mark(number, .uninteresting)
            try enqueue(number)
        }
    }

    private mutating func enqueue(_ number: CommitTable.Number) throws {
        guard !table.has(number, .seen) else { return }
        try table.load(number)
        table.mark(number, [.seen, .queued])
        queue.insert(DatedCommit(time: table.nodes[number].time, number: number))
        if !table.has(number, .uninteresting) { interestingInQueue += 1 }
    }

    /// Looks at one commit; false when the walk is over.
    mutating func step() throws -> Bool {
        guard let next = queue.popMax() else { return false }
        table.unmark(next.number, .queued)
        let isHad = table.has(next.number, .uninteresting)
        if !isHad {
            interestingInQueue -= 1
            candidates.append(next.number)
        }
        for parent in table.parents(of: next.number) {
            if isHad {
                if table.has(parent, .seen) { markUninteresting(parent) } else { table.mark(parent, .uninteresting) }
            }
            try enqueue(parent)
        }
        guard interestingInQueue == 0, isHad else {
            slop = Self.slopLimit
            return true
        }
        if let youngest = queue.max, let oldest = candidates.last, table.nodes[oldest].time <= youngest.time {
            slop = Self.slopLimit
            return true
        }
        slop -= 1
        return slop > 0
    }

    /// Marks a commit, and whatever was already seen behind it.
    private mutating func markUninteresting(_ number: CommitTable.Number) {
        var stack = [number]
        while let current = stack.popLast() {
            guard !table.has(current, .uninteresting) else { continue }
            table.mark(current, .uninteresting)
            guard table.has(current, .seen) else { continue }
            if table.has(current, .queued) { interestingInQueue -= 1 }
            stack.append(contentsOf: table.parents(of: current))
        }
    }

    /// Commits that the client may lack, so far.
    var candidateCount: Int { candidates.count }

    /// The commits that the client lacks, youngest first; valid when `step` has answered false.
    var missing: [CommitTable.Number] {
        candidates.filter { !table.has($0, .uninteresting) }
    }
}
