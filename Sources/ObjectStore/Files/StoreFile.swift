import CLinux
import Glibc
import NIOCore

/// What the operating system refused: the call, the path and errno.
package struct FileFailure: Error, Equatable {
    let operation: String
    let path: String
    let code: Int32

    /// Reads errno right after a failed call.
    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// The same in the store's vocabulary.
    package var translated: ObjectStoreError {
        let text = "\(operation) \(path): \(String(cString: strerror(code)))"
        return switch code {
        case ENOSPC, EDQUOT: .outOfSpace
        case EACCES, EPERM, EROFS, EFBIG, ELOOP, ENOTDIR, EXDEV: .refused(text)
        default: .unavailable(text)
        }
    }
}

/// One open file, closed with its last reference.
///
/// Positions are given with every call, so threads share an instance freely.
final class StoreFile: Sendable {
    let path: String
    private let descriptor: Int32

    /// Opens for reading, without following a symbolic link; nil when there is no such file.
    static func open(_ path: String) throws(FileFailure) -> StoreFile? {
        do {
            return try StoreFile(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
        } catch {
            if error.code == ENOENT { return nil }
            throw error
        }
    }

    /// Creates a file that must not exist, readable and writable by us alone.
    static func create(_ path: String) throws(FileFailure) -> StoreFile {
        try StoreFile(path, flags: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
    }

    private init(_ path: String, flags: Int32) throws(FileFailure) {
        self.path = path
        descriptor = Glibc.open(path, flags, 0o600)
        if descriptor < 0 { throw FileFailure("open", path) }
    }

    deinit {
        close(descriptor)
    }

    /// The size in bytes at this moment.
    func size() throws(FileFailure) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileFailure("fstat", path) }
        return Int64(status.st_size)
    }

    /// Reads at `offset` until `buffer` is full or the file ends; returns the number of bytes.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileFailure) -> Int {
        var done = 0
        while done < buffer.count {
            let count = pread(
                descriptor,
                buffer.baseAddress?.advanced(by: done),
                buffer.count - done,
                off_t(offset) + done
            )
            if count == 0 { break }
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure("read", path)
            }
            done += count
        }
        return done
    }

    /// Writes all of `bytes` at `offset`.
    func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileFailure) {
        var done = 0
        while done < bytes.count {
            let count = pwrite(
                descriptor,
                bytes.baseAddress?.advanced(by: done),
                bytes.count - done,
                off_t(offset) + done
            )
            if count < 0 {
                if errno == EINTR { continue }
                throw FileFailure("write", path)
            }
            done += count
        }
    }

    /// Writes the readable bytes of all buffers at `offset`, with one call as long as the system takes them all.
    func write(_ buffers: [ByteBuffer], at offset: Int64) throws(FileFailure) {
        var vectors: [iovec] = []
        let code = Self.gather(buffers[...], into: &vectors) { vectors in
            var (position, vectors) = (off_t(offset), vectors[...])
            while !vectors.isEmpty {
                let count = vectors.withUnsafeBufferPointer {
                    pwritev(descriptor, $0.baseAddress, Int32($0.count), position)
                }
                if count < 0 {
                    if errno == EINTR { continue }
                    return errno
                }
                position += count
                Self.drop(count, from: &vectors)
            }
            return 0
        }
        if code != 0 { throw FileFailure("write", path, code: code) }
    }

    /// Calls `body` with where all buffers lie; they lie there until it returns.
    private static func gather(
        _ buffers: ArraySlice<ByteBuffer>,
        into vectors: inout [iovec],
        _ body: ([iovec]) -> Int32
    ) -> Int32 {
        guard let buffer = buffers.first else { return body(vectors) }
        return buffer.withUnsafeReadableBytes { bytes in
            if bytes.count > 0 {
                vectors.append(
                    iovec(iov_base: UnsafeMutableRawPointer(mutating: bytes.baseAddress), iov_len: bytes.count)
                )
            }
            return gather(buffers.dropFirst(), into: &vectors, body)
        }
    }

    private static func drop(_ count: Int, from vectors: inout ArraySlice<iovec>) {
        var left = count
        while left > 0, let first = vectors.first {
            guard first.iov_len > left else {
                left -= first.iov_len
                vectors.removeFirst()
                continue
            }
            vectors[vectors.startIndex].iov_base = first.iov_base.advanced(by: left)
            vectors[vectors.startIndex].iov_len -= left
            return
        }
    }

    /// Lets the kernel begin to write a range, without waiting for it.
    func beginWriting(_ range: Range<Int64>) throws(FileFailure) {
        try control(range, GRANARY_SYNC_FILE_RANGE_WRITE.rawValue)
    }

    /// Returns when what was begun in a range is written; that does not make it durable, `synchronize` does.
    func finishWriting(_ range: Range<Int64>) throws(FileFailure) {
        try control(
            range,
            GRANARY_SYNC_FILE_RANGE_WAIT_BEFORE.rawValue | GRANARY_SYNC_FILE_RANGE_WRITE.rawValue
                | GRANARY_SYNC_FILE_RANGE_WAIT_AFTER.rawValue
        )
    }

    /// - Source: sync_file_range(2). A failed write is told once, so it must not be passed over here: `fsync` would then
    ///   succeed. File systems that do not know the call write when they like.
    private func control(_ range: Range<Int64>, _ flags: UInt32) throws(FileFailure) {
        guard sync_file_range(descriptor, range.lowerBound, Int64(range.count), flags) != 0 else { return }
        guard ![EINVAL, ENOSYS, ESPIPE, EOPNOTSUPP].contains(errno) else { return }
        throw FileFailure("sync_file_range", path)
    }

    /// Returns when content and size are on stable storage.
    func synchronize() throws(FileFailure) {
        guard fsync(descriptor) == 0 else { throw FileFailure("fsync", path) }
    }
}
