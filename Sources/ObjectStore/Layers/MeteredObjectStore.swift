import Metrics
import NIOCore

/// Counts what a store does, for the metrics: operations by outcome, seconds, and bytes by direction.
///
/// Outermost of the layers, so that what the others add in time is in the numbers.
package struct MeteredObjectStore: ObjectStore {
    private let store: any ObjectStore

    /// Counts the operations of `store`.
    package init(_ store: any ObjectStore) { self.store = store }

    /// Counted as `size`.
    package func size(of key: ObjectKey) async throws -> Int64? {
        try await metered("size") { try await store.size(of: key) }
    }

    /// Counted as `put`, with the bytes that came, also when they were refused.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await metered("put") { try await store.put(key, size: size, bytes: MeteredBytes(bytes, "in")) }
    }

    /// Counted as `read` when it opens; the bytes as they are read.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        guard var reading = try await metered("read", { try await store.read(key, range: range) }) else { return nil }
        reading.bytes = MeteredBytes(reading.bytes, "out")
        return reading
    }

    /// Counted as `local_file`; the bytes go past the store.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? {
        try await metered("local_file") { try await store.localFile(key) }
    }

    /// Not counted: nothing is asked of the store.
    package func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? {
        try await store.directDownload(key, expiresIn: seconds, fileName: fileName)
    }

    /// Not counted: nothing is asked of the store.
    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? {
        try await store.directUpload(key, size: size, staging: staging, expiresIn: seconds)
    }

    /// Counted as `verify`.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await metered("verify") { try await store.verifyDirectUpload(key, size: size, staging: staging) }
    }

    /// Counted as `multipart_begin`.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await metered("multipart_begin") { try await store.beginMultipart(key, size: size, partSize: partSize) }
    }

    /// Not counted: nothing is asked of the store.
    package func directPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        expiresIn: Int
    ) async throws -> DirectRequest? {
        try await store.directPart(upload, key: key, part: part, expiresIn: expiresIn)
    }

    /// Counted as `multipart_part`, with the bytes that came.
    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        try await metered("multipart_part") {
            try await store.putPart(upload, key: key, part: part, size: size, bytes: MeteredBytes(bytes, "in"))
        }
    }

    /// Counted as `multipart_complete`.
    package func completeMultipart(
        _ upload: String,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        try await metered("multipart_complete") {
            try await store.completeMultipart(upload, key: key, size: size, parts: parts)
        }
    }

    /// Counted as `multipart_abort`.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await metered("multipart_abort") { try await store.abortMultipart(upload, key: key) }
    }

    /// Counted as `delete`.
    package func delete(_ key: ObjectKey) async throws -> Bool {
        try await metered("delete") { try await store.delete(key) }
    }

    /// Counted as `quarantine`.
    package func quarantine(_ key: ObjectKey) async throws -> Bool {
        try await metered("quarantine") { try await store.quarantine(key) }
    }

    /// Counted as `restore`.
    package func restore(_ key: ObjectKey) async throws -> Bool {
        try await metered("restore") { try await store.restore(key) }
    }

    /// Counted as `purge`.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await metered("purge") { try await store.purgeQuarantine(olderThanSeconds: olderThanSeconds) }
    }

    /// Counted as `list`.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await metered("list") { try await store.list(after: after, limit: limit) }
    }

    /// Counted as `sweep`.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await metered("sweep") { try await store.sweep(olderThanSeconds: olderThanSeconds) }
    }

    /// Not counted.
    package func shutdown() async { await store.shutdown() }

    private func metered<Value>(_ operation: String, _ body: () async throws -> Value) async throws -> Value {
        let start = ContinuousClock.now
        do {
            let value = try await body()
            Self.note(operation, outcome: "ok", since: start)
            return value
        } catch {
            Self.note(operation, outcome: Self.outcome(of: error), since: start)
            throw error
        }
    }

    private static func note(_ operation: String, outcome: String, since start: ContinuousClock.Instant) {
        Counter(
            label: "granary_object_store_operations_total",
            dimensions: [("operation", operation), ("outcome", outcome)]
        ).increment()
        let (seconds, attoseconds) = (ContinuousClock.now - start).components
        let (nanoseconds, overflow) = seconds.multipliedReportingOverflow(by: 1_000_000_000)
        Metrics.Timer(label: "granary_object_store_seconds", dimensions: [("operation", operation)])
            .recordNanoseconds(overflow ? .max : nanoseconds &+ attoseconds / 1_000_000_000)
    }

    /// One word of a fixed list; whose fault it was is what one wants to know.
    private static func outcome(of error: any Error) -> String {
        guard let error = error as? ObjectStoreError else {
            return error is CancellationError ? "cancelled" : "broken_off"
        }
        return switch error {
        case .wrongSize, .wrongHash, .noSuchUpload, .invalidPart: "wrong"
        case .outOfSpace: "out_of_space"
        case .unavailable: "unavailable"
        case .refused: "refused"
        case .damaged: "damaged"
        }
    }
}

/// Bytes that are counted as they pass.
private struct MeteredBytes: AsyncSequence, Sendable {
    let bytes: ByteSourceLike
    let counter: Counter

    init(_ bytes: ByteSourceLike, _ direction: String) {
        self.bytes = bytes
        counter = Counter(label: "granary_object_store_bytes_total", dimensions: [("direction", direction)])
    }

    func makeAsyncIterator() -> Iterator { Iterator(iterator: bytes.makeAsyncIterator(), counter: counter) }

    struct Iterator: AsyncIteratorProtocol {
        var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
        let counter: Counter

        mutating func next() async throws -> ByteBuffer? {
            let piece = try await iterator.next(isolation: nil)
            if let piece { counter.increment(by: piece.readableBytes) }
            return piece
        }
    }
}
