package import NIOCore
package import ObjectStore
import OpenSSLKit

/// An object for tests: bytes that look random, the same for the same size and seed, made piece by piece.
package struct ObjectSample: Sendable {
    /// Bytes.
    package let size: Int64
    /// Their SHA-256.
    package let key: ObjectKey
    private let seed: UInt64

    /// Computes the key; takes a second for a gigabyte.
    package init(size: Int64, seed: UInt64 = 1) throws {
        (self.size, self.seed) = (size, seed)
        let hash = try SHA256Stream()
        for piece in SampleIterator(seed: seed, range: 0..<size) {
            try piece.withUnsafeReadableBytes { try hash.update($0) }
        }
        key = try present(ObjectKey(bytes: try hash.finalize()))
    }

    /// The object, or a range of it, as it would come from a client.
    package func bytes(_ range: Range<Int64>? = nil) -> SampleBytes {
        SampleBytes(seed: seed, range: range ?? 0..<size)
    }

    /// The object, or a range of it, at once.
    package func array(_ range: Range<Int64>? = nil) -> [UInt8] {
        SampleIterator(seed: seed, range: range ?? 0..<size).flatMap { Array($0.readableBytesView) }
    }
}

/// Bytes of a sample in pieces of at most 64 KiB, with something wrong in them if wanted.
package struct SampleBytes: AsyncSequence, Sendable {
    fileprivate let seed: UInt64
    fileprivate let range: Range<Int64>
    /// Thrown in place of the end.
    package var failure: (any Error)?
    /// Comes after the bytes.
    package var extra: [UInt8] = []
    /// Awaited before each piece.
    package var pause: @Sendable () async throws -> Void = {}

    fileprivate init(seed: UInt64, range: Range<Int64>) {
        (self.seed, self.range) = (seed, range)
    }

    /// Starts at the first byte.
    package func makeAsyncIterator() -> Iterator {
        Iterator(source: self, pieces: SampleIterator(seed: seed, range: range))
    }

    /// Gives the pieces one by one.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let source: SampleBytes
        fileprivate var pieces: SampleIterator
        fileprivate var isOver = false

        /// The next piece; then what is extra, and the failure.
        package mutating func next() async throws -> ByteBuffer? {
            try await source.pause()
            if let piece = pieces.next() { return piece }
            if let failure = source.failure { throw failure }
            guard !isOver, !source.extra.isEmpty else { return nil }
            isOver = true
            return ByteBuffer(bytes: source.extra)
        }
    }
}

/// Makes eight bytes from each position divided by eight, so that any range can be made without what is before it.
private struct SampleIterator: Sequence, IteratorProtocol {
    let seed: UInt64
    var range: Range<Int64>

    mutating func next() -> ByteBuffer? {
        guard !range.isEmpty else { return nil }
        let end = Swift.min(range.upperBound, range.lowerBound + 64 << 10)
        var buffer = ByteBuffer()
        buffer.reserveCapacity(Int(end - range.lowerBound) + 16)
        for word in range.lowerBound / 8...(end - 1) / 8 {
            buffer.writeInteger(Self.mixed(UInt64(bitPattern: word) &+ seed &* 0x1_0000_0001))
        }
        let skipped = Int(range.lowerBound % 8)
        let piece = buffer.getSlice(at: skipped, length: Int(end - range.lowerBound))
        range = end..<range.upperBound
        return piece
    }

    /// The finaliser of SplitMix64.
    private static func mixed(_ value: UInt64) -> UInt64 {
        var value = value &* 0x9e37_79b9_7f4a_7c15
        value = (value ^ (value >> 30)) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ (value >> 27)) &* 0x94d0_49bb_1331_11eb
        return value ^ (value >> 31)
    }
}
