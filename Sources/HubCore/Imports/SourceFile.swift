import Glibc
import NIOCore
import ObjectStore
import OpenSSLKit

/// An open regular file that somebody may be changing.
///
/// Positions are given with every call, so that tasks may share it.
final class SourceFile: Sendable {
    /// What tells that a file is the same, and unchanged.
    struct Stamp: Hashable, Sendable {
        let device: UInt64
        let inode: UInt64
        let size: Int64
        let modified: Int64
        let nanoseconds: Int64
    }

    let path: String
    let stamp: Stamp
    private let descriptor: Int32

    static let pieceBytes = 1 << 20

    /// Takes over a descriptor, also when it throws.
    init(_ descriptor: Int32, path: String) throws {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            close(descriptor)
            throw HubError.invalid("'\(path)' is no regular file.")
        }
        self.path = path
        self.descriptor = descriptor
        stamp = Stamp(
            device: UInt64(status.st_dev),
            inode: UInt64(status.st_ino),
            size: Int64(status.st_size),
            modified: Int64(status.st_mtim.tv_sec),
            nanoseconds: Int64(status.st_mtim.tv_nsec)
        )
    }

    deinit { close(descriptor) }

    var size: Int64 { stamp.size }

    /// The bytes from a position, at most so many; fewer only at the end.
    func bytes(at offset: Int64, atMost limit: Int) throws -> [UInt8] {
        let wanted = Int(min(Int64(limit), max(0, size - offset)))
        return try [UInt8](unsafeUninitializedCapacity: wanted) { buffer, count in
            while count < wanted {
                let got = pread(
                    descriptor,
                    buffer.baseAddress?.advanced(by: count),
                    wanted - count,
                    off_t(offset) + count
                )
                if got < 0, errno == EINTR { continue }
                guard got >= 0 else { throw HubError.invalid("'\(path)' cannot be read: error \(errno).") }
                guard got > 0 else { return }
                count += got
            }
        }
    }

    /// All of a small file.
    func contents() throws -> [UInt8] {
        let bytes = try bytes(at: 0, atMost: Int(clamping: size))
        guard bytes.count == size else { throw changed }
        return bytes
    }

    /// The SHA-256 of the content.
    ///
    /// - Parameter progress: is told of bytes as they are read.
    func digest(_ progress: (Int) -> Void) throws -> ObjectKey {
        let hash = try SHA256Stream()
        var position: Int64 = 0
        while position < size {
            try Task.checkCancellation()
            let piece = try bytes(at: position, atMost: Self.pieceBytes)
            guard !piece.isEmpty else { throw changed }
            try piece.withUnsafeBytes { try hash.update($0) }
            position += Int64(piece.count)
            progress(piece.count)
        }
        guard let key = ObjectKey(bytes: try hash.finalize()) else { throw changed }
        return key
    }

    private var changed: HubError { .invalid("'\(path)' changed while it was read. Import it again.") }
}

/// The bytes of a file, for the object store.
struct SourceFileBytes: AsyncSequence, Sendable {
    let file: SourceFile

    func makeAsyncIterator() -> Iterator { Iterator(file: file) }

    struct Iterator: AsyncIteratorProtocol {
        let file: SourceFile
        var position: Int64 = 0

        mutating func next() async throws -> ByteBuffer? {
            try Task.checkCancellation()
            let piece = try file.bytes(at: position, atMost: SourceFile.pieceBytes)
            guard !piece.isEmpty else { return nil }
            position += Int64(piece.count)
            return ByteBuffer(bytes: piece)
        }
    }
}
