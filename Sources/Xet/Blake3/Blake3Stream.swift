/// BLAKE3 of bytes that come in pieces.
///
/// Keeps at most one chunk of 1024 bytes and one chaining value for each level of the tree.
package struct Blake3Stream: Sendable {
    private let tree: Blake3Tree
    /// Chaining values of complete parts, left to right; their sizes are the powers of two in `chunks`.
    private var parts: [Blake3Tree.Value] = []
    /// Chunks in `parts`.
    private var chunks: UInt64 = 0
    /// What may be the last chunk: nothing of it is hashed before there is more.
    private var pending: [UInt8] = []

    init(_ tree: Blake3Tree) {
        self.tree = tree
        pending.reserveCapacity(Blake3Tree.chunkLength)
    }

    /// Takes in `bytes`; any number, also none.
    package mutating func update(_ bytes: UnsafeRawBufferPointer) {
        var rest = bytes
        if !pending.isEmpty {
            let taken = min(rest.count, Blake3Tree.chunkLength - pending.count)
            pending.append(contentsOf: UnsafeRawBufferPointer(rebasing: rest[..<taken]))
            rest = UnsafeRawBufferPointer(rebasing: rest[taken...])
            guard !rest.isEmpty else { return }
            let value = pending.withUnsafeBytes { tree.value(of: $0, start: chunks, isRoot: false) }
            add(value, chunks: 1)
            pending.removeAll(keepingCapacity: true)
        }
        while rest.count > Blake3Tree.chunkLength {
            let count = wholeParts(in: rest.count)
            let part = UnsafeRawBufferPointer(rebasing: rest[..<(count * Blake3Tree.chunkLength)])
            add(tree.value(of: part, start: chunks, isRoot: false), chunks: UInt64(count))
            rest = UnsafeRawBufferPointer(rebasing: rest[part.count...])
        }
        pending.append(contentsOf: rest)
    }

    /// Takes in the raw form of a hash.
    package mutating func update(_ hash: XetHash) {
        withUnsafeTemporaryAllocation(byteCount: XetHash.byteCount, alignment: 8) { bytes in
            if let base = bytes.baseAddress { hash.store(to: base) }
            update(UnsafeRawBufferPointer(bytes))
        }
    }

    /// The hash of everything taken in so far; more may follow.
    package func finalize() -> XetHash {
        var value = pending.withUnsafeBytes { tree.lastChunk($0, number: chunks, isRoot: parts.isEmpty) }
        for (index, part) in parts.enumerated().reversed() {
            value = tree.merge(part, value, isRoot: index == 0)
        }
        return XetHash(value)
    }

    /// How many chunks make the next complete part: a power of two, up to 16, that fits both the tree and the bytes.
    ///
    /// One byte at least stays over, because the last chunk is hashed otherwise.
    private func wholeParts(in length: Int) -> Int {
        var count = Blake3Tree.groupChunks
        while count * Blake3Tree.chunkLength >= length || chunks % UInt64(count) != 0 { count /= 2 }
        return count
    }

    /// Adds a complete part and merges those that it completes.
    ///
    /// More bytes are known to follow, so none of these is the root.
    private mutating func add(_ value: Blake3Tree.Value, chunks count: UInt64) {
        var value = value
        chunks += count
        var size = count
        while chunks & size == 0, let left = parts.popLast() {
            value = tree.merge(left, value, isRoot: false)
            size *= 2
        }
        parts.append(value)
    }
}
