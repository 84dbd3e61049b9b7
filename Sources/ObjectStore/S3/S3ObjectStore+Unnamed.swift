import NIOCore
import OpenSSLKit
import Synchronization

extension S3ObjectStore {
    /// Takes an object in parts to a place of its own, hashing it on the way, and copies it to the place of its name.
    ///
    /// One that fits into a part goes to its place at once.
    package func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        var pieces = try HashedPieces(bytes, limit: limit, pieceBytes: Int(MultipartLimits.minimumPartSize))
        let first = try await pieces.next()
        guard let second = try await pieces.next() else { return try await put(whole: first, &pieces) }
        guard let staging = StagingID(bytes: try RandomBytes.generate(StagingID.byteCount)) else {
            throw ObjectStoreError.unavailable("no random bytes")
        }
        let staged = layout.staged(staging)
        return try await translating {
            do {
                try await send([first, second].compactMap(\.self), &pieces, to: staged)
                let key = try pieces.key()
                if try await head(layout.object(key))?.size != pieces.size {
                    guard try await copy(staged, to: layout.object(key), size: pieces.size) else {
                        throw ObjectStoreError.noSuchUpload
                    }
                }
                await cleaningUp { try await remove(staged) }
                return (key, pieces.size)
            } catch {
                await cleaningUp { try await remove(staged) }
                throw error
            }
        }
    }

    private func put(
        whole bytes: ByteBuffer?,
        _ pieces: inout HashedPieces
    ) async throws -> (key: ObjectKey, size: Int64) {
        let key = try pieces.key()
        try await put(key, size: pieces.size, bytes: OneBuffer(bytes ?? ByteBuffer()))
        return (key, pieces.size)
    }

    private func send(_ first: [ByteBuffer], _ pieces: inout HashedPieces, to staged: String) async throws {
        let id = try await createUpload(staged)
        do {
            var parts: [UploadedPart] = []
            for piece in first { parts.append(try await send(piece, to: staged, id, number: parts.count + 1)) }
            while let piece = try await pieces.next() {
                parts.append(try await send(piece, to: staged, id, number: parts.count + 1))
            }
            try await complete(staged, id: id, parts: parts)
        } catch {
            await cleaningUp { try await abort(staged, id: id) }
            throw error
        }
    }

    private func send(_ piece: ByteBuffer, to staged: String, _ id: String, number: Int) async throws -> UploadedPart {
        var request = S3Request.part(staged, id: id, number: number)
        request.body = .bytes(piece)
        return UploadedPart(number: number, etag: try await client.call(request).etag())
    }
}

extension S3ObjectStore {
    /// A signed PUT to a key of its own, for bytes of this length alone; nil in proxy mode.
    ///
    /// Stores that do not know the checksum take it for a field without meaning: what was sent is read again anyway.
    package func directUnnamed(
        size: Int64,
        staging: StagingID,
        checksum: (name: String, value: String),
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        guard !configuration.isProxied, (1...MultipartLimits.maximumPartSize).contains(size) else { return nil }
        let request = S3Request(
            method: "PUT",
            key: layout.staged(staging),
            headers: [("content-length", String(size))] + (client.abilities.verifiesChecksums ? [checksum] : [])
        )
        return try await client.presign(request, expiresIn: seconds)
    }

    /// Reads what was sent, copies it within the store to the place of its name, and removes it.
    package func publishUnnamed(
        _ staging: StagingID,
        size: Int64,
        check: @Sendable (ByteSourceLike) async throws -> Void
    ) async throws -> ObjectKey? {
        let staged = layout.staged(staging)
        return try await translating {
            guard let found = try await head(staged) else { return nil }
            guard found.size == size else { throw ObjectStoreError.wrongSize(expected: size, received: found.size) }
            do {
                let key = try await withFixed(staged, size: size) { fixed in
                    let bytes = HashedBytes(S3Bytes(client: client, name: fixed, range: 0..<size, first: nil))
                    try await check(bytes)
                    guard let key = bytes.key else { throw ObjectStoreError.wrongHash }
                    if try await head(layout.object(key))?.size != size {
                        guard try await copy(fixed, to: layout.object(key), size: size) else {
                            throw ObjectStoreError.noSuchUpload
                        }
                    }
                    return key
                }
                if key != nil { await cleaningUp { try await remove(staged) } }
                return key
            } catch {
                await cleaningUp { try await remove(staged) }
                throw error
            }
        }
    }

    /// Copies what a client has sent to where no client can write, for as long as `body` runs.
    ///
    /// The client's link stays good: what lies where it leads to may be other bytes a moment after it was read.
    /// - Returns: nil when nothing was sent.
    func withFixed<Value: Sendable>(
        _ staged: String,
        size: Int64,
        _ body: (String) async throws -> Value
    ) async throws -> Value? {
        guard let id = StagingID(bytes: try RandomBytes.generate(StagingID.byteCount)) else {
            throw ObjectStoreError.unavailable("no random bytes")
        }
        let fixed = layout.staged(id)
        guard try await copy(staged, to: fixed, size: size) else { return nil }
        do {
            guard try await head(fixed)?.size == size else { throw ObjectStoreError.noSuchUpload }
            let value = try await body(fixed)
            await cleaningUp { try await remove(fixed) }
            return value
        } catch {
            await cleaningUp { try await remove(fixed) }
            throw error
        }
    }
}

/// Bytes that are hashed as they are read.
private struct HashedBytes: AsyncSequence, Sendable {
    private let source: S3Bytes
    private let found = Found()

    /// The name of all bytes; shared by copies of the sequence.
    private final class Found: Sendable {
        let key = Mutex<ObjectKey?>(nil)
    }

    init(_ source: S3Bytes) { self.source = source }

    /// The name, once all was read.
    var key: ObjectKey? { found.key.withLock { $0 } }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: self, source: source.makeAsyncIterator()) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let bytes: HashedBytes
        fileprivate var source: S3Bytes.AsyncIterator
        private var hash: SHA256Stream?

        fileprivate init(bytes: HashedBytes, source: S3Bytes.AsyncIterator) {
            self.bytes = bytes
            self.source = source
        }

        mutating func next() async throws -> ByteBuffer? {
            let hash = try self.hash ?? SHA256Stream()
            self.hash = hash
            guard let piece = try await source.next() else {
                let key = ObjectKey(bytes: try hash.finalize())
                bytes.found.key.withLock { $0 = key }
                return nil
            }
            try piece.withUnsafeReadableBytes { try hash.update($0) }
            return piece
        }
    }
}

/// Bytes cut into equal pieces, and hashed.
private struct HashedPieces {
    private var source: any AsyncIteratorProtocol<ByteBuffer, any Error>
    private let hash: SHA256Stream
    private let limit: Int64
    private let pieceBytes: Int
    private var waiting = ByteBuffer()
    private(set) var size: Int64 = 0

    init(_ bytes: ByteSourceLike, limit: Int64, pieceBytes: Int) throws {
        source = Self.iterator(bytes)
        hash = try SHA256Stream()
        self.limit = limit
        self.pieceBytes = pieceBytes
    }

    private static func iterator(
        _ bytes: some AsyncSequence<ByteBuffer, any Error>
    ) -> any AsyncIteratorProtocol<ByteBuffer, any Error> {
        bytes.makeAsyncIterator()
    }

    /// The next piece; only the last one is shorter.
    mutating func next() async throws -> ByteBuffer? {
        while waiting.readableBytes < pieceBytes, let buffer = try await source.next() {
            size += Int64(buffer.readableBytes)
            guard size <= limit else { throw ObjectStoreError.wrongSize(expected: limit, received: size) }
            try buffer.withUnsafeReadableBytes { try hash.update($0) }
            waiting.writeImmutableBuffer(buffer)
        }
        try Task.checkCancellation()
        guard waiting.readableBytes > 0 else { return nil }
        let piece = waiting.readSlice(length: min(pieceBytes, waiting.readableBytes))
        waiting.discardReadBytes()
        return piece
    }

    /// The name of all bytes.
    func key() throws -> ObjectKey {
        guard let key = ObjectKey(bytes: try hash.finalize()) else { throw ObjectStoreError.wrongHash }
        return key
    }
}

/// All bytes at once.
private struct OneBuffer: AsyncSequence, Sendable {
    private let bytes: ByteBuffer

    init(_ bytes: ByteBuffer) { self.bytes = bytes }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: bytes) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var bytes: ByteBuffer?

        mutating func next() async throws -> ByteBuffer? {
            defer { bytes = nil }
            return bytes
        }
    }
}
