import NIOCore
import OpenSSLKit

/// A temporary file that is being filled, and the SHA-256 of what is in it.
///
/// `@unchecked`: one put owns it and waits for each job before it starts the next, so no two threads meet here.
final class IncomingFile: @unchecked Sendable {
    let path: String
    private let file: StoreFile
    private let hash: SHA256Stream
    private(set) var size: Int64 = 0
    /// Up to where the kernel was told to write.
    private var begun: Int64 = 0

    /// The kernel is told to write so many bytes at a time; twice as many may wait in its cache.
    private static let step: Int64 = 16 << 20

    /// Creates the file; the name must be new.
    init(_ path: String) throws {
        hash = try SHA256Stream()
        file = try StoreFile.create(path)
        self.path = path
    }

    /// Hashed, and not written yet: less than a block.
    private var rest: [ByteBuffer] = []
    private var written: Int64 = 0

    /// Bytes are written up to multiples of this.
    ///
    /// The kernel then keeps them in large pieces of memory, and sending the file costs a quarter of what it costs in pages.
    private static let block: Int64 = 64 << 10
    /// Beyond so many, small buffers do not wait for a whole block.
    private static let mostBuffers = 256

    /// Appends the readable bytes of all buffers.
    func append(_ buffers: [ByteBuffer]) throws {
        for buffer in buffers {
            try buffer.withUnsafeReadableBytes { try hash.update($0) }
            size += Int64(buffer.readableBytes)
        }
        rest += buffers
        try write(upTo: rest.count > Self.mostBuffers ? size : size - size % Self.block)
    }

    /// Appends bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try write(upTo: size)
        try hash.update(bytes)
        try file.write(bytes, at: size)
        size += Int64(bytes.count)
        written = size
        try writeBehind()
    }

    /// Writes what waits, from its front, as far as a position.
    private func write(upTo end: Int64) throws(FileFailure) {
        var due: [ByteBuffer] = []
        var (position, count) = (written, 0)
        while position < end, count < rest.count {
            let length = Int(min(Int64(rest[count].readableBytes), end - position))
            guard let slice = rest[count].readSlice(length: length) else { break }
            due.append(slice)
            position += Int64(length)
            if rest[count].readableBytes == 0 { count += 1 }
        }
        rest.removeFirst(count)
        try file.write(due, at: written)
        written = position
        try writeBehind()
    }

    /// Begins to write a step, and waits for the one before: otherwise all that a fast client has sent would wait for the
    /// last call, for minutes, and clients give up.
    private func writeBehind() throws(FileFailure) {
        while written - begun >= Self.step {
            try file.beginWriting(begun..<begun + Self.step)
            if begun >= Self.step { try file.finishWriting(begun - Self.step..<begun) }
            begun += Self.step
        }
    }

    /// The SHA-256 of all that was appended, which must have come to an end.
    func digest() throws -> [UInt8] { try hash.finalize() }

    /// Writes bytes behind the content without hashing them.
    func seal(with trailer: [UInt8]) throws {
        try write(upTo: size)
        try trailer.withUnsafeBytes { try file.write($0, at: size) }
    }

    /// Returns when content and size are on stable storage.
    func synchronize() throws {
        try write(upTo: size)
        try file.synchronize()
    }

    /// Removes the name; once it was published under another, this drops nothing else.
    func discard() { _ = try? StoreDirectories.removeFile(path) }
}
