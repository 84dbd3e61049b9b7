/// Appends to a file through a buffer, so that many small pieces cost few system calls.
///
/// Belongs to one thread at a time.
package final class FileAppender {
    package let file: OpenFile
    /// Bytes appended so far, those in the buffer included.
    package private(set) var count: Int64 = 0

    private let buffer: UnsafeMutableRawBufferPointer
    private var used = 0

    /// - Parameter capacity: bytes of the buffer.
    package init(_ file: OpenFile, capacity: Int = 256 << 10) {
        self.file = file
        buffer = .allocate(byteCount: capacity, alignment: 16)
    }

    deinit {
        buffer.deallocate()
    }

    /// Takes all of `bytes`.
    package func append(_ bytes: UnsafeRawBufferPointer) throws(FileError) {
        guard !bytes.isEmpty else { return }
        if bytes.count > buffer.count - used { try flush() }
        if bytes.count >= buffer.count {
            try file.write(bytes, at: count)
        } else {
            UnsafeMutableRawBufferPointer(rebasing: buffer[used...]).copyMemory(from: bytes)
            used += bytes.count
        }
        count += Int64(bytes.count)
    }

    /// Takes all of `bytes`.
    package func append(_ bytes: [UInt8]) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { bytes in
            do throws(FileError) { try append(bytes) } catch { failure = error }
        }
        if let failure { throw failure }
    }

    /// Hands the buffer to the file; after it the file can be read.
    package func flush() throws(FileError) {
        guard used > 0 else { return }
        try file.write(UnsafeRawBufferPointer(rebasing: buffer[..<used]), at: count - Int64(used))
        used = 0
    }
}
