import NIOCore

/// Reads pkt-lines, and then plain bytes, from a source that arrives in pieces.
///
/// Memory: what the source hands over at once, plus one unfinished pkt-line.
struct PacketReader {
    private var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
    private var decoder = PktLineDecoder()

    init(_ source: ByteSource) {
        iterator = source.makeAsyncIterator()
    }

    /// The next pkt-line; nil when the source ends between two of them.
    ///
    /// - Throws: `PktLineError`, `TruncatedStream` when the source ends inside a pkt-line, and errors of the source.
    mutating func next() async throws -> PktLine? {
        while true {
            if let packet = try decoder.next() { return packet }
            guard let bytes = try await iterator.next(isolation: nil) else {
                guard decoder.leftover.readableBytes == 0 else { throw TruncatedStream() }
                return nil
            }
            decoder.append(bytes)
        }
    }

    /// The next bytes as they come, for what follows the pkt-lines; nil at the end.
    mutating func nextBytes() async throws -> ByteBuffer? {
        let rest = decoder.takeLeftover()
        if rest.readableBytes > 0 { return rest }
        return try await iterator.next(isolation: nil)
    }
}

/// The client hung up inside a pkt-line.
struct TruncatedStream: Error {}
