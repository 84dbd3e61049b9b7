import NIOCore

extension FileObjectStore {
    /// Opens an object and streams a range of it.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        let path = layout.object(key)
        let opened = try await pool.run { () -> (StoreFile, Int64)? in
            guard let file = try StoreFile.open(path) else { return nil }
            return (file, try file.size())
        }
        guard let (file, size) = opened else { return nil }
        let range = (range ?? 0..<size).clamped(to: 0..<size)
        return ObjectReading(size: size, range: range, bytes: FileBytes(file: file, range: range, key: key, pool: pool))
    }

    /// The object's path and size; nil when it is not there.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? {
        let path = layout.object(key)
        return try await pool.run {
            try StoreDirectories.status(path).map { LocalObject(path: path, size: $0.size) }
        }
    }

    /// Never: a file has no URL.
    package func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? { nil }

    /// Never: a file has no URL.
    package func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest? { nil }

    /// Never: there are no direct uploads.
    package func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool { false }

    /// Never: a file has no URL.
    package func directUnnamed(
        size: Int64,
        staging: StagingID,
        checksum: (name: String, value: String),
        expiresIn seconds: Int
    ) async throws -> DirectRequest? { nil }

    /// Never: there are no direct uploads.
    package func publishUnnamed(
        _ staging: StagingID,
        size: Int64,
        check: @Sendable (ByteSourceLike) async throws -> Void
    ) async throws -> ObjectKey? { nil }
}

/// A range of a file in pieces, each read when it is asked for.
struct FileBytes: AsyncSequence, Sendable {
    let file: StoreFile
    let range: Range<Int64>
    let key: ObjectKey
    let pool: BlockingPool

    func makeAsyncIterator() -> Iterator {
        Iterator(source: self, position: range.lowerBound)
    }

    struct Iterator: AsyncIteratorProtocol {
        let source: FileBytes
        var position: Int64

        /// The next piece.
        /// - Throws: `.damaged` when the file has become shorter than it was.
        mutating func next() async throws -> ByteBuffer? {
            let count = Int(Swift.min(Int64(FileObjectStore.chunk), source.range.upperBound - position))
            guard count > 0 else { return nil }
            try Task.checkCancellation()
            let (source, start) = (source, position)
            let buffer = try await source.pool.run { try source.read(count, at: start) }
            position += Int64(count)
            return buffer
        }
    }

    private func read(_ count: Int, at position: Int64) throws -> ByteBuffer {
        var buffer = ByteBufferAllocator().buffer(capacity: count)
        let done = try buffer.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { space in
            try file.read(into: UnsafeMutableRawBufferPointer(rebasing: space[..<count]), at: position)
        }
        guard done == count else { throw ObjectStoreError.damaged(key) }
        return buffer
    }
}
