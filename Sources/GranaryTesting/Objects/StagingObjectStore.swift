import NIOCore
package import ObjectStore
import OpenSSLKit
import Synchronization

/// A store in front of another that lets clients send to it directly, without a network.
package final class StagingObjectStore: ObjectStore {
    private let store: any ObjectStore
    private let staged = Mutex([StagingID: [UInt8]]())
    private let taken = Mutex(Set<StagingID>())

    /// Publishes to `store`.
    package init(_ store: any ObjectStore) { self.store = store }

    /// Sends bytes as a client does, whose link this is; any bytes, as to a store that compares no checksums.
    package func send(_ bytes: [UInt8], to url: String) throws {
        let staging = try present(url.split(separator: "/").last.flatMap { StagingID(String($0)) })
        staged.withLock { $0[staging] = bytes }
    }

    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        DirectRequest(
            url: "https://store.example/tmp/direct/\(staging)",
            headers: [("x-amz-checksum-sha256", Base64.encode(key.bytes))],
            expiresIn: seconds
        )
    }

    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        guard let bytes = staged.withLock({ $0[staging] }) else {
            guard taken.withLock({ $0.contains(staging) }) else { return false }
            return try await store.size(of: key) == size
        }
        guard Int64(bytes.count) == size, try SHA256.digest(bytes) == key.bytes else { return false }
        try await store.put(key, size: size, bytes: OneBuffer(bytes: bytes))
        taken.withLock { _ = $0.insert(staging) }
        staged.withLock { $0[staging] = nil }
        return true
    }

    package func directDownload(_ key: ObjectKey, expiresIn: Int, fileName: String?) async throws -> DirectRequest? {
        DirectRequest(url: "https://store.example/lfs/\(key)", headers: [], expiresIn: expiresIn)
    }

    package func size(of key: ObjectKey) async throws -> Int64? { try await store.size(of: key) }

    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await store.put(key, size: size, bytes: bytes)
    }

    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        try await store.read(key, range: range)
    }

    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { nil }

    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await store.beginMultipart(key, size: size, partSize: partSize)
    }

    package func directPart(_ upload: String, key: ObjectKey, part: Int, expiresIn: Int) async throws -> DirectRequest?
    { nil }

    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        try await store.putPart(upload, key: key, part: part, size: size, bytes: bytes)
    }

    package func completeMultipart(_ upload: String, key: ObjectKey, size: Int64, parts: [UploadedPart]) async throws {
        try await store.completeMultipart(upload, key: key, size: size, parts: parts)
    }

    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await store.abortMultipart(upload, key: key)
    }

    package func delete(_ key: ObjectKey) async throws -> Bool { try await store.delete(key) }

    package func quarantine(_ key: ObjectKey) async throws -> Bool { try await store.quarantine(key) }

    package func restore(_ key: ObjectKey) async throws -> Bool { try await store.restore(key) }

    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await store.purgeQuarantine(olderThanSeconds: olderThanSeconds)
    }

    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await store.list(after: after, limit: limit)
    }

    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await store.sweep(olderThanSeconds: olderThanSeconds)
    }

    package func shutdown() async { await store.shutdown() }
}

/// All bytes at once.
private struct OneBuffer: AsyncSequence, Sendable {
    let bytes: [UInt8]

    func makeAsyncIterator() -> Iterator { Iterator(buffer: ByteBuffer(bytes: bytes)) }

    struct Iterator: AsyncIteratorProtocol {
        var buffer: ByteBuffer?

        mutating func next() async throws -> ByteBuffer? {
            defer { buffer = nil }
            return buffer
        }
    }
}
