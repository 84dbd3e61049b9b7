import Glibc
import OpenSSLKit

/// A file of ours that ends in the SHA-1 of its content, mapped whole and verified once.
///
/// Shared by all threads: such files are replaced by name and never changed.
final class MappedFile: Sendable {
    nonisolated(unsafe) let bytes: UnsafeRawBufferPointer
    /// Bytes before the checksum.
    let bodyCount: Int

    /// - Throws: `FileError`, or `ReachabilityError.malformed` when the checksum is wrong.
    init(path: String) throws {
        guard let mapped = try OpenFile(reading: path).map() else { throw ReachabilityError.malformed("empty file") }
        bytes = mapped
        bodyCount = max(0, mapped.count - ObjectID.byteCount)
        guard mapped.count > ObjectID.byteCount else { throw ReachabilityError.malformed("file is cut off") }
        let checksum = try SHA1Stream()
        try checksum.update(UnsafeRawBufferPointer(rebasing: mapped[..<bodyCount]))
        guard try ObjectID(bytes: checksum.finalize()) == ObjectID(in: mapped, at: bodyCount) else {
            throw ReachabilityError.malformed("checksum is wrong")
        }
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    /// The 32-bit number at `offset`.
    ///
    /// - Throws: `malformed` outside the body.
    func word(at offset: Int) throws(ReachabilityError) -> UInt32 {
        guard offset >= 0, bodyCount >= 4, offset <= bodyCount - 4 else { throw .malformed("file is cut off") }
        return UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The 64-bit number at `offset`.
    ///
    /// - Throws: `malformed` outside the body.
    func wideWord(at offset: Int) throws(ReachabilityError) -> UInt64 {
        guard offset >= 0, bodyCount >= 8, offset <= bodyCount - 8 else { throw .malformed("file is cut off") }
        return UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
