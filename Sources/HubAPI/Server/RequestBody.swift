import GitCore
package import NIOCore
import Synchronization

/// A request's body as it arrives: an asynchronous sequence with one consumer.
///
/// The connection pushes into it and stops reading from the socket once `bodyBufferBytes` lie unread, so that a fast
/// client waits for a slow consumer and memory stays bounded.
package final class RequestBody: AsyncSequence, Sendable {
    package typealias Element = ByteBuffer
    package typealias Failure = any Error

    private struct State {
        var buffers: [ByteBuffer] = []
        var bufferedBytes = 0
        var receivedBytes: Int64 = 0
        var end: Result<Void, any Error>?
        var consumer: CheckedContinuation<ByteBuffer?, any Error>?
    }

    private let state = Mutex(State())
    private let onDemand: @Sendable () -> Void

    /// A body without bytes so far.
    ///
    /// - Parameter onDemand: called, from any thread, when the consumer waits for more.
    init(onDemand: @escaping @Sendable () -> Void) {
        self.onDemand = onDemand
    }

    /// A body of bytes at hand, for tests and requests without one.
    package init(bytes: ByteBuffer) {
        self.onDemand = {}
        if bytes.readableBytes > 0 { push(bytes) }
        finish()
    }

    /// Bytes that have arrived, consumed or not.
    package var receivedBytes: Int64 { state.withLock { $0.receivedBytes } }

    /// Bytes that wait for the consumer.
    var bufferedBytes: Int { state.withLock { $0.bufferedBytes } }

    /// Whether the consumer waits for bytes.
    var isAwaited: Bool { state.withLock { $0.consumer != nil } }

    /// Appends bytes.
    ///
    /// After the end they are dropped.
    func push(_ buffer: ByteBuffer) {
        let consumer: CheckedContinuation<ByteBuffer?, any Error>? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.receivedBytes += Int64(buffer.readableBytes)
            if let consumer = state.consumer {
                state.consumer = nil
                return consumer
            }
            state.buffers.append(buffer)
            state.bufferedBytes += buffer.readableBytes
            return nil
        }
        consumer?.resume(returning: buffer)
    }

    /// Marks the end, whole or by an error.
    ///
    /// Only the first end counts.
    func finish(throwing error: (any Error)? = nil) {
        let consumer: CheckedContinuation<ByteBuffer?, any Error>? = state.withLock { state in
            guard state.end == nil else { return nil }
            state.end = error.map { .failure($0) } ?? .success(())
            defer { state.consumer = nil }
            return state.consumer
        }
        if let error { consumer?.resume(throwing: error) } else { consumer?.resume(returning: nil) }
    }

    package func makeAsyncIterator() -> Iterator { Iterator(body: self) }

    /// Takes the next bytes off the body.
    ///
    /// All iterators of one body share its position.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate let body: RequestBody

        package mutating func next() async throws -> ByteBuffer? { try await body.next() }
    }

    private func next() async throws -> ByteBuffer? {
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { consumer in
                let answer: Result<ByteBuffer?, any Error>? = state.withLock { state in
                    take(from: &state) ?? wait(consumer, in: &state)
                }
                if let answer { consumer.resume(with: answer) }
                onDemand()
            }
        } onCancel: {
            state.withLock { state in
                defer { state.consumer = nil }
                return state.consumer
            }?.resume(throwing: CancellationError())
        }
    }

    private func take(from state: inout State) -> Result<ByteBuffer?, any Error>? {
        if !state.buffers.isEmpty {
            let buffer = state.buffers.removeFirst()
            state.bufferedBytes -= buffer.readableBytes
            return .success(buffer)
        }
        return state.end.map { $0.map { nil } }
    }

    /// Leaves the consumer waiting, unless it is cancelled already or a second one.
    private func wait(
        _ consumer: CheckedContinuation<ByteBuffer?, any Error>,
        in state: inout State
    ) -> Result<ByteBuffer?, any Error>? {
        guard !Task.isCancelled else { return .failure(CancellationError()) }
        guard state.consumer == nil else { return .failure(RequestBodyError.consumedTwice) }
        state.consumer = consumer
        return nil
    }
}

/// Why a body ended before its end.
package enum RequestBodyError: ClientFault, Sendable, Equatable {
    /// The connection closed, or the framing was broken.
    case truncated
    /// Less than the least progress within the window.
    case tooSlow
    /// Two tasks waited at once.
    case consumedTwice
}
