import NIOCore
import OpenSSLKit

/// A source that is counted and hashed while it is read, and that gives its last piece only when both are right.
///
/// So a request that carries the pieces cannot become complete with wrong bytes, whatever the store checks itself.
/// One task reads it.
final class VerifiedSource {
    private let key: ObjectKey?
    private let size: Int64
    private let hash: SHA256Stream
    private var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
    private var received: Int64 = 0
    private var waiting = ByteBuffer()

    /// - Parameter key: what the SHA-256 must be; nil to compare the size only.
    init(_ bytes: ByteSourceLike, key: ObjectKey?, size: Int64) throws {
        self.key = key
        self.size = size
        hash = try SHA256Stream()
        iterator = bytes.makeAsyncIterator()
    }

    /// The next piece of at most `limit` bytes; nil at the end.
    /// - Throws: `.wrongSize`, `.wrongHash`, errors of the source.
    func next(atMost limit: Int64) async throws -> ByteBuffer? {
        if waiting.readableBytes == 0 {
            guard let piece = try await take() else { return nil }
            waiting = piece
        }
        return waiting.readSlice(length: Int(min(limit, Int64(waiting.readableBytes))))
    }

    /// Reads what is left, for the sake of the checks only.
    func drain() async throws {
        while try await next(atMost: .max) != nil {}
    }

    /// The next `count` bytes at once, or what there is; for what is small enough to be held.
    func collect(_ count: Int) async throws -> ByteBuffer {
        var bytes = ByteBufferAllocator().buffer(capacity: count)
        while bytes.readableBytes < count, var piece = try await next(atMost: Int64(count - bytes.readableBytes)) {
            bytes.writeBuffer(&piece)
        }
        return bytes
    }

    private func take() async throws -> ByteBuffer? {
        guard let piece = try await nextPiece() else {
            // A source may simply end when its reader is cancelled.
            try Task.checkCancellation()
            guard received == size else { throw ObjectStoreError.wrongSize(expected: size, received: received) }
            // Others are compared at their last piece, which an empty object does not have.
            if size == 0 { try checkHash() }
            return nil
        }
        if received == size {
            // Whatever comes now is too much, and `nextPiece` says so.
            _ = try await nextPiece()
            try checkHash()
        }
        return piece
    }

    /// The next piece with bytes in it, counted and hashed.
    private func nextPiece() async throws -> ByteBuffer? {
        while let piece = try await iterator.next(isolation: nil) {
            guard piece.readableBytes > 0 else { continue }
            received += Int64(piece.readableBytes)
            guard received <= size else { throw ObjectStoreError.wrongSize(expected: size, received: received) }
            try piece.withUnsafeReadableBytes { try hash.update($0) }
            return piece
        }
        return nil
    }

    private func checkHash() throws {
        guard let key else { return }
        guard try hash.finalize() == key.bytes else { throw ObjectStoreError.wrongHash }
    }
}
