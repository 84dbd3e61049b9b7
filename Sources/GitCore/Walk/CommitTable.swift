/// The commits that a walk has met, each parsed once and known by a small number.
///
/// About 100 bytes for each commit. Belongs to one thread at a time.
package final class CommitTable {
    /// A commit's number in its table.
    package typealias Number = Int

    struct Node {
        var oid: ObjectID
        var tree = ObjectID.zero
        /// Seconds since 1970 of the committer.
        var time: Int64 = 0
        /// One more than the largest among its parents; 0 when unknown, as for commits younger than the commit-graph.
        var generation: UInt32 = 0
        /// Where the parents' numbers stand in `parentNumbers`.
        var firstParent = 0
        var parentCount = 0
        var isLoaded = false
        var marks: Marks = []
    }

    /// What a walk knows of a commit.
    struct Marks: OptionSet {
        let rawValue: UInt8
        /// Was put into a queue.
        static let seen = Marks(rawValue: 1)
        /// The client has it, and all behind it.
        static let uninteresting = Marks(rawValue: 2)
        /// Waits in a queue.
        static let queued = Marks(rawValue: 4)
        /// The client said that it has this very commit.
        static let common = Marks(rawValue: 8)
        /// Leads to a commit that the client said it has.
        static let reaches = Marks(rawValue: 16)
    }

    private let reader: ObjectReader
    private let graph: CommitGraph?
    private(set) var nodes: [Node] = []
    private var parentNumbers: [Number] = []
    private var numbers: [ObjectID: Number] = [:]

    /// - Parameter usesGraph: whether the commit-graph is believed; checks of the stored objects read these themselves.
    package init(_ reader: ObjectReader, usesGraph: Bool = true) {
        self.reader = reader
        graph = usesGraph ? reader.packs.graph : nil
    }

    /// The number of a commit, which need not have been read yet.
    package func number(of oid: ObjectID) -> Number {
        if let known = numbers[oid] { return known }
        numbers[oid] = nodes.count
        nodes.append(Node(oid: oid))
        return nodes.count - 1
    }

    /// The id of a commit.
    package func oid(of number: Number) -> ObjectID { nodes[number].oid }

    /// Reads a commit if it was not read yet.
    ///
    /// - Throws: `PackError.missing` when it is not there or is no commit.
    func load(_ number: Number) throws {
        guard !nodes[number].isLoaded, !loadFromGraph(number) else { return }
        let object = try reader.object(nodes[number].oid, as: .commit)
        let header = try object.bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
        let parents = header.parents.map { self.number(of: $0) }
        nodes[number].tree = header.tree
        nodes[number].time = header.committerTime
        nodes[number].firstParent = parentNumbers.count
        nodes[number].parentCount = parents.count
        nodes[number].isLoaded = true
        parentNumbers.append(contentsOf: parents)
    }

    /// Takes a commit from the commit-graph; false when that does not know it, or is damaged.
    private func loadFromGraph(_ number: Number) -> Bool {
        guard let graph, let position = graph.position(of: nodes[number].oid),
            let commit = try? graph.commit(at: position)
        else { return false }
        let parents = commit.parents.map { self.number(of: graph.oid(at: $0)) }
        nodes[number].tree = commit.tree
        nodes[number].time = commit.time
        nodes[number].generation = commit.generation
        nodes[number].firstParent = parentNumbers.count
        nodes[number].parentCount = parents.count
        nodes[number].isLoaded = true
        parentNumbers.append(contentsOf: parents)
        return true
    }

    /// The generation of a commit that the commit-graph has; nil for others.
    func knownGeneration(of number: Number) -> UInt32? {
        if nodes[number].generation > 0 { return nodes[number].generation }
        guard let graph, let position = graph.position(of: nodes[number].oid) else { return nil }
        guard let generation = try? graph.commit(at: position).generation, generation > 0 else { return nil }
        return generation
    }

    /// The parents of a commit that was loaded.
    func parents(of number: Number) -> ArraySlice<Number> {
        let node = nodes[number]
        return parentNumbers[node.firstParent..<(node.firstParent + node.parentCount)]
    }

    func mark(_ number: Number, _ marks: Marks) {
        nodes[number].marks.formUnion(marks)
    }

    func unmark(_ number: Number, _ marks: Marks) {
        nodes[number].marks.subtract(marks)
    }

    func has(_ number: Number, _ mark: Marks) -> Bool {
        nodes[number].marks.contains(mark)
    }

    /// Tags of tags that are followed; pushes of longer chains are refused.
    package static let tagDepth = 64

    /// Follows annotated tags to what they finally point to.
    ///
    /// - Parameter visit: is told of each tag on the way.
    /// - Returns: the id and type at the end; nil when something is not there, or after `tagDepth` tags.
    package func peel(_ oid: ObjectID, visit: (ObjectID) -> Void = { _ in }) throws -> (
        oid: ObjectID, type: ObjectType
    )? {
        var current = oid
        for _ in 0...Self.tagDepth {
            guard let header = try reader.header(of: current) else { return nil }
            guard header.type == .tag else { return (current, header.type) }
            visit(current)
            let tag = try reader.object(current, as: .tag)
            current = try tag.bytes.withUnsafeBytes { try TagHeader(parsing: $0) }.target
        }
        return nil
    }
}

/// An entry of a queue that gives the youngest commit first.
struct DatedCommit: Comparable {
    var time: Int64
    var number: CommitTable.Number

    static func < (left: DatedCommit, right: DatedCommit) -> Bool {
        (left.time, left.number) < (right.time, right.number)
    }
}
