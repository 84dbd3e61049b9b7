/// The hash over chunks in order: of a xorb, and the root of a file.
///
/// Nodes rise as soon as their group is complete, so a file of any length keeps at most eight nodes a level, and levels
/// grow with the logarithm of the chunks.
/// - Source: Xet protocol specification, "Xorb hash" and "File hash".
package struct MerkleTree: Sendable {
    private struct Node: Sendable {
        let hash: XetHash
        let length: UInt64
    }

    private struct Level: Sendable {
        /// Nodes whose group is not complete.
        var pending: [Node] = []
        /// Whether a group has risen already.
        var hasRisen = false
    }

    private static let shortestGroup = 3
    private static let longestGroup = 9

    private var levels: [Level] = []

    /// Chunks so far.
    package private(set) var count: UInt64 = 0
    /// Raw bytes of all chunks so far.
    package private(set) var length: UInt64 = 0

    /// A tree without chunks.
    package init() {}

    /// Adds the next chunk.
    package mutating func add(_ hash: XetHash, length: UInt32) {
        count &+= 1
        self.length &+= UInt64(length)
        add(Node(hash: hash, length: UInt64(length)), level: 0)
    }

    /// The hash over all chunks so far, as xorbs have it; zero without chunks, and that of the chunk if there is one.
    package var root: XetHash {
        var rest = self
        return rest.collapse()
    }

    /// The hash of a file that consists of all chunks so far; zero for the empty file.
    package var fileHash: XetHash {
        count == 0 ? .zero : HashUse.file.hash(root)
    }

    private mutating func add(_ node: Node, level: Int) {
        var (node, level) = (node, level)
        while true {
            if level == levels.count { levels.append(Level()) }
            levels[level].pending.append(node)
            let count = levels[level].pending.count
            let ends = node.hash.sample % 4 == 0 || count == MerkleTree.longestGroup
            guard count >= MerkleTree.shortestGroup, ends else { return }
            node = rise(from: level)
            level += 1
        }
    }

    /// Takes the pending nodes of a level as a group.
    private mutating func rise(from level: Int) -> Node {
        let node = MerkleTree.node(over: levels[level].pending)
        levels[level].pending.removeAll(keepingCapacity: true)
        levels[level].hasRisen = true
        return node
    }

    /// Closes one level after the other until one has a single node.
    private mutating func collapse() -> XetHash {
        var level = 0
        while level < levels.count {
            let pending = levels[level].pending
            if let only = pending.first, pending.count == 1, !levels[level].hasRisen { return only.hash }
            if !pending.isEmpty { add(rise(from: level), level: level + 1) }
            level += 1
        }
        return .zero
    }

    /// A line of a node: the hash, the length in decimal digits, and what stands around them.
    private static let longestLine = XetHash.textCount + 3 + 20 + 1

    private static func node(over children: [Node]) -> Node {
        let length = children.reduce(0) { $0 &+ $1.length }
        let capacity = children.count * longestLine
        let hash = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: capacity) { text in
            guard let base = text.baseAddress else { return XetHash.zero }
            var count = 0
            for child in children { count += write(child, to: base + count) }
            return HashUse.node.hash(UnsafeRawBufferPointer(start: base, count: count))
        }
        return Node(hash: hash, length: length)
    }

    /// Writes `<hash> : <length>\n`.
    ///
    /// - Returns: how many bytes that is, at most `longestLine`.
    private static func write(_ child: Node, to line: UnsafeMutablePointer<UInt8>) -> Int {
        child.hash.writeText(to: line)
        var end = XetHash.textCount
        for byte in " : ".utf8 {
            line[end] = byte
            end += 1
        }
        var digits = 1
        var bound: UInt64 = 10
        while digits < 20, child.length >= bound {
            digits += 1
            bound = bound &* 10
        }
        var rest = child.length
        for index in stride(from: end + digits - 1, through: end, by: -1) {
            line[index] = UInt8(ascii: "0") + UInt8(truncatingIfNeeded: rest % 10)
            rest /= 10
        }
        line[end + digits] = UInt8(ascii: "\n")
        return end + digits + 1
    }
}

extension MerkleTree {
    /// Adds chunks of a xorb, as a term of a file does.
    ///
    /// - Returns: whether the xorb has them all; if not, nothing is added.
    package mutating func add(_ chunks: Range<Int>, of index: XorbIndex) -> Bool {
        guard let start = index.rawBytes(of: chunks)?.lowerBound else { return false }
        var before = UInt32(clamping: start)
        for entry in index.entries[chunks] {
            add(entry.hash, length: entry.rawEnd &- before)
            before = entry.rawEnd
        }
        return true
    }
}
