package import NIOCore

/// A body that ends in an error once more than `limit` bytes have come.
package struct BoundedBody<Base: AsyncSequence & Sendable>: AsyncSequence, Sendable
where Base.Element == ByteBuffer, Base.Failure == any Error {
    package typealias Element = ByteBuffer
    package typealias Failure = any Error

    private let base: Base
    private let limit: Int64

    /// Passes at most `limit` bytes of `base` on.
    package init(_ base: Base, limit: Int64) {
        self.base = base
        self.limit = limit
    }

    package func makeAsyncIterator() -> Iterator {
        Iterator(base: base.makeAsyncIterator(), limit: limit, remaining: limit)
    }

    /// Counts down what may still come.
    package struct Iterator: AsyncIteratorProtocol {
        fileprivate var base: Base.AsyncIterator
        fileprivate let limit: Int64
        fileprivate var remaining: Int64

        package mutating func next() async throws -> ByteBuffer? {
            guard let bytes = try await base.next() else { return nil }
            remaining -= Int64(bytes.readableBytes)
            guard remaining >= 0 else { throw BodyError.tooLarge(limit: limit) }
            return bytes
        }
    }
}
