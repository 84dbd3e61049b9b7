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

    /// Appends the readable bytes of all buffers.
    func append(_ buffers: [ByteBuffer]) throws {
        for buffer in buffers {
            try buffer.withUnsafeReadableBytes { try append($0) }
        }
    }

    /// Appends bytes.
    func append(_ bytes: UnsafeRawBufferPointer) throws {
        try hash.update(bytes)
        try file.write(bytes, at: size)
        size += Int64(bytes.count)
        while size - begun >= Self.step {
            try writeBehind()
        }
    }

    /// Begins to write a step, and waits for the one before: otherwise all that a fast client has sent would wait for the
    /// last call, for minutes, and clients give up.
    private func writeBehind() throws(FileFailure) {
        try file.beginWriting(begun..<begun + Self.step)
        if begun >= Self.step { try file.finishWriting(begun - Self.step..<begun) }
        begun += Self.step
    }

    /// The SHA-256 of all that was appended, which must have come to an end.
    func digest() throws -> [UInt8] { try hash.finalize() }

    /// Writes bytes behind the content without hashing them.
    func seal(with trailer: [UInt8]) throws {
        try trailer.withUnsafeBytes { try file.write($0, at: size) }
    }

    /// Returns when content and size are on stable storage.
    func synchronize() throws { try file.synchronize() }

    /// Removes the name; once it was published under another, this drops nothing else.
    func discard() { _ = try? StoreDirectories.removeFile(path) }
}
