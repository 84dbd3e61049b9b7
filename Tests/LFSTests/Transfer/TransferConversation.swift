import GitCore
import LFS
import NIOCore
import Synchronization

/// Buffers that are all there, one after another.
struct Pieces: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    var pieces: [ByteBuffer]
    /// Thrown behind the last piece.
    var error: (any Error)?

    init(_ pieces: [ByteBuffer], thenThrowing error: (any Error)? = nil) {
        self.pieces = pieces
        self.error = error
    }

    /// The bytes in pieces of at most `count`.
    init(_ bytes: ByteBuffer, piecesOf count: Int) {
        var rest = bytes
        var pieces: [ByteBuffer] = []
        while let piece = rest.readSlice(length: Swift.min(count, rest.readableBytes)), piece.readableBytes > 0 {
            pieces.append(piece)
        }
        self.init(pieces)
    }

    struct AsyncIterator: AsyncIteratorProtocol {
        var rest: ArraySlice<ByteBuffer>
        var error: (any Error)?

        mutating func next() async throws -> ByteBuffer? {
            if let piece = rest.popFirst() { return piece }
            if let error { throw error }
            return nil
        }

        mutating func next(isolation: isolated (any Actor)?) async throws -> ByteBuffer? {
            if let piece = rest.popFirst() { return piece }
            if let error { throw error }
            return nil
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(rest: pieces[...], error: error) }
}

/// Keeps what is written, and how large the largest write was.
final class RecordingSink: ByteSink {
    private let state = Mutex((all: ByteBuffer(), largest: 0))

    func write(_ buffer: ByteBuffer) async throws {
        state.withLock { state in
            state.all.writeImmutableBuffer(buffer)
            state.largest = max(state.largest, buffer.readableBytes)
        }
    }

    var all: ByteBuffer { state.withLock { $0.all } }
    var largestWrite: Int { state.withLock { $0.largest } }
}

/// Packets in the notation of the tests: "0000" and "0001" are special, everything else is a line of text.
func packets(_ script: [String]) -> ByteBuffer {
    var buffer = ByteBuffer()
    for line in script {
        switch line {
        case "0000": buffer.writeFlushPkt()
        case "0001": buffer.writeDelimPkt()
        default: buffer.writePktLine(line)
        }
    }
    return buffer
}

/// The same notation of what the server sent; a packet without LF at its end is shown in brackets.
func script(_ bytes: ByteBuffer) throws -> [String] {
    var decoder = PktLineDecoder()
    decoder.append(bytes)
    var lines: [String] = []
    while let packet = try decoder.next() {
        switch packet {
        case .flush: lines.append("0000")
        case .delim: lines.append("0001")
        case .responseEnd: lines.append("0002")
        case .data(let payload):
            let text = String(buffer: payload)
            lines.append(text.hasSuffix("\n") ? String(text.dropLast()) : "[\(text)]")
        }
    }
    return lines
}

/// What the server says to a whole conversation, behind its greeting and its answer to "version 1".
func converse(
    _ script: [String],
    _ operation: LFSOperation,
    _ backend: MemoryBackend,
    limits: TransferLimits = TransferLimits(),
    pieces: Int = 1_000
) async throws -> [String] {
    let sink = RecordingSink()
    let input = Pieces(packets(["version 1", "0000"] + script), piecesOf: pieces)
    let server = TransferServer(operation: operation, backend: backend, input: input, sink: sink, limits: limits)
    try await server.serve()
    return Array(try LFSTests.script(sink.all).dropFirst(5))
}
