import NIOCore
import OpenSSLKit

/// Hashes objects again while they are read whole, and says when one is not what its key names.
///
/// The reader gets `.damaged` in place of the last piece, so a damaged object never looks complete. Ranges are not
/// verified. A plain file would go past this layer, so it offers none.
package struct VerifyingObjectStore: ObjectStore {
    private let store: any ObjectStore
    private let report: @Sendable (ObjectKey) async -> Void

    /// Verifies what is read from `store`.
    /// - Parameter report: told of each damaged object, for the log, the metrics or a quarantine.
    package init(_ store: any ObjectStore, report: @escaping @Sendable (ObjectKey) async -> Void) {
        self.store = store
        self.report = report
    }

    /// Reads with verification when it is the whole object.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        guard var reading = try await store.read(key, range: range) else { return nil }
        if reading.range == 0..<reading.size {
            reading.bytes = VerifiedReading(bytes: reading.bytes, key: key, size: reading.size, report: report)
        }
        return reading
    }

    /// Never: the kernel verifies nothing.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { nil }

    /// As the store says.
    package func size(of key: ObjectKey) async throws -> Int64? { try await store.size(of: key) }

    /// As the store does.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await store.put(key, size: size, bytes: bytes)
    }

    /// As the store does.
    package func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? {
        try await store.directDownload(key, expiresIn: seconds, fileName: fileName)
    }

    /// As the store does.
    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        try await store.directUpload(key, size: size, staging: staging, expiresIn: seconds)
    }

    /// As the store does.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await store.verifyDirectUpload(key, size: size, staging: staging)
    }

    /// As the store does.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await store.beginMultipart(key, size: size, partSize: partSize)
    }

    /// As the store does.
    package func directPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        expiresIn: Int
    ) async throws -> DirectRequest? {
        try await store.directPart(upload, key: key, part: part, expiresIn: expiresIn)
    }

    /// As the store does.
    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        try await store.putPart(upload, key: key, part: part, size: size, bytes: bytes)
    }

    /// As the store does.
    package func completeMultipart(
        _ upload: String,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        try await store.completeMultipart(upload, key: key, size: size, parts: parts)
    }

    /// As the store does.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await store.abortMultipart(upload, key: key)
    }

    /// As the store does.
    package func delete(_ key: ObjectKey) async throws -> Bool { try await store.delete(key) }

    /// As the store does.
    package func quarantine(_ key: ObjectKey) async throws -> Bool { try await store.quarantine(key) }

    /// As the store does.
    package func restore(_ key: ObjectKey) async throws -> Bool { try await store.restore(key) }

    /// As the store does.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await store.purgeQuarantine(olderThanSeconds: olderThanSeconds)
    }

    /// As the store does.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await store.list(after: after, limit: limit)
    }

    /// As the store does.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await store.sweep(olderThanSeconds: olderThanSeconds)
    }

    /// As the store does.
    package func shutdown() async { await store.shutdown() }
}

/// A whole object whose end comes only when it is right.
private struct VerifiedReading: AsyncSequence, Sendable {
    let bytes: ByteSourceLike
    let key: ObjectKey
    let size: Int64
    let report: @Sendable (ObjectKey) async -> Void

    func makeAsyncIterator() -> Iterator { Iterator(reading: self) }

    struct Iterator: AsyncIteratorProtocol {
        let reading: VerifiedReading
        var source: VerifiedSource?

        mutating func next() async throws -> ByteBuffer? {
            do {
                let source = try self.source ?? VerifiedSource(reading.bytes, key: reading.key, size: reading.size)
                self.source = source
                return try await source.next(atMost: .max)
            } catch let error as ObjectStoreError {
                switch error {
                case .wrongHash, .wrongSize, .damaged:
                    await reading.report(reading.key)
                    throw ObjectStoreError.damaged(reading.key)
                default: throw error
                }
            }
        }
    }
}
