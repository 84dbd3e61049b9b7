import NIOCore
import Synchronization

/// A body that remembers why it failed, for the answer: what reads it may report the failure in words of its own.
struct WatchedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == ByteBuffer, Base.Failure == any Error {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    private let base: Base
    private let failure: BodyFailure

    /// Passes `base` on and its first error to `failure`.
    init(_ base: Base, reportingTo failure: BodyFailure) {
        self.base = base
        self.failure = failure
    }

    func makeAsyncIterator() -> Iterator { Iterator(base: base.makeAsyncIterator(), failure: failure) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: Base.AsyncIterator
        fileprivate let failure: BodyFailure

        mutating func next() async throws -> ByteBuffer? {
            do {
                return try await base.next()
            } catch {
                failure.note(error)
                throw error
            }
        }
    }
}

/// The first error of a body.
final class BodyFailure: Sendable {
    private let first = Mutex<(any Error)?>(nil)

    /// The error, if there was one.
    var error: (any Error)? { first.withLock { $0 } }

    fileprivate func note(_ error: any Error) { first.withLock { $0 = $0 ?? error } }
}
