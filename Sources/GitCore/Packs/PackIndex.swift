import Glibc

/// What is wrong with a stored pack or its companions.
package enum PackError: Error, Equatable, Sendable {
    /// Not git's format, or cut off; the text says where.
    case malformed(String)
    /// An object that was promised is not there.
    case missing(ObjectID)
    /// An object is larger than the caller takes.
    case tooLarge(ObjectID, size: Int64)
}

/// A mapped `.idx` file, version 2: object id → offset in the pack.
///
/// - Source: gitformat-pack(5) "Version 2 pack-*.idx files".
package final class PackIndex: Sendable {
    /// How many objects the pack holds.
    package let count: Int
    /// The pack's trailer, which ties index and pack together.
    package let packChecksum: ObjectID

    // The file never changes while it is mapped: packs are immutable and replaced by name only.
    nonisolated(unsafe) private let bytes: UnsafeRawBufferPointer
    private let largeOffsetCount: Int

    private static let headerBytes = 8
    private static let fanoutBytes = 256 * 4
    private static let idsAt = headerBytes + fanoutBytes

    /// Maps and validates: magic, version, monotonic fan-out, a size that fits the count.
    ///
    /// The checksum of the whole file is not verified here; `granary fsck` does that.
    package init(path: String) throws {
        guard let bytes = try OpenFile(reading: path).map() else { throw PackError.malformed("empty index") }
        self.bytes = bytes
        var isValid = false
        defer { if !isValid { munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count) } }
        let fixed = Self.idsAt + 2 * ObjectID.byteCount
        guard bytes.count >= fixed, Self.word(bytes, 0) == 0xff74_4f63, Self.word(bytes, 4) == 2 else {
            throw PackError.malformed("not a version 2 index")
        }
        var previous: UInt32 = 0
        for bucket in 0..<256 {
            let value = Self.word(bytes, Self.headerBytes + 4 * bucket)
            guard value >= previous else { throw PackError.malformed("index fan-out decreases") }
            previous = value
        }
        count = Int(previous)
        let rest = bytes.count - fixed - count * (ObjectID.byteCount + 8)
        guard rest >= 0, rest % 8 == 0, rest / 8 <= count else { throw PackError.malformed("index size") }
        largeOffsetCount = rest / 8
        guard let checksum = ObjectID(in: bytes, at: bytes.count - 2 * ObjectID.byteCount) else {
            throw PackError.malformed("index size")
        }
        packChecksum = checksum
        isValid = true
    }

    deinit {
        munmap(UnsafeMutableRawPointer(mutating: bytes.baseAddress), bytes.count)
    }

    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt32 {
        UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The position of an object in id order, 0 ..< count; nil when the pack does not hold it.
    package func position(of oid: ObjectID) -> Int? {
        let bucket = Int(oid.firstByte)
        var low = bucket == 0 ? 0 : Int(Self.word(bytes, Self.headerBytes + 4 * (bucket - 1)))
        var high = Int(Self.word(bytes, Self.headerBytes + 4 * bucket))
        while low < high {
            let middle = (low + high) / 2
            let candidate = self.oid(at: middle)
            if candidate == oid { return middle }
            if candidate < oid { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// The id at a position of `0 ..< count`.
    package func oid(at position: Int) -> ObjectID {
        ObjectID(in: bytes, at: Self.idsAt + position * ObjectID.byteCount) ?? .zero
    }

    /// CRC-32 of the raw entry at a position of `0 ..< count`.
    package func crc32(at position: Int) -> UInt32 {
        Self.word(bytes, Self.idsAt + count * ObjectID.byteCount + 4 * position)
    }

    /// Offset in the pack of the entry at a position of `0 ..< count`; -1 when the index contradicts itself.
    package func offset(at position: Int) -> Int64 {
        let offsetsAt = Self.idsAt + count * (ObjectID.byteCount + 4)
        let value = Self.word(bytes, offsetsAt + 4 * position)
        guard value & 0x8000_0000 != 0 else { return Int64(value) }
        let row = Int(value & 0x7fff_ffff)
        guard row < largeOffsetCount else { return -1 }
        let wide = UInt64(
            bigEndian: bytes.loadUnaligned(fromByteOffset: offsetsAt + 4 * count + 8 * row, as: UInt64.self)
        )
        return Int64(exactly: wide) ?? -1
    }

    /// True when the file's last 20 bytes are the SHA-1 of everything before.
    package func hasValidChecksum(_ sha1: (UnsafeRawBufferPointer) throws -> [UInt8]) rethrows -> Bool {
        let body = UnsafeRawBufferPointer(rebasing: bytes[..<(bytes.count - ObjectID.byteCount)])
        return try ObjectID(bytes: sha1(body)) == ObjectID(in: bytes, at: body.count)
    }
}
