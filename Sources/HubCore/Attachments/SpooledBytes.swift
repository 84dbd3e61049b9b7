import GitCore
import NIOCore
import ObjectStore
import OpenSSLKit

/// Bytes that came in and were hashed on the way: they wait in a file without a name, which goes with the last reference.
struct SpooledBytes: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    /// The SHA-256 of all bytes.
    let oid: ObjectKey
    /// How many they are.
    let count: Int64
    private let file: OpenFile

    private static let pieceBytes = 256 << 10

    /// Takes all bytes in.
    ///
    /// - Throws: `HubError.tooLarge` behind `limit` bytes; what `bytes` throws.
    init(_ bytes: ByteSourceLike, limit: Int64, in directory: String) async throws {
        try Directories.create(directory)
        let appender = FileAppender(try OpenFile(temporaryIn: directory))
        let digest = try SHA256Stream()
        for try await piece in bytes {
            guard appender.count + Int64(piece.readableBytes) <= limit else {
                throw HubError(.tooLarge, "The file has more than \(limit) bytes.")
            }
            try piece.withUnsafeReadableBytes { bytes in
                try digest.update(bytes)
                try appender.append(bytes)
            }
        }
        try appender.flush()
        guard let oid = ObjectKey(hex: Hex.encode(try digest.finalize())) else {
            throw HubError(.internalFailure, "The file could not be hashed.")
        }
        (self.oid, count, file) = (oid, appender.count, appender.file)
    }

    func makeAsyncIterator() -> Iterator { Iterator(bytes: self) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let bytes: SpooledBytes
        fileprivate var position: Int64 = 0

        fileprivate init(bytes: SpooledBytes) { self.bytes = bytes }

        mutating func next() async throws -> ByteBuffer? {
            let count = Int(Swift.min(Int64(SpooledBytes.pieceBytes), bytes.count - position))
            guard count > 0 else { return nil }
            var piece = ByteBuffer()
            try piece.writeWithUnsafeMutableBytes(minimumWritableBytes: count) { buffer in
                try bytes.file.readAll(into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]), at: position)
                return count
            }
            position += Int64(count)
            return piece
        }
    }
}
