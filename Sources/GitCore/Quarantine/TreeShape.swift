/// Refuses new values of refs whose trees nest too deep or whose paths are too long.
///
/// Only trees that the pack brings are looked at, each twice at the most, whatever number of directories share it. Trees
/// that were stored before count as empty; so does the history behind the new values. The server's own walks do not
/// recurse, so this protects clients and their file systems.
struct TreeShape {
    private struct Extent {
        /// Trees on the longest way down, this one included.
        var depth = 1
        /// Bytes of the longest path below, slashes included.
        var pathBytes = 0
    }

    private let connectivity: Connectivity
    private let pack: IncomingPack
    private let reader: ObjectReader

    init(_ connectivity: Connectivity, _ pack: IncomingPack, reader: ObjectReader) {
        self.connectivity = connectivity
        self.pack = pack
        self.reader = reader
    }

    /// Measures the trees of these commits.
    ///
    /// - Throws: `PackRefusal.limit`.
    func verify(_ tips: [ObjectID]) throws {
        var extents: [Int: Extent] = [:]
        let table = CommitTable(reader)
        for tip in tips {
            guard let (oid, type) = try table.peel(tip) else { continue }
            let root = type == .commit ? try rootTree(of: oid) : oid
            if let entry = connectivity.entry(of: root), pack.entries[entry].objectType == .tree {
                try measure(from: entry, into: &extents)
            }
        }
    }

    private func rootTree(of commit: ObjectID) throws -> ObjectID {
        let object = try reader.object(commit, as: .commit)
        return try object.bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }.tree
    }

    /// Depth first, children before parents, with an own stack: hostile trees nest deeper than a thread's stack.
    private func measure(from start: Int, into extents: inout [Int: Extent]) throws {
        var stack = [(entry: start, depth: 1, isSecondVisit: false)]
        while let (entry, depth, isSecondVisit) = stack.popLast() {
            guard extents[entry] == nil else { continue }
            guard depth <= pack.limits.treeDepth else { throw tooDeep }
            let tree = try reader.object(pack.entries[entry].oid, as: .tree)
            if isSecondVisit {
                extents[entry] = try extent(of: tree, extents)
                continue
            }
            stack.append((entry, depth, true))
            try forEachEntry(of: tree) { _, child in
                if let child, extents[child] == nil { stack.append((child, depth + 1, false)) }
            }
        }
    }

    private func extent(of tree: GitObject, _ extents: [Int: Extent]) throws -> Extent {
        var extent = Extent()
        try forEachEntry(of: tree) { nameBytes, child in
            let below = child.flatMap { extents[$0] } ?? Extent(depth: 0, pathBytes: -1)
            extent.depth = max(extent.depth, below.depth + 1)
            extent.pathBytes = max(extent.pathBytes, nameBytes + 1 + below.pathBytes)
        }
        guard extent.depth <= pack.limits.treeDepth else { throw tooDeep }
        guard extent.pathBytes <= pack.limits.pathBytes else {
            throw PackRefusal.limit("a path of more than \(pack.limits.pathBytes) bytes")
        }
        return extent
    }

    /// Tells the length of each name, and for a tree in the pack its entry there.
    private func forEachEntry(of tree: GitObject, _ body: (Int, Int?) throws -> Void) throws {
        try tree.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                try body(entry.name.count, entry.kind == .tree ? connectivity.entry(of: entry.oid) : nil)
            }
        }
    }

    private var tooDeep: PackRefusal {
        .limit("trees nested deeper than \(pack.limits.treeDepth) levels")
    }
}
