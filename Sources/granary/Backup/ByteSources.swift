import GitCore
import NIOCore
import NIOPosix
import OpenSSLKit

/// Bytes that are in memory, as a stream of one piece.
struct MemoryBytes: AsyncSequence, Sendable {
    typealias Failure = any Error
    private let bytes: [UInt8]

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var bytes: [UInt8]?

        mutating func next() async throws -> ByteBuffer? {
            defer { bytes = nil }
            return bytes.flatMap { $0.isEmpty ? nil : ByteBuffer(bytes: $0) }
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(bytes: bytes) }
}

/// A file from its beginning to the end that it had, in pieces of 1 MiB, read by threads that may wait.
struct FileBytes: AsyncSequence, Sendable {
    typealias Failure = any Error
    let file: OpenFile
    let size: Int64

    static let piece: Int64 = 1 << 20

    struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate let (file, size): (OpenFile, Int64)
        fileprivate var position: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            guard position < size else { return nil }
            let count = Int(Swift.min(FileBytes.piece, size - position))
            let (file, start) = (file, position)
            let bytes = try await NIOThreadPool.singleton.runIfActive { try file.bytes(count, at: start) }
            position += Int64(count)
            return ByteBuffer(bytes: bytes)
        }
    }

    func makeAsyncIterator() -> AsyncIterator { AsyncIterator(file: file, size: size) }

    /// The SHA-256 of all of it.
    func digest() async throws -> [UInt8] {
        let hash = try SHA256Stream()
        for try await buffer in self { try buffer.withUnsafeReadableBytes { try hash.update($0) } }
        return try hash.finalize()
    }
}

extension OpenFile {
    /// Exactly `count` bytes from `offset` on.
    /// - Throws: `FileError` also when the file ends before.
    func bytes(_ count: Int, at offset: Int64) throws(FileError) -> [UInt8] {
        var failure: FileError?
        let bytes = [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            do throws(FileError) {
                try readAll(into: UnsafeMutableRawBufferPointer(buffer), at: offset)
                filled = count
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Writes bytes at `offset`.
    func write(_ bytes: [UInt8], at offset: Int64) throws(FileError) {
        var failure: FileError?
        bytes.withUnsafeBytes { bytes in
            do throws(FileError) { try write(bytes, at: offset) } catch { failure = error }
        }
        if let failure { throw failure }
    }
}
