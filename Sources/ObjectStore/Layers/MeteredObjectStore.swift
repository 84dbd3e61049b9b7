import Metrics
import NIOCore

/// Counts what a store does, for the metrics: operations by outcome, seconds, and bytes by direction.
///
/// Outermost of the layers, so that what the others add in time is in the numbers. What signs a URL is not counted: it
/// asks nothing of the store.
package struct MeteredObjectStore: LayeredObjectStore {
    /// What is counted.
    package let base: any ObjectStore

    /// Counts the operations of `base`.
    package init(_ base: any ObjectStore) { self.base = base }

    /// Counted as `size`.
    package func size(of key: ObjectKey) async throws -> Int64? {
        try await metered("size") { try await base.size(of: key) }
    }

    /// Counted as `put`, with the bytes that came, also when they were refused.
    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await metered("put") { try await base.put(key, size: size, bytes: MeteredBytes(bytes, "in")) }
    }

    /// Counted as `put`.
    package func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        try await metered("put") { try await base.putUnnamed(upTo: limit, bytes: MeteredBytes(bytes, "in")) }
    }

    /// Counted as `read` when it opens; the bytes as they are read.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        guard var reading = try await metered("read", { try await base.read(key, range: range) }) else { return nil }
        reading.bytes = MeteredBytes(reading.bytes, "out")
        return reading
    }

    /// Counted as `local_file`; the bytes go past the store.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? {
        try await metered("local_file") { try await base.localFile(key) }
    }

    /// Counted as `verify`.
    package func publishUnnamed(
        _ staging: StagingID,
        size: Int64,
        check: @Sendable (ByteSourceLike) async throws -> Void
    ) async throws -> ObjectKey? {
        try await metered("verify") { try await base.publishUnnamed(staging, size: size, check: check) }
    }

    /// Counted as `verify`.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await metered("verify") { try await base.verifyDirectUpload(key, size: size, staging: staging) }
    }

    /// Counted as `multipart_begin`.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await metered("multipart_begin") { try await base.beginMultipart(key, size: size, partSize: partSize) }
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
            try await base.putPart(upload, key: key, part: part, size: size, bytes: MeteredBytes(bytes, "in"))
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
            try await base.completeMultipart(upload, key: key, size: size, parts: parts)
        }
    }

    /// Counted as `multipart_abort`.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await metered("multipart_abort") { try await base.abortMultipart(upload, key: key) }
    }

    /// Counted as `delete`.
    package func delete(_ key: ObjectKey) async throws -> Bool {
        try await metered("delete") { try await base.delete(key) }
    }

    /// Counted as `quarantine`.
    package func quarantine(_ key: ObjectKey) async throws -> Bool {
        try await metered("quarantine") { try await base.quarantine(key) }
    }

    /// Counted as `restore`.
    package func restore(_ key: ObjectKey) async throws -> Bool {
        try await metered("restore") { try await base.restore(key) }
    }

    /// Counted as `purge`.
    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await metered("purge") { try await base.purgeQuarantine(olderThanSeconds: olderThanSeconds) }
    }

    /// Counted as `list`.
    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await metered("list") { try await base.list(after: after, limit: limit) }
    }

    /// Counted as `sweep`.
    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await metered("sweep") { try await base.sweep(olderThanSeconds: olderThanSeconds) }
    }

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
