package import NIOCore
import Synchronization

/// Hands pieces from the task that reads a source to the one that sends a request, one at a time.
///
/// The client library reads request bodies in a task of its own, which nobody awaits; with the relay between, the source
/// is read where its errors and its cancellation belong, and nothing touches it after the upload is over.
package final class PieceRelay: AsyncSequence, Sendable {
    private struct State {
        var piece: ByteBuffer?
        var end: Result<Void, any Error>?
        var isClosed = false
        var wasRead = false
        var producer: CheckedContinuation<Bool, Never>?
        var consumer: CheckedContinuation<ByteBuffer?, any Error>?
    }

    private let state = Mutex(State())

    /// True once a piece was taken: the request cannot be sent again.
    package var wasRead: Bool { state.withLock { $0.wasRead } }

    /// Gives a piece and waits until it is taken; false when nobody takes pieces any more.
    package func send(_ piece: ByteBuffer) async -> Bool {
        await withCheckedContinuation { continuation in
            enum Step {
                case deliver(CheckedContinuation<ByteBuffer?, any Error>)
                case refuse
                case wait
            }
            let step: Step = state.withLock { state in
                if state.isClosed { return .refuse }
                if let consumer = state.consumer.take() {
                    state.wasRead = true
                    return .deliver(consumer)
                }
                (state.piece, state.producer) = (piece, continuation)
                return .wait
            }
            switch step {
            case .deliver(let consumer):
                consumer.resume(returning: piece)
                continuation.resume(returning: true)
            case .refuse: continuation.resume(returning: false)
            case .wait: break
            }
        }
    }

    /// Says that there are no more pieces, or why.
    package func finish(_ end: Result<Void, any Error> = .success(())) {
        let consumer = state.withLock { state in
            if state.end == nil { state.end = end }
            return state.consumer.take()
        }
        consumer?.resume(with: end.map { nil })
    }

    /// Says that nobody will take a piece any more.
    package func close() {
        let (producer, consumer) = state.withLock { state in
            state.isClosed = true
            state.piece = nil
            return (state.producer.take(), state.consumer.take())
        }
        producer?.resume(returning: false)
        consumer?.resume(throwing: CancellationError())
    }

    package func makeAsyncIterator() -> Iterator { Iterator(relay: self) }

    package struct Iterator: AsyncIteratorProtocol {
        let relay: PieceRelay

        package mutating func next() async throws -> ByteBuffer? { try await relay.take() }
    }

    private func take() async throws -> ByteBuffer? {
        try await withCheckedThrowingContinuation { continuation in
            enum Step {
                case piece(ByteBuffer, CheckedContinuation<Bool, Never>?)
                case end(Result<Void, any Error>)
                case wait
            }
            let step: Step = state.withLock { state in
                if let piece = state.piece.take() {
                    state.wasRead = true
                    return .piece(piece, state.producer.take())
                }
                if let end = state.end { return .end(end) }
                if state.isClosed { return .end(.failure(CancellationError())) }
                state.consumer = continuation
                return .wait
            }
            switch step {
            case .piece(let piece, let producer):
                continuation.resume(returning: piece)
                producer?.resume(returning: true)
            case .end(let end): continuation.resume(with: end.map { nil })
            case .wait: break
            }
        }
    }
}
