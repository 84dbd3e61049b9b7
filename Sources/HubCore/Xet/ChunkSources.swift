import NIOCore
import ObjectStore
import Xet

/// The content of serialized chunks that are read from a store.
struct DecodedChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    let bytes: ByteSourceLike

    func makeAsyncIterator() -> Iterator { Iterator(PieceIterator(bytes)) }

    /// Gives one buffer for each one that comes in, with all chunks that it completes.
    struct Iterator: AsyncIteratorProtocol {
        private var source: PieceIterator
        private var decoder: ChunkRangeDecoder?
        private var isOver = false

        fileprivate init(_ source: PieceIterator) { self.source = source }

        mutating func next() async throws -> ByteBuffer? {
            guard !isOver else { return nil }
            let decoder = try self.decoder ?? ChunkRangeDecoder()
            self.decoder = decoder
            while let piece = try await source.next() {
                var content = ByteBuffer()
                try piece.withUnsafeReadableBytes { bytes in
                    try decoder.take(bytes) { raw in content.writeBytes(raw) }
                }
                if content.readableBytes > 0 { return content }
            }
            isOver = true
            try decoder.finish()
            return nil
        }
    }
}

/// Raw bytes as chunks that are stored without compression: a header before each.
struct SerializedChunks: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    let bytes: ByteSourceLike
    /// Raw bytes of each chunk.
    let lengths: [Int]

    func makeAsyncIterator() -> Iterator { Iterator(PieceIterator(bytes), lengths) }

    struct Iterator: AsyncIteratorProtocol {
        private var source: PieceIterator
        private var lengths: ArraySlice<Int>
        /// Raw bytes of the present chunk that are still to come.
        private var left = 0

        fileprivate init(_ source: PieceIterator, _ lengths: [Int]) {
            self.source = source
            self.lengths = lengths[...]
        }

        mutating func next() async throws -> ByteBuffer? {
            guard var piece = try await source.next() else { return nil }
            var output = ByteBuffer()
            while piece.readableBytes > 0 {
                if left == 0 {
                    guard let length = lengths.popFirst() else { return output }
                    let header = try ChunkHeader(scheme: .stored, storedLength: length, rawLength: length)
                    output.writeBytes(header.bytes)
                    left = length
                }
                let count = Swift.min(left, piece.readableBytes)
                guard var slice = piece.readSlice(length: count) else { break }
                output.writeBuffer(&slice)
                left -= count
            }
            return output
        }
    }
}

/// The iterator of a source whose type nobody knows.
struct PieceIterator {
    private var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>

    init(_ source: ByteSourceLike) {
        iterator = Self.open(source)
    }

    private static func open(
        _ source: some AsyncSequence<ByteBuffer, any Error>
    ) -> any AsyncIteratorProtocol<ByteBuffer, any Error> {
        source.makeAsyncIterator()
    }

    mutating func next() async throws -> ByteBuffer? { try await iterator.next() }
}
