import GitCore
package import NIOCore
import Synchronization

/// The server's half of a channel: one conversation writes, the connection's thread sends.
///
/// A writer waits once `limit` bytes are not yet sent, until half of them are: a client that reads slowly costs that much
/// memory and no more.
package final class ChannelOutput: Sendable {
    /// Bytes for one of the client's streams.
    package struct Piece: Sendable {
        /// What is left of it.
        package var bytes: ByteBuffer
        /// Whether it goes to standard error.
        package let isError: Bool
    }

    fileprivate struct State {
        var pieces = CircularBuffer<Piece>()
        var bytes = 0
        var total: Int64 = 0
        var writer: CheckedContinuation<Void, any Error>?
        var waitingSince: Int64?
        var failure: (any Error)?
        var exitStatus: Int32?
    }

    package static let limit = 1 << 20

    private let state = Mutex(State())
    private let wakeup: Wakeup
    private let now: @Sendable () -> Int64

    package init(wakeup: Wakeup, now: @escaping @Sendable () -> Int64) {
        self.wakeup = wakeup
        self.now = now
    }

    /// Bytes sent or waiting, of both streams.
    package var total: Int64 { state.withLock { $0.total } }

    /// Nanoseconds since which the writer, or the end of the channel, waits for the client; nil when it does not.
    package var waitingSince: Int64? { state.withLock { $0.waitingSince } }

    /// Writes a text to standard error.
    ///
    /// Never waits: such texts are short and few.
    package func writeError(_ text: String) {
        append(Piece(bytes: ByteBuffer(string: text), isError: true))
    }

    /// Ends the channel with an exit status, after all that was written.
    ///
    /// Only the first status counts.
    package func finish(_ status: Int32) {
        state.withLock { state in
            state.exitStatus = state.exitStatus ?? status
            // From here on nobody else notices that the client takes nothing.
            if state.bytes > 0 { state.waitingSince = state.waitingSince ?? now() }
        }
        wakeup.signal()
    }

    /// Fails the writer, now and later; nothing more is sent.
    package func fail(_ error: any Error) {
        let writer = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.failure = state.failure ?? error
            state.pieces.removeAll()
            state.bytes = 0
            return state.takeWriter()
        }
        writer?.resume(throwing: error)
    }

    /// The bytes to send next, in one piece; nil when there are none.
    ///
    /// They still count until `sent` says that they are gone.
    package func next() -> Piece? { state.withLock { $0.pieces.popFirst() } }

    /// Notes that bytes went into the connection.
    package func sent(_ count: Int) {
        let writer = state.withLock { state -> CheckedContinuation<Void, any Error>? in
            state.bytes = max(0, state.bytes - count)
            if state.exitStatus != nil { state.waitingSince = state.bytes > 0 ? now() : nil }
            return state.bytes <= Self.limit / 2 ? state.takeWriter() : nil
        }
        writer?.resume()
    }

    /// The exit status, once it is set and everything has been sent.
    package var finalStatus: Int32? { state.withLock { $0.bytes == 0 ? $0.exitStatus : nil } }

    /// Whether the conversation is over.
    package var isFinished: Bool { state.withLock { $0.exitStatus != nil } }

    private func append(_ piece: Piece) {
        state.withLock { state in
            guard state.failure == nil else { return }
            state.add(piece)
        }
        wakeup.signal()
    }
}

extension ChannelOutput: ByteSink {
    /// Sends bytes to standard output.
    package func write(_ buffer: ByteBuffer) async throws {
        guard buffer.readableBytes > 0 else { return }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                let answer = state.withLock { state -> Result<Void, any Error>? in
                    if let failure = state.failure { return .failure(failure) }
                    if Task.isCancelled { return .failure(CancellationError()) }
                    state.add(Piece(bytes: buffer, isError: false))
                    guard state.bytes > Self.limit else { return .success(()) }
                    state.writer = continuation
                    state.waitingSince = now()
                    return nil
                }
                if let answer { continuation.resume(with: answer) }
                wakeup.signal()
            }
        } onCancel: {
            state.withLock { $0.takeWriter() }?.resume(throwing: CancellationError())
        }
    }
}

extension ChannelOutput.State {
    fileprivate mutating func add(_ piece: ChannelOutput.Piece) {
        pieces.append(piece)
        bytes += piece.bytes.readableBytes
        total += Int64(piece.bytes.readableBytes)
    }

    fileprivate mutating func takeWriter() -> CheckedContinuation<Void, any Error>? {
        defer { (writer, waitingSince) = (nil, nil) }
        return writer
    }
}
