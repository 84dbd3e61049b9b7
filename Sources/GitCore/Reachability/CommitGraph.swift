/// What a commit-graph file says of one commit.
package struct GraphCommit: Sendable, Equatable {
    package var tree: ObjectID
    /// Positions of the parents in the graph, in the commit's order.
    package var parents: [Int]
    /// Seconds since 1970 of the committer.
    package var time: Int64
    /// One more than the largest of its parents; 1 without parents, 0 when unknown.
    package var generation: UInt32
}

/// A mapped commit-graph: trees, parents and dates of commits without inflating them.
///
/// Single files only; chains are not read. Immutable, shared by all threads.
///
/// - Source: gitformat-commit-graph(5).
package final class CommitGraph: Sendable {
    /// How many commits there are.
    package let count: Int
    private let file: MappedFile
    private let fanoutAt: Int
    private let idsAt: Int
    private let dataAt: Int
    private let edges: Range<Int>

    static let magic: UInt32 = 0x4347_5048
    static let noParent: UInt32 = 0x7000_0000
    static let edgeFlag: UInt32 = 0x8000_0000
    static let dataBytes = ObjectID.byteCount + 16
    /// Committer dates have 34 bits.
    static let latestTime: Int64 = (1 << 34) - 1
    /// Generation numbers have 30 bits.
    static let highestGeneration: UInt32 = 0x3fff_ffff

    enum Chunk {
        static let fanout: UInt32 = 0x4f49_4446
        static let ids: UInt32 = 0x4f49_444c
        static let data: UInt32 = 0x4344_4154
        static let edges: UInt32 = 0x4544_4745
    }

    /// Maps and validates: header, chunks, fan-out, checksum.
    ///
    /// Commits are checked when they are read.
    /// - Throws: `FileError`, `ReachabilityError`.
    package init(path: String) throws {
        file = try MappedFile(path: path)
        guard try file.word(at: 0) == Self.magic else { throw ReachabilityError.malformed("not a commit-graph") }
        let header = try file.word(at: 4)
        guard header >> 16 == 0x0101, header & 0xff == 0 else {
            throw ReachabilityError.unsupported("commit-graph of version, hash or base graphs \(header)")
        }
        let chunks = try Self.chunks(file, count: Int(header >> 8 & 0xff))
        guard let fanout = chunks[Chunk.fanout], fanout.count == 1_024, let ids = chunks[Chunk.ids],
            let data = chunks[Chunk.data]
        else { throw ReachabilityError.malformed("commit-graph lacks a chunk") }
        var previous: UInt32 = 0
        for bucket in 0..<256 {
            let value = try file.word(at: fanout.lowerBound + 4 * bucket)
            guard value >= previous else { throw ReachabilityError.malformed("commit-graph fan-out decreases") }
            previous = value
        }
        count = Int(previous)
        guard ids.count == count * ObjectID.byteCount, data.count == count * Self.dataBytes else {
            throw ReachabilityError.malformed("commit-graph chunk of another size than its count")
        }
        (fanoutAt, idsAt, dataAt) = (fanout.lowerBound, ids.lowerBound, data.lowerBound)
        edges = chunks[Chunk.edges] ?? 0..<0
    }

    private static func chunks(_ file: MappedFile, count: Int) throws(ReachabilityError) -> [UInt32: Range<Int>] {
        var chunks: [UInt32: Range<Int>] = [:]
        for number in 0..<count {
            let row = 8 + 12 * number
            let id = try file.word(at: row)
            guard let start = Int(exactly: try file.wideWord(at: row + 4)),
                let end = Int(exactly: try file.wideWord(at: row + 16)), start <= end, end <= file.bodyCount
            else { throw .malformed("commit-graph chunk outside its file") }
            chunks[id] = start..<end
        }
        return chunks
    }

    /// The position of a commit; nil when the graph has it not.
    package func position(of oid: ObjectID) -> Int? {
        let bucket = Int(oid.firstByte)
        guard let start = bucket == 0 ? 0 : try? file.word(at: fanoutAt + 4 * (bucket - 1)),
            let end = try? file.word(at: fanoutAt + 4 * bucket)
        else { return nil }
        var low = Int(start)
        var high = Int(end)
        while low < high {
            let middle = (low + high) / 2
            let candidate = self.oid(at: middle)
            if candidate == oid { return middle }
            if candidate < oid { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The id at a position of `0 ..< count`.
    package func oid(at position: Int) -> ObjectID {
        guard position >= 0, position < count else { return .zero }
        return ObjectID(in: file.bytes, at: idsAt + position * ObjectID.byteCount) ?? .zero
    }

    /// The commit at a position.
    ///
    /// - Throws: `malformed` when its parents are no commits of the graph.
    package func commit(at position: Int) throws(ReachabilityError) -> GraphCommit {
        guard position >= 0, position < count else { throw .malformed("no such commit in the commit-graph") }
        let row = dataAt + position * Self.dataBytes
        guard let tree = ObjectID(in: file.bytes, at: row) else { throw .malformed("file is cut off") }
        let first = try file.word(at: row + 20)
        let second = try file.word(at: row + 24)
        let packed = try file.wideWord(at: row + 28)
        var parents: [Int] = []
        if first != Self.noParent { parents.append(try parent(first)) }
        if second & Self.edgeFlag != 0 {
            try appendEdges(from: Int(second & ~Self.edgeFlag), to: &parents)
        } else if second != Self.noParent {
            parents.append(try parent(second))
        }
        return GraphCommit(
            tree: tree,
            parents: parents,
            time: Int64(packed & 0x3_ffff_ffff),
            generation: UInt32(packed >> 34)
        )
    }

    private func appendEdges(from start: Int, to parents: inout [Int]) throws(ReachabilityError) {
        var at = edges.lowerBound + 4 * start
        while true {
            guard at >= edges.lowerBound, at <= edges.upperBound - 4 else { throw .malformed("edge list is cut off") }
            let edge = try file.word(at: at)
            parents.append(try parent(edge & ~Self.edgeFlag))
            if edge & Self.edgeFlag != 0 { return }
            at += 4
        }
    }

    private func parent(_ position: UInt32) throws(ReachabilityError) -> Int {
        guard Int(position) < count else { throw .malformed("a parent that the commit-graph has not") }
        return Int(position)
    }
}
