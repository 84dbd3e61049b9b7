/// The tree of BLAKE3 over bytes in memory, four chunks or four parents at a time.
///
/// Nothing here allocates. Chunks in this folder are BLAKE3's, of 1024 bytes.
/// - Source: BLAKE3 paper, sections 2.1 "Tree Structure" and 2.4 "Chunks".
struct Blake3Tree {
    /// The chaining value of a part of the tree.
    typealias Value = SIMD8<UInt32>

    static let blockLength = 64
    static let chunkLength = 1024
    /// So many chunks are hashed together; their chaining values fit a small scratch on the stack.
    static let groupChunks = 16
    static let groupLength = groupChunks * chunkLength

    private static let chunkStart: UInt32 = 1
    private static let chunkEnd: UInt32 = 2
    private static let parent: UInt32 = 4
    static let root: UInt32 = 8
    static let keyed: UInt32 = 16

    // In halves, for the reason that `XetHash` is.
    private let lowKey: SIMD4<UInt32>
    private let highKey: SIMD4<UInt32>
    /// In every block: `keyed` or 0.
    let mode: UInt32

    init(key: Value, mode: UInt32) {
        (lowKey, highKey) = (key.lowHalf, key.highHalf)
        self.mode = mode
    }

    /// The key, or the initial value without one.
    var key: Value { Value(lowHalf: lowKey, highHalf: highKey) }

    /// The chaining value of whatever `bytes` are, or their hash if they are all there is.
    ///
    /// - Parameter start: the number of the first chunk.
    /// - Parameter isRoot: whether the bytes are the whole input.
    func value(of bytes: UnsafeRawBufferPointer, start: UInt64, isRoot: Bool) -> Value {
        if bytes.count <= Blake3Tree.groupLength { return group(bytes, start: start, isRoot: isRoot) }
        // The left side is the largest power of two of chunks that leaves something for the right side.
        let chunks = (bytes.count - 1) / Blake3Tree.chunkLength
        let left = 1 << (Int.bitWidth - 1 - chunks.leadingZeroBitCount)
        let split = left * Blake3Tree.chunkLength
        return merge(
            value(of: UnsafeRawBufferPointer(rebasing: bytes[..<split]), start: start, isRoot: false),
            value(
                of: UnsafeRawBufferPointer(rebasing: bytes[split...]),
                start: start &+ UInt64(left),
                isRoot: false
            ),
            isRoot: isRoot
        )
    }

    /// The chaining value of two parts side by side.
    func merge(_ left: Value, _ right: Value, isRoot: Bool) -> Value {
        var children = (left, right)
        return withUnsafePointer(to: &children) { children in
            parents(children, count: 1, isRoot: isRoot).value(ofLane: 0)
        }
    }

    /// At most 16 chunks: all leaves, then level by level.
    private func group(_ bytes: UnsafeRawBufferPointer, start: UInt64, isRoot: Bool) -> Value {
        guard let base = bytes.baseAddress, bytes.count > Blake3Tree.chunkLength else {
            return lastChunk(bytes, number: start, isRoot: isRoot)
        }
        return withUnsafeTemporaryAllocation(of: Value.self, capacity: Blake3Tree.groupChunks) { scratch in
            guard let values = scratch.baseAddress else { return key }
            let full = bytes.count / Blake3Tree.chunkLength
            var count = 0
            while count < full {
                let lanes = min(4, full &- count)
                let chunk = base + count &* Blake3Tree.chunkLength
                fullChunks(chunk, count: lanes, start: start &+ UInt64(count)).store(lanes, to: values + count)
                count &+= lanes
            }
            if full &* Blake3Tree.chunkLength < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[(full &* Blake3Tree.chunkLength)...])
                values[full] = lastChunk(rest, number: start &+ UInt64(full), isRoot: false)
                count &+= 1
            }
            return reduce(values, count, isRoot: isRoot)
        }
    }

    /// Makes one value of `count` side by side, at least two; an odd one at the end rises as it is.
    private func reduce(_ values: UnsafeMutablePointer<Value>, _ count: Int, isRoot: Bool) -> Value {
        var count = count
        while count > 1 {
            let pairs = count / 2
            var done = 0
            while done < pairs {
                let lanes = min(4, pairs &- done)
                let merged = parents(values + 2 &* done, count: lanes, isRoot: isRoot && count == 2)
                merged.store(lanes, to: values + done)
                done &+= lanes
            }
            if count % 2 == 1 { values[pairs] = values[count &- 1] }
            count = pairs &+ count % 2
        }
        return values[0]
    }

    /// The chaining values of one to four pairs of children, 64 bytes each.
    private func parents(_ children: UnsafeRawPointer, count: Int, isRoot: Bool) -> ChainingLanes {
        var chaining = ChainingLanes(repeating: key)
        StateLanes.compress(
            MessageLanes(loading: children, LaneOffsets(stride: Blake3Tree.blockLength, count: count)),
            into: &chaining,
            counter: (.zero, .zero),
            length: UInt32(Blake3Tree.blockLength),
            flags: mode | Blake3Tree.parent | (isRoot ? Blake3Tree.root : 0)
        )
        return chaining
    }

    /// The chaining values of one to four whole chunks that follow each other: the hot loop.
    private func fullChunks(_ chunks: UnsafeRawPointer, count: Int, start: UInt64) -> ChainingLanes {
        let offsets = LaneOffsets(stride: Blake3Tree.chunkLength, count: count)
        let counter = Blake3Tree.counters(from: start)
        var chaining = ChainingLanes(repeating: key)
        var flags = mode | Blake3Tree.chunkStart
        var position = 0
        while position < Blake3Tree.chunkLength {
            if position == Blake3Tree.chunkLength &- Blake3Tree.blockLength { flags |= Blake3Tree.chunkEnd }
            StateLanes.compress(
                MessageLanes(loading: chunks + position, offsets),
                into: &chaining,
                counter: counter,
                length: UInt32(Blake3Tree.blockLength),
                flags: flags
            )
            flags = mode
            position &+= Blake3Tree.blockLength
        }
        return chaining
    }

    /// The numbers of four chunks that follow each other.
    private static func counters(from start: UInt64) -> (low: Lanes, high: Lanes) {
        let numbers = SIMD4<UInt64>(repeating: start) &+ SIMD4(0, 1, 2, 3)
        return (Lanes(truncatingIfNeeded: numbers), Lanes(truncatingIfNeeded: numbers &>> 32))
    }

    /// The chaining value of a chunk of 0 to 1024 bytes, or the hash if it is the whole input.
    func lastChunk(_ bytes: UnsafeRawBufferPointer, number: UInt64, isRoot: Bool) -> Value {
        var chaining = ChainingLanes(repeating: key)
        let counter = Blake3Tree.counters(from: number)
        let end = Blake3Tree.chunkEnd | (isRoot ? Blake3Tree.root : 0)
        var flags = mode | Blake3Tree.chunkStart
        var position = 0
        while bytes.count &- position > Blake3Tree.blockLength, let base = bytes.baseAddress {
            let message = MessageLanes(loading: base + position, LaneOffsets(stride: 0, count: 1))
            let length = UInt32(Blake3Tree.blockLength)
            StateLanes.compress(message, into: &chaining, counter: counter, length: length, flags: flags)
            flags = mode
            position &+= Blake3Tree.blockLength
        }
        let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
        let (message, length) = (Blake3Tree.padded(rest), UInt32(rest.count))
        StateLanes.compress(message, into: &chaining, counter: counter, length: length, flags: flags | end)
        return chaining.value(ofLane: 0)
    }

    /// A block of at most 64 bytes with zeros behind it.
    private static func padded(_ bytes: UnsafeRawBufferPointer) -> MessageLanes {
        var block = (SIMD8<UInt32>.zero, SIMD8<UInt32>.zero)
        return withUnsafeMutablePointer(to: &block) { block in
            let start = UnsafeMutableRawPointer(block)
            UnsafeMutableRawBufferPointer(start: start, count: blockLength).copyMemory(from: bytes)
            return MessageLanes(loading: start, LaneOffsets(stride: 0, count: 1))
        }
    }
}
