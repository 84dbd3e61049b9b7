import CLinux
import Glibc
import NIOCore
package import NIOPosix

/// A file that is being sent, open until its last piece has left.
///
/// Pieces that wait for a socket keep it alive, so that it may be let go while they do.
package final class ServedFile: Sendable {
    /// Its size when it was opened.
    package let size: Int64
    private let handle: NIOFileHandle
    /// The handle's own, for calls of ours: the handle serves one caller at a time, and that is the event loop.
    private let descriptor: CInt
    private let pool: NIOThreadPool

    /// Bytes that the kernel is asked to read ahead at a time; it ignores what is much more.
    private static let step: Int64 = 1 << 20
    /// Of so many bytes, one is looked for in the kernel's cache: it reads and drops more than that at a time.
    private static let probe: Int64 = 128 << 10

    private init(owning descriptor: CInt, size: Int64, pool: NIOThreadPool) {
        handle = NIOFileHandle(_deprecatedTakingOwnershipOfDescriptor: descriptor)
        self.descriptor = descriptor
        self.size = size
        self.pool = pool
    }

    deinit {
        try? handle.close()
    }

    /// Opens a regular file, on a thread of `pool`; nil when there is none.
    ///
    /// - Throws: `IOError` when the system refuses.
    package static func open(_ path: String, pool: NIOThreadPool) async throws -> ServedFile? {
        try await pool.runIfActive {
            let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
            guard descriptor >= 0 else {
                guard errno != ENOENT else { return nil }
                throw IOError(errnoCode: errno, reason: "open")
            }
            let file = ServedFile(owning: descriptor, size: try size(ofOpen: descriptor), pool: pool)
            posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL)
            return file
        }
    }

    /// A piece for the kernel to copy into a socket; it must lie within the file.
    func region(_ range: Range<Int64>) -> FileRegion {
        FileRegion(fileHandle: handle, readerIndex: Int(range.lowerBound), endIndex: Int(range.upperBound))
    }

    /// Waits until a range is in the kernel's cache, as far as it can be: on a thread of the pool, unless it is there.
    ///
    /// `sendfile` runs on the event loop, which many connections share and which a slow disk must not hold up.
    ///
    /// - Throws: `ServedFileError.truncated` when the file has become shorter: sending what is not there would never end.
    func warm(_ range: Range<Int64>) async throws {
        // To ask the kernel to read ahead what it has costs as much as to send it.
        if isCached(range) { return }
        try await pool.runIfActive {
            var status = stat()
            guard fstat(self.descriptor, &status) == 0, Int64(status.st_size) >= self.size else {
                throw ServedFileError.truncated
            }
            var byte: UInt8 = 0
            for start in stride(from: range.lowerBound, to: range.upperBound, by: Int(Self.step)) {
                let end = min(start + Self.step, range.upperBound)
                posix_fadvise(self.descriptor, off_t(start), off_t(end - start), POSIX_FADV_WILLNEED)
                // Returns once the last page is there; the kernel fetches those before it first.
                _ = pread(self.descriptor, &byte, 1, off_t(end - 1))
            }
        }
    }

    /// Whether a range seems to be in the kernel's cache, and in the file; never waits for a disk.
    private func isCached(_ range: Range<Int64>) -> Bool {
        stride(from: range.lowerBound, to: range.upperBound, by: Int(Self.probe)).allSatisfy { start in
            let last = min(start + Self.probe, range.upperBound) - 1
            return withUnsafeTemporaryAllocation(byteCount: 1, alignment: 1) { byte in
                var vector = iovec(iov_base: byte.baseAddress, iov_len: 1)
                return preadv2(descriptor, &vector, 1, off_t(last), CInt(GRANARY_RWF_NOWAIT.rawValue)) == 1
            }
        }
    }

    /// The size of a regular file; closes the descriptor of anything else.
    private static func size(ofOpen descriptor: CInt) throws -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw IOError(errnoCode: EINVAL, reason: "not a regular file")
        }
        return Int64(status.st_size)
    }
}

/// Why a file cannot be sent to its end.
package enum ServedFileError: Error, Sendable {
    /// Somebody cut it while it was being sent.
    case truncated
}
