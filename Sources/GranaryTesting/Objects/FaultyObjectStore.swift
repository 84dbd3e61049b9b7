import NIOCore
package import ObjectStore
import Synchronization

/// A store that fails when a test says so, before or in the middle of an operation.
package final class FaultyObjectStore: LayeredObjectStore {
    /// What a test may let fail.
    package enum Operation: Hashable, Sendable {
        case size, put, read, localFile, verify, begin, part, complete, abort, delete, quarantine, restore, purge, list
        case sweep, direct
    }

    /// When the failure comes.
    package enum Moment: Sendable {
        /// Nothing has happened.
        case before
        /// Half of the bytes have passed, of a put, a part or a reading.
        case midway
        /// All has happened, but the caller does not learn it.
        case after
    }

    private struct Fault {
        var moment: Moment
        var error: any Error
        var count: Int
    }

    package let base: any ObjectStore
    private let faults = Mutex([Operation: Fault]())

    /// Stands in front of `base`, at first without failures.
    package init(_ base: any ObjectStore) { self.base = base }

    /// Lets the next `count` operations of a kind fail.
    package func fail(
        _ operation: Operation,
        _ moment: Moment = .before,
        with error: any Error = ObjectStoreError.unavailable("a test wants it so"),
        times count: Int = 1
    ) {
        faults.withLock { $0[operation] = Fault(moment: moment, error: error, count: count) }
    }

    private func fault(_ operation: Operation) -> (moment: Moment, error: any Error)? {
        faults.withLock { faults in
            guard var fault = faults[operation], fault.count > 0 else { return nil }
            fault.count -= 1
            faults[operation] = fault
            return (fault.moment, fault.error)
        }
    }

    private func faulty<Value>(_ operation: Operation, _ body: () async throws -> Value) async throws -> Value {
        guard let fault = fault(operation) else { return try await body() }
        if case .after = fault.moment { _ = try await body() }
        throw fault.error
    }

    private func faulty<Value>(
        _ operation: Operation,
        _ bytes: ByteSourceLike,
        size: Int64,
        _ body: (ByteSourceLike) async throws -> Value
    ) async throws -> Value {
        guard let fault = fault(operation) else { return try await body(bytes) }
        switch fault.moment {
        case .before: break
        case .midway: _ = try await body(BrokenBytes(bytes: bytes, count: size / 2, error: fault.error))
        case .after: _ = try await body(bytes)
        }
        throw fault.error
    }

    package func size(of key: ObjectKey) async throws -> Int64? {
        try await faulty(.size) { try await base.size(of: key) }
    }

    package func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await faulty(.put, bytes, size: size) { try await base.put(key, size: size, bytes: $0) }
    }

    package func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        try await faulty(.put, bytes, size: limit) { try await base.putUnnamed(upTo: limit, bytes: $0) }
    }

    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        guard let fault = fault(.read) else { return try await base.read(key, range: range) }
        guard case .midway = fault.moment, var reading = try await base.read(key, range: range) else {
            throw fault.error
        }
        reading.bytes = BrokenBytes(bytes: reading.bytes, count: Int64(reading.range.count) / 2, error: fault.error)
        return reading
    }

    package func localFile(_ key: ObjectKey) async throws -> LocalObject? {
        try await faulty(.localFile) { try await base.localFile(key) }
    }

    package func directDownload(_ key: ObjectKey, expiresIn: Int, fileName: String?) async throws -> DirectRequest? {
        try await faulty(.direct) { try await base.directDownload(key, expiresIn: expiresIn, fileName: fileName) }
    }

    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn: Int
    ) async throws -> DirectRequest? {
        try await faulty(.direct) {
            try await base.directUpload(key, size: size, staging: staging, expiresIn: expiresIn)
        }
    }

    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool {
        try await faulty(.verify) { try await base.verifyDirectUpload(key, size: size, staging: staging) }
    }

    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        try await faulty(.begin) { try await base.beginMultipart(key, size: size, partSize: partSize) }
    }

    package func directPart(_ upload: String, key: ObjectKey, part: Int, expiresIn: Int) async throws -> DirectRequest?
    {
        try await faulty(.direct) { try await base.directPart(upload, key: key, part: part, expiresIn: expiresIn) }
    }

    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        try await faulty(.part, bytes, size: size) {
            try await base.putPart(upload, key: key, part: part, size: size, bytes: $0)
        }
    }

    package func completeMultipart(_ upload: String, key: ObjectKey, size: Int64, parts: [UploadedPart]) async throws {
        try await faulty(.complete) {
            try await base.completeMultipart(upload, key: key, size: size, parts: parts)
        }
    }

    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        try await faulty(.abort) { try await base.abortMultipart(upload, key: key) }
    }

    package func delete(_ key: ObjectKey) async throws -> Bool {
        try await faulty(.delete) { try await base.delete(key) }
    }

    package func quarantine(_ key: ObjectKey) async throws -> Bool {
        try await faulty(.quarantine) { try await base.quarantine(key) }
    }

    package func restore(_ key: ObjectKey) async throws -> Bool {
        try await faulty(.restore) { try await base.restore(key) }
    }

    package func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int {
        try await faulty(.purge) { try await base.purgeQuarantine(olderThanSeconds: olderThanSeconds) }
    }

    package func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject] {
        try await faulty(.list) { try await base.list(after: after, limit: limit) }
    }

    package func sweep(olderThanSeconds: Int64) async throws -> Int {
        try await faulty(.sweep) { try await base.sweep(olderThanSeconds: olderThanSeconds) }
    }
}

/// Bytes that break off after the first `count`.
private struct BrokenBytes: AsyncSequence, Sendable {
    let bytes: ByteSourceLike
    let count: Int64
    let error: any Error

    func makeAsyncIterator() -> Iterator {
        Iterator(iterator: bytes.makeAsyncIterator(), left: count, error: error)
    }

    struct Iterator: AsyncIteratorProtocol {
        var iterator: any AsyncIteratorProtocol<ByteBuffer, any Error>
        var left: Int64
        let error: any Error

        mutating func next() async throws -> ByteBuffer? {
            guard left > 0, var piece = try await iterator.next(isolation: nil) else { throw error }
            let length = Swift.min(piece.readableBytes, Int(left))
            left -= Int64(length)
            return piece.readSlice(length: length)
        }
    }
}
