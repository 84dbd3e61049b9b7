import NIOCore
import OpenSSLKit

extension FileObjectStore {
    /// Makes the directory of an upload and gives its name, 128 random bits.
    package func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String {
        guard let manifest = MultipartManifest(key: key, size: size, partSize: partSize) else {
            throw ObjectStoreError.refused("\(size) bytes in parts of \(partSize)")
        }
        return try await pool.run {
            let id = Hex.encode(try RandomBytes.generate(16))
            try upload(id).create(manifest)
            try StoreDirectories.synchronize(layout.multipart)
            return id
        }
    }

    /// Never: a file has no URL.
    package func directPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        expiresIn: Int
    ) async throws -> DirectRequest? { nil }

    /// Takes a part, durably; the etag is the SHA-256 of its bytes.
    ///
    /// A part that comes again replaces the one before. Its size must be the one that follows from the part size, so an
    /// upload never fills more of the disk than its object.
    package func putPart(
        _ upload: String,
        key: ObjectKey,
        part: Int,
        size: Int64,
        bytes: ByteSourceLike
    ) async throws -> String {
        let directory = try self.upload(upload)
        let manifest = try await pool.run { try directory.manifest(of: key) }
        guard let expected = manifest.size(ofPart: part) else { throw ObjectStoreError.invalidPart(part) }
        guard size == expected else { throw ObjectStoreError.wrongSize(expected: expected, received: size) }
        return try await withTemporary(size: size) { file in
            try await receive(bytes, size: size, into: file)
            return try await pool.run {
                let digest = try file.digest()
                try file.seal(with: digest)
                try file.synchronize()
                guard try !directory.isDone(), try StoreDirectories.rename(file.path, to: directory.part(part)) else {
                    throw ObjectStoreError.noSuchUpload
                }
                try StoreDirectories.synchronize(directory.path)
                return Hex.encode(digest)
            }
        }
    }

    /// Copies the parts one behind the other into a temporary file, verifies, publishes, and drops them.
    package func completeMultipart(
        _ upload: String,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        let directory = try self.upload(upload)
        do {
            let isDone = try await pool.run {
                guard try directory.manifest(of: key).size == size else { throw ObjectStoreError.noSuchUpload }
                return try directory.isDone()
            }
            if isDone { return try await requirePublished(key, size: size) }
            try await assemble(directory, key: key, size: size, parts: parts)
        } catch {
            // Somebody else may have completed it under our hands, and dropped the parts.
            guard (try? await pool.run { try directory.isDone() }) == true else { throw error }
            try await requirePublished(key, size: size)
        }
    }

    /// Drops an upload and its parts.
    package func abortMultipart(_ upload: String, key: ObjectKey) async throws {
        guard let directory = MultipartDirectory(id: upload, in: layout) else { return }
        try await pool.run {
            do {
                _ = try directory.manifest(of: key)
            } catch ObjectStoreError.noSuchUpload {
                return
            }
            try directory.remove(by: try layout.newTemporary())
        }
    }

    private func upload(_ id: String) throws -> MultipartDirectory {
        guard let directory = MultipartDirectory(id: id, in: layout) else { throw ObjectStoreError.noSuchUpload }
        return directory
    }

    private func requirePublished(_ key: ObjectKey, size: Int64) async throws {
        guard try await self.size(of: key) == size else { throw ObjectStoreError.noSuchUpload }
    }

    private func assemble(
        _ directory: MultipartDirectory,
        key: ObjectKey,
        size: Int64,
        parts: [UploadedPart]
    ) async throws {
        try await pool.run { try Self.checkSizes(of: parts, in: directory, sum: size) }
        try await withTemporary(size: size) { file in
            for part in parts {
                let stored = try await pool.run { try StoredPart(part, in: directory) }
                for start in stride(from: 0, to: stored.size, by: StoredPart.bytesPerJob) {
                    try Task.checkCancellation()
                    try await pool.run { try stored.copy(from: start, to: file) }
                }
            }
            try await pool.run {
                guard try file.digest() == key.bytes else { throw ObjectStoreError.wrongHash }
                try file.synchronize()
                try publish(file, as: key)
                try directory.finish()
            }
        }
    }

    /// Looks at all parts before anything is copied: their order, that they are there, and what they come to.
    private static func checkSizes(of parts: [UploadedPart], in directory: MultipartDirectory, sum: Int64) throws {
        var (last, total) = (0, Int64(0))
        for part in parts {
            guard part.number > last, MultipartLimits.partNumbers.contains(part.number),
                let status = try StoreDirectories.status(directory.part(part.number)),
                status.size >= StoredPart.trailer
            else { throw ObjectStoreError.invalidPart(part.number) }
            last = part.number
            total += status.size - StoredPart.trailer
        }
        guard total == sum else { throw ObjectStoreError.wrongSize(expected: sum, received: total) }
    }
}

/// A part that is being copied.
private struct StoredPart: Sendable {
    static let trailer = Int64(ObjectKey.byteCount)
    /// What one job copies, so that no thread of the pool is taken for long.
    static let bytesPerJob = 8 << 20

    let file: StoreFile
    /// Bytes without the trailer.
    let size: Int64

    /// Opens a part and compares its etag.
    init(_ part: UploadedPart, in directory: MultipartDirectory) throws {
        guard let file = try StoreFile.open(directory.part(part.number)) else {
            throw ObjectStoreError.invalidPart(part.number)
        }
        let size = try file.size() - Self.trailer
        var digest = [UInt8](repeating: 0, count: ObjectKey.byteCount)
        guard size >= 0, try digest.withUnsafeMutableBytes({ try file.read(into: $0, at: size) }) == digest.count,
            Hex.encode(digest) == part.etag.filter({ $0 != "\"" })
        else { throw ObjectStoreError.invalidPart(part.number) }
        (self.file, self.size) = (file, size)
    }

    /// Copies one job's bytes from a position on.
    func copy(from start: Int64, to target: IncomingFile) throws {
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: FileObjectStore.chunk, alignment: 16)
        defer { buffer.deallocate() }
        let end = min(size, start + Int64(Self.bytesPerJob))
        var position = start
        while position < end {
            let wanted = Int(min(Int64(buffer.count), end - position))
            let count = try file.read(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]), at: position)
            guard count == wanted else { throw FileFailure("read", file.path, code: 5) }
            try target.append(UnsafeRawBufferPointer(rebasing: buffer[..<count]))
            position += Int64(count)
        }
    }
}
