/// Writes a commit-graph: one file, generation numbers of the first kind (topological levels).
///
/// - Source: gitformat-commit-graph(5).
package enum CommitGraphWriter {
    /// Writes all commits that `tips` lead to at `path`, synchronized.
    ///
    /// About 100 bytes of memory for each commit.
    /// - Returns: how many commits were written; nil, and no file, when there are none or a date does not fit the format.
    package static func write(_ tips: [ObjectID], table: CommitTable, path: String) throws -> Int? {
        let commits = try Self.commits(from: tips, table)
        let fits = commits.allSatisfy { (0...CommitGraph.latestTime).contains(table.nodes[$0].time) }
        guard !commits.isEmpty, commits.count < Int(CommitGraph.noParent), fits else { return nil }
        let generations = generations(commits, table)
        let order = commits.sorted { table.oid(of: $0) < table.oid(of: $1) }
        var positions: [CommitTable.Number: UInt32] = [:]
        for (position, commit) in order.enumerated() { positions[commit] = UInt32(clamping: position) }
        var edges: [UInt8] = []
        var data: [UInt8] = []
        data.reserveCapacity(order.count * CommitGraph.dataBytes)
        for commit in order {
            table.nodes[commit].tree.append(to: &data)
            let parents = table.parents(of: commit).map { positions[$0] ?? CommitGraph.noParent }
            appendParents(parents, to: &data, edges: &edges)
            let generation = UInt64(min(generations[commit] ?? 0, CommitGraph.highestGeneration))
            data.append(bigEndian: generation << 34 | UInt64(clamping: table.nodes[commit].time))
        }
        try write(order.map { table.oid(of: $0) }, data, edges, path: path)
        return order.count
    }

    private static func commits(from tips: [ObjectID], _ table: CommitTable) throws -> [CommitTable.Number] {
        var seen: Set<CommitTable.Number> = []
        var commits: [CommitTable.Number] = []
        var stack = tips.map { table.number(of: $0) }
        while let commit = stack.popLast() {
            guard seen.insert(commit).inserted else { continue }
            try Task.checkCancellation()
            try table.load(commit)
            commits.append(commit)
            stack.append(contentsOf: table.parents(of: commit))
        }
        return commits
    }

    /// Levels from the roots up, parents before children; no recursion, whatever the history's length.
    private static func generations(
        _ commits: [CommitTable.Number],
        _ table: CommitTable
    ) -> [CommitTable.Number: UInt32] {
        var generations: [CommitTable.Number: UInt32] = [:]
        generations.reserveCapacity(commits.count)
        for start in commits where generations[start] == nil {
            var stack = [start]
            while let commit = stack.last {
                var highest: UInt32 = 0
                var waiting: [CommitTable.Number] = []
                for parent in table.parents(of: commit) {
                    if let known = generations[parent] { highest = max(highest, known) } else { waiting.append(parent) }
                }
                guard waiting.isEmpty else {
                    stack.append(contentsOf: waiting)
                    continue
                }
                generations[commit] = min(highest + 1, CommitGraph.highestGeneration)
                stack.removeLast()
            }
        }
        return generations
    }

    private static func appendParents(_ parents: [UInt32], to data: inout [UInt8], edges: inout [UInt8]) {
        data.append(bigEndian: parents.first ?? CommitGraph.noParent)
        switch parents.count {
        case 0, 1: data.append(bigEndian: CommitGraph.noParent)
        case 2: data.append(bigEndian: parents[1])
        default:
            data.append(bigEndian: CommitGraph.edgeFlag | UInt32(clamping: edges.count / 4))
            for parent in parents[1..<(parents.count - 1)] { edges.append(bigEndian: parent) }
            edges.append(bigEndian: CommitGraph.edgeFlag | parents[parents.count - 1])
        }
    }

    private static func write(_ oids: [ObjectID], _ data: [UInt8], _ edges: [UInt8], path: String) throws {
        var sizes: [(id: UInt32, size: Int)] = [
            (CommitGraph.Chunk.fanout, 1_024), (CommitGraph.Chunk.ids, oids.count * ObjectID.byteCount),
            (CommitGraph.Chunk.data, data.count),
        ]
        if !edges.isEmpty { sizes.append((CommitGraph.Chunk.edges, edges.count)) }
        var head: [UInt8] = []
        head.append(bigEndian: CommitGraph.magic)
        head += [1, 1, UInt8(clamping: sizes.count), 0]
        var offset = 8 + 12 * (sizes.count + 1)
        for chunk in sizes {
            head.append(bigEndian: chunk.id)
            head.append(bigEndian: UInt64(clamping: offset))
            offset += chunk.size
        }
        head.append(bigEndian: UInt32(0))
        head.append(bigEndian: UInt64(clamping: offset))
        var counts = [UInt32](repeating: 0, count: 256)
        for oid in oids { counts[Int(oid.firstByte)] += 1 }
        var sum: UInt32 = 0
        for count in counts {
            sum += count
            head.append(bigEndian: sum)
        }
        var output = try ChecksummedFile(path: path)
        try output.append(head)
        for oid in oids { try output.append(oid) }
        try output.append(data)
        try output.append(edges)
        try output.finish()
    }
}
