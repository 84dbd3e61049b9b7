/// Finds a path for each of some blobs, in the trees that lie within a part of a repository.
struct PathSearch {
    private var wanted: Set<ObjectID>
    private let reader: ObjectReader
    private let isWithin: (ObjectID) -> Bool
    private var treesLeft: Int
    private var seen: Set<ObjectID> = []
    /// The first path that was found, for each blob.
    private(set) var found: [ObjectID: [UInt8]] = [:]

    /// - Parameters:
    ///   - treeLimit: trees that are looked at before the search gives up.
    ///   - isWithin: whether a commit or tree is to be looked at; nothing behind one that is not will be.
    init(wanted: Set<ObjectID>, reader: ObjectReader, treeLimit: Int, isWithin: @escaping (ObjectID) -> Bool) {
        self.wanted = wanted
        self.reader = reader
        self.isWithin = isWithin
        treesLeft = treeLimit
    }

    /// Searches the trees of these values, then those of the commits behind them.
    mutating func run(from tips: [ObjectID]) throws {
        let table = CommitTable(reader)
        var commits: [ObjectID] = []
        for tip in tips {
            guard let (oid, type) = try table.peel(tip) else { continue }
            if type == .commit { commits.append(oid) } else if type == .tree { try search(oid) }
        }
        var next = 0
        while next < commits.count, !wanted.isEmpty, treesLeft > 0 {
            let commit = commits[next]
            next += 1
            guard isWithin(commit), seen.insert(commit).inserted else { continue }
            let header = try reader.commitHeader(commit)
            try search(header.tree)
            commits.append(contentsOf: header.parents)
        }
    }

    private mutating func search(_ root: ObjectID) throws {
        var stack: [(tree: ObjectID, prefix: [UInt8])] = [(root, [])]
        while let (oid, prefix) = stack.popLast(), !wanted.isEmpty, treesLeft > 0 {
            guard isWithin(oid), seen.insert(oid).inserted else { continue }
            treesLeft -= 1
            try Task.checkCancellation()
            let tree = try reader.object(oid, as: .tree)
            try tree.bytes.withUnsafeBytes { bytes in
                var entries = TreeIterator(bytes)
                while let entry = try entries.next() {
                    let path = { prefix + Array(entry.name) }
                    switch entry.kind {
                    case .tree: stack.append((entry.oid, path() + [UInt8(ascii: "/")]))
                    case .blob: if wanted.remove(entry.oid) != nil { found[entry.oid] = path() }
                    case .gitlink: break
                    }
                }
            }
        }
    }
}
