import GitCore
package import NIOCore
import Synchronization

/// The connection ended while somebody still read from a channel or wrote to it.
package enum ChannelFault: ClientFault, Sendable, Equatable, CustomStringConvertible {
    /// The client went away, or broke the protocol.
    case disconnected
    /// The client neither sent nor took anything for too long.
    case stalled

    package var description: String {
        switch self {
        case .disconnected: "the client disconnected"
        case .stalled: "the client was silent for too long"
        }
    }
}

/// The client's half of a channel: the connection's thread pushes, one conversation reads.
///
/// At most `limit` bytes are taken as they arrive. What does not fit stays with libssh, which then stops widening the
/// client's window; it comes after them in one go, once the reader has caught up.
package final class ChannelInput: Sendable {
    fileprivate struct State {
        var buffers = CircularBuffer<ByteBuffer>()
        var bytes = 0
        var total: Int64 = 0
        var end: Result<Void, any Error>?
        var reader: CheckedContinuation<ByteBuffer?, any Error>?
        var waitingSince: Int64?
        var isBeforeFirst = false
        var isPaused = false
    }

    package static let limit = 512 << 10
    /// Small packets are put together up to this size before the reader sees them.
    private static let pieceBytes = 128 << 10

    private let state = Mutex(State())
    private let wakeup: Wakeup
    private let now: @Sendable () -> Int64

    package init(wakeup: Wakeup, now: @escaping @Sendable () -> Int64) {
        self.wakeup = wakeup
        self.now = now
    }

    /// Bytes that came so far.
    package var total: Int64 { state.withLock { $0.total } }

    /// Nanoseconds since which the reader waits for the client; nil when it does not.
    package var waitingSince: Int64? { state.withLock { $0.waitingSince } }

    /// Whether the reader waits for the client's first bytes and was told that they may take long.
    package var isBeforeFirst: Bool { state.withLock { $0.isBeforeFirst } }

    /// Waits until the client has sent something, or nothing more will come; takes nothing.
    ///
    /// - Parameter mayTakeLong: whether a silent client is no reason to end the command.
    package func waitForFirst(mayTakeLong: Bool) async throws {
        state.withLock { $0.isBeforeFirst = mayTakeLong }
        defer { state.withLock { $0.isBeforeFirst = false } }
        guard let piece = try await next() else { return }
        state.withLock { $0.putBack(piece) }
    }

    /// Whether the reader has caught up, so that what libssh kept may come.
    package var isDrained: Bool { state.withLock { $0.bytes <= Self.limit / 2 } }

    /// Takes bytes that libssh had kept, whatever waits already.
    package func add(_ bytes: UnsafeRawBufferPointer) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            guard state.reader == nil else { return state.takeReader(counting: bytes.count) }
            state.append(bytes, Self.pieceBytes)
            return nil
        }
        reader?.resume(returning: ByteBuffer(bytes: bytes))
    }

    /// Takes as many of the bytes as there is room for, and says how many.
    package func push(_ bytes: UnsafeRawBufferPointer) -> Int {
        let (taken, reader, piece) = state.withLock { state in
            state.take(bytes, limit: Self.limit, pieceBytes: Self.pieceBytes)
        }
        if let reader { reader.resume(returning: piece) }
        return taken
    }

    /// Marks the end; only the first counts.
    package func finish(throwing error: (any Error)? = nil) {
        let reader = state.withLock { state -> CheckedContinuation<ByteBuffer?, any Error>? in
            guard state.end == nil else { return nil }
            state.end = error.map { .failure($0) } ?? .success(())
            if error != nil { state.dropBuffers() }
            return state.takeReader()
        }
        if let error { reader?.resume(throwing: error) } else { reader?.resume(returning: nil) }
    }

    /// The next bytes; nil at the end.
    fileprivate func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { state -> Result<ByteBuffer?, any Error>? in
                    if let piece = state.pop() { return .success(piece) }
                    if let end = state.end { return end.map { nil } }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.reader = continuation
                    state.waitingSince = now()
                    return nil
                }
                guard let answer else { return }
                continuation.resume(with: answer)
                if resumes() { wakeup.signal() }
            }
        } onCancel: {
            state.withLock { $0.takeReader() }?.resume(throwing: CancellationError())
        }
    }

    /// Whether libssh kept bytes back and there is room for them now.
    private func resumes() -> Bool {
        state.withLock { state in
            guard state.isPaused, state.bytes <= Self.limit / 2 else { return false }
            state.isPaused = false
            return true
        }
    }
}

extension ChannelInput.State {
    fileprivate mutating func take(
        _ bytes: UnsafeRawBufferPointer,
        limit: Int,
        pieceBytes: Int
    ) -> (taken: Int, reader: CheckedContinuation<ByteBuffer?, any Error>?, piece: ByteBuffer) {
        // Nobody will read what comes after the end.
        guard end == nil else { return (bytes.count, nil, ByteBuffer()) }
        if let reader = takeReader(counting: bytes.count) { return (bytes.count, reader, ByteBuffer(bytes: bytes)) }
        let count = Swift.min(bytes.count, Swift.max(0, limit - self.bytes))
        if count < bytes.count { isPaused = true }
        guard count > 0 else { return (0, nil, ByteBuffer()) }
        append(UnsafeRawBufferPointer(rebasing: bytes.prefix(count)), pieceBytes)
        return (count, nil, ByteBuffer())
    }

    fileprivate mutating func append(_ piece: UnsafeRawBufferPointer, _ pieceBytes: Int) {
        bytes += piece.count
        total += Int64(piece.count)
        if let last = buffers.indices.last, buffers[last].readableBytes + piece.count <= pieceBytes {
            buffers[last].writeBytes(piece)
        } else {
            var buffer = ByteBufferAllocator().buffer(capacity: pieceBytes / 2)
            buffer.writeBytes(piece)
            buffers.append(buffer)
        }
    }

    fileprivate mutating func pop() -> ByteBuffer? {
        guard let piece = buffers.popFirst() else { return nil }
        bytes -= piece.readableBytes
        return piece
    }

    fileprivate mutating func putBack(_ piece: ByteBuffer) {
        // After a fault nothing is read any more.
        if case .failure = end { return }
        buffers.prepend(piece)
        bytes += piece.readableBytes
    }

    fileprivate mutating func dropBuffers() {
        buffers.removeAll()
        bytes = 0
    }

    /// The reader that waits, if one does, for so many bytes.
    fileprivate mutating func takeReader(counting count: Int) -> CheckedContinuation<ByteBuffer?, any Error>? {
        guard reader != nil else { return nil }
        total += Int64(count)
        return takeReader()
    }

    fileprivate mutating func takeReader() -> CheckedContinuation<ByteBuffer?, any Error>? {
        defer { (reader, waitingSince) = (nil, nil) }
        return reader
    }
}

extension ChannelInput: AsyncSequence {
    package typealias Element = ByteBuffer
    package typealias Failure = any Error

    package func makeAsyncIterator() -> Iterator { Iterator(input: self) }

    /// Takes the next bytes off the channel.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let input: ChannelInput

        package mutating func next() async throws -> ByteBuffer? { try await input.next() }
    }
}
