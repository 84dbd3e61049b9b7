/// A store in front of another: it states what it does in another way, and everything else is as behind it.
package protocol LayeredObjectStore: ObjectStore {
    /// The store behind.
    var base: any ObjectStore { get }
}

extension LayeredObjectStore {
    /// As the store behind.
    package func size(of key: ObjectKey) async throws -> Int64? { try await base.size(of: key) }

    /// As the store behind.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await base.put(key, size: size, bytes: bytes)
    }

    /// As the store behind.
    package func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        try await base.putUnnamed(upTo: limit, bytes: bytes)
    }

    /// As the store behind.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        try await base.read(key, range: range)
    }

    /// As the store behind.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { try await base.localFile(key) }

    /// As the store behind.
    package func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? {
        try await base.directDownload(key, expiresIn: seconds, fileName: fileName)
    }

    /// As the store behind.
    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        try await base.directUpload(key, size: size, staging: staging, expiresIn: seconds)
    }

    /// As the store behind.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await base.verifyDirectUpload(key, size: size, staging: staging)
    }

    /// As the store behind.
    package func directUnnamed(
        size: Int64,
        staging: StagingID,
        checksum: (name: String, value: String),
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        try await base.directUnnamed(size: size, staging: staging, checksum: checksum, expiresIn: seconds)
    }

    /// As the store behind.
    package func publishUnnamed(
        _ staging: StagingID,
        size: Int64,
        check: @Sendable (ByteSourceLike) async throws -> Void
    ) async throws -> ObjectKey? {
        try await base.publishUnnamed(staging, size: size, check: check)
    }

    /// As the store behind.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await base.beginMultipart(key, size: size, partSize: partSize)
    }

    /// As the store behind.
    package func directPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        expiresIn: Int
    ) async throws -> DirectRequest? {
        try await base.directPart(upload, key: key, part: part, expiresIn: expiresIn)
    }

    /// As the store behind.
    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        try await base.putPart(upload, key: key, part: part, size: size, bytes: bytes)
    }

    /// As the store behind.
    package func completeMultipart(
        _ upload: String,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        try await base.completeMultipart(upload, key: key, size: size, parts: parts)
    }

    /// As the store behind.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await base.abortMultipart(upload, key: key)
    }

    /// As the store behind.
    package func delete(_ key: ObjectKey) async throws -> Bool { try await base.delete(key) }

    /// As the store behind.
    package func quarantine(_ key: ObjectKey) async throws -> Bool { try await base.quarantine(key) }

    /// As the store behind.
    package func restore(_ key: ObjectKey) async throws -> Bool { try await base.restore(key) }

    /// As the store behind.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await base.purgeQuarantine(olderThanSeconds: olderThanSeconds)
    }

    /// As the store behind.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await base.list(after: after, limit: limit)
    }

    /// As the store behind.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await base.sweep(olderThanSeconds: olderThanSeconds)
    }

    /// Ends the store behind.
    package func shutdown() async { await base.shutdown() }
}
