import Glibc

/// What the operating system refused: operation, path and errno.
package struct FileError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The call, for instance "open".
    package let operation: String
    /// The path as it was given; for the log, never for a client.
    package let path: String
    /// The value of errno.
    package let code: Int32

    /// Reads errno right after a failed call.
    package init(_ operation: String, _ path: String, code: Int32 = errno) {
        self.operation = operation
        self.path = path
        self.code = code
    }

    /// True when the disk or the quota is full.
    package var isOutOfSpace: Bool { code == ENOSPC || code == EDQUOT }

    /// True when what was named does not exist.
    package var isMissing: Bool { code == ENOENT }

    /// For the log.
    package var description: String { "\(operation) \(path): \(String(cString: strerror(code)))" }
}

/// One open file, closed with its last reference.
///
/// Positions are given with every call, so threads share an instance freely.
package final class OpenFile: Sendable {
    /// For messages.
    package let path: String
    private let descriptor: Int32

    /// Opens for reading; symbolic links are not followed.
    package convenience init(reading path: String) throws(FileError) {
        try self.init(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Creates a file that must not exist, readable and writable by us alone.
    package convenience init(creating path: String) throws(FileError) {
        try self.init(path, flags: O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW)
    }

    /// Creates a file without a name in `directory`: it vanishes with its last reference, also in a crash.
    package convenience init(temporaryIn directory: String) throws(FileError) {
        // O_TMPFILE is a macro that combines two flags; Swift sees neither the macro nor the private flag.
        let temporaryFile: Int32 = 0o20000000 | O_DIRECTORY
        try self.init(directory, flags: O_RDWR | temporaryFile | O_CLOEXEC)
    }

    private init(_ path: String, flags: Int32) throws(FileError) {
        self.path = path
        descriptor = open(path, flags, 0o600)
        if descriptor < 0 { throw FileError("open", path) }
    }

    deinit {
        close(descriptor)
    }

    /// The size in bytes at this moment.
    package func size() throws(FileError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("fstat", path) }
        return Int64(status.st_size)
    }

    /// Nanoseconds since 1970 of the last change of the content.
    package func modificationTime() throws(FileError) -> Int64 {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw FileError("fstat", path) }
        return Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec)
    }

    /// Reads at `offset` until `buffer` is full or the file ends; returns the number of bytes.
    package func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) -> Int {
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
                throw FileError("read", path)
            }
            done += count
        }
        return done
    }

    /// Reads exactly `buffer.count` bytes; the file ending before is an error.
    package func readAll(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(FileError) {
        guard try read(into: buffer, at: offset) == buffer.count else { throw FileError("read", path, code: EIO) }
    }

    /// Writes all of `bytes` at `offset`.
    package func write(_ bytes: UnsafeRawBufferPointer, at offset: Int64) throws(FileError) {
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
                throw FileError("write", path)
            }
            done += count
        }
    }

    /// Cuts or extends the file to `size` bytes.
    package func truncate(to size: Int64) throws(FileError) {
        guard ftruncate(descriptor, off_t(size)) == 0 else { throw FileError("truncate", path) }
    }

    /// Returns when content and size are on stable storage.
    package func synchronize() throws(FileError) {
        guard fsync(descriptor) == 0 else { throw FileError("fsync", path) }
    }

    /// Maps the whole file for reading; nil when it is empty.
    ///
    /// The mapping outlives the descriptor.
    package func map() throws(FileError) -> UnsafeRawBufferPointer? {
        let size = Int(try size())
        guard size > 0 else { return nil }
        guard let address = mmap(nil, size, PROT_READ, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw FileError("mmap", path)
        }
        return UnsafeRawBufferPointer(start: address, count: size)
    }
}
