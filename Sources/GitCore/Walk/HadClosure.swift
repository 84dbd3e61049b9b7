/// Which commits a client with a shallow history lacks.
///
/// Such a client has what it says only down to its boundary, so the two sides are walked one after the other: first
/// everything it has, cut at the old boundary; then everything it wants, cut at the new one. Done in steps.
struct HadClosure {
    private let table: CommitTable
    private let oldBoundary: Set<ObjectID>
    private let newBoundary: Set<ObjectID>
    private var had: Set<CommitTable.Number> = []
    private var found: Set<CommitTable.Number> = []
    private var hadStack: [CommitTable.Number]
    private var wantStack: [CommitTable.Number]
    /// The commits that the client lacks; valid when `step` has answered false.
    private(set) var missing: [CommitTable.Number] = []

    init(
        _ table: CommitTable,
        haves: [ObjectID],
        clientShallows: Set<ObjectID>,
        wants: [CommitTable.Number],
        shallow: ShallowBoundary?
    ) throws {
        self.table = table
        oldBoundary = clientShallows
        newBoundary = shallow?.boundary ?? clientShallows
        hadStack = haves.map { table.number(of: $0) }
        wantStack = wants
        for oid in shallow?.unshallow ?? [] {
            let number = table.number(of: oid)
            try table.load(number)
            wantStack.append(contentsOf: table.parents(of: number))
        }
    }

    /// Whether the client has this commit.
    func contains(_ number: CommitTable.Number) -> Bool { had.contains(number) }

    /// Looks at one commit; false when the walk is over.
    mutating func step() throws -> Bool {
        if let commit = hadStack.popLast() {
            guard had.insert(commit).inserted, !oldBoundary.contains(table.oid(of: commit)) else { return true }
            try table.load(commit)
            hadStack.append(contentsOf: table.parents(of: commit))
            return true
        }
        guard let commit = wantStack.popLast() else { return false }
        guard !had.contains(commit), found.insert(commit).inserted else { return true }
        try table.load(commit)
        missing.append(commit)
        if !newBoundary.contains(table.oid(of: commit)) { wantStack.append(contentsOf: table.parents(of: commit)) }
        return true
    }
}
