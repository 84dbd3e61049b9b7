import GitCore
import NIOCore
import Synchronization
import Testing

/// A channel in memory: what the client sends, and what the server answers; neither half ends unless told to.
final class Duplex: ByteSink {
    /// The client's half.
    let input: AsyncThrowingStream<ByteBuffer, any Error>
    private let client: AsyncThrowingStream<ByteBuffer, any Error>.Continuation
    private let answers: AsyncStream<ByteBuffer>
    private let server: AsyncStream<ByteBuffer>.Continuation
    private let all = Mutex(ByteBuffer())

    init() {
        (input, client) = AsyncThrowingStream.makeStream()
        (answers, server) = AsyncStream.makeStream()
    }

    func write(_ buffer: ByteBuffer) async throws {
        all.withLock { all in _ = all.writeImmutableBuffer(buffer) }
        server.yield(buffer)
    }

    func send(_ bytes: [UInt8]) { client.yield(ByteBuffer(bytes: bytes)) }

    /// Sends packets as the recordings spell them.
    func send(_ packets: PktLine...) { client.yield(wire(packets)) }

    /// Ends the client's half.
    func hangUp() { client.finish() }

    /// Everything that the server has sent so far.
    var answered: ByteBuffer { all.withLock { $0 } }

    /// Waits until the server's answers satisfy `isEnough`; false when they do not within ten seconds.
    func wait(_ isEnough: @escaping @Sendable (ByteBuffer) -> Bool) async -> Bool {
        await within(seconds: 120) {
            if isEnough(self.answered) { return true }
            for await _ in self.answers where isEnough(self.answered) { return true }
            return false
        } ?? false
    }
}

/// What a body gives; nil when it is not done in time.
func within<T: Sendable>(seconds: Int, _ body: @escaping @Sendable () async throws -> T) async rethrows -> T? {
    try await withThrowingTaskGroup(of: T?.self) { group in
        group.addTask { try await body() }
        group.addTask {
            try? await Task.sleep(for: .seconds(seconds))
            return nil
        }
        let first = try await group.next()
        group.cancelAll()
        return first ?? nil
    }
}

/// The bytes of packets.
func wire(_ packets: some Sequence<PktLine>) -> ByteBuffer {
    var buffer = ByteBuffer()
    for packet in packets {
        switch packet {
        case .flush: buffer.writeFlushPkt()
        case .delim: buffer.writeDelimPkt()
        case .responseEnd: buffer.writeString("0002")
        case .data(let payload): buffer.writePktLine(bytes: payload.readableBytesView)
        }
    }
    return buffer
}

/// A conversation's surroundings with a real clock.
let testContext = GitContext(limits: .standard, agent: "granary/test") {
    Int64(ContinuousClock.now.duration(to: origin).components.seconds) * -1_000_000_000
}

private let origin = ContinuousClock.now
