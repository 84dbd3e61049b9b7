import OpenSSLKit

/// A pack written by hand, every part of which may lie.
///
/// - Source: gitformat-pack(5).
package struct HostilePack: Sendable {
    /// The version in the header.
    package var version: UInt32 = 2
    /// The count in the header; the true one when nil.
    package var count: UInt32?
    /// The entries: header, base and zlib stream.
    package private(set) var entries: [[UInt8]] = []
    /// The trailer; the true hash when nil.
    package var trailer: [UInt8]?
    /// Bytes after the trailer.
    package var tail: [UInt8] = []

    /// An empty pack.
    package init() {}

    /// A true pack of some objects.
    package init(_ objects: [GitObject]) {
        for object in objects { add(object) }
    }

    /// Adds a whole object.
    ///
    /// - Parameter declaredSize: the size in the entry header, if it shall differ from the true one.
    package mutating func add(_ object: GitObject, declaredSize: Int? = nil) {
        add(
            type: object.kind.rawValue,
            size: declaredSize ?? object.content.count,
            stream: StoredDeflate.stream(of: object.content)
        )
    }

    /// Adds an entry of any type with a ready zlib stream.
    package mutating func add(type: UInt8, size: Int, base: [UInt8] = [], stream: [UInt8]) {
        entries.append(Self.header(type: type, size: size) + base + stream)
    }

    /// Adds bytes that are no entry at all.
    package mutating func addRaw(_ bytes: [UInt8]) {
        entries.append(bytes)
    }

    /// Adds a delta against the object with this id.
    package mutating func addRefDelta(base: [UInt8], delta: [UInt8]) {
        add(type: 7, size: delta.count, base: base, stream: StoredDeflate.stream(of: delta))
    }

    /// Adds a delta against the entry that starts `distance` bytes before this one.
    package mutating func addOffsetDelta(distance: Int, delta: [UInt8]) {
        add(type: 6, size: delta.count, base: Self.offset(distance), stream: StoredDeflate.stream(of: delta))
    }

    /// The bytes of the pack.
    package var bytes: [UInt8] {
        get throws {
            var bytes =
                Array("PACK".utf8) + bigEndian(version) + bigEndian(count ?? UInt32(truncatingIfNeeded: entries.count))
            for entry in entries { bytes += entry }
            return try bytes + (trailer ?? sha1(bytes)) + tail
        }
    }

    /// The length of the last entry: the distance to it from the next one.
    package var lastEntryLength: Int { entries.last?.count ?? 0 }

    /// An entry header: type and size.
    package static func header(type: UInt8, size: Int) -> [UInt8] {
        var rest = size >> 4
        var bytes = [(type & 7) << 4 | UInt8(size & 15)]
        while rest > 0 {
            bytes[bytes.count - 1] |= 0x80
            bytes.append(UInt8(rest & 0x7f))
            rest >>= 7
        }
        return bytes
    }

    /// The base of an offset delta.
    package static func offset(_ distance: Int) -> [UInt8] {
        var bytes = [UInt8(distance & 0x7f)]
        var rest = distance >> 7
        while rest > 0 {
            rest -= 1
            bytes.insert(0x80 | UInt8(rest & 0x7f), at: 0)
            rest >>= 7
        }
        return bytes
    }
}

/// The instructions of a delta, written by hand.
package struct HandMadeDelta: Sendable {
    /// The bytes so far.
    package private(set) var bytes: [UInt8]

    /// Begins with the two sizes, which may be lies.
    package init(source: Int, target: Int) {
        bytes = Self.size(source) + Self.size(target)
    }

    /// Adds literal bytes, at most 127.
    package mutating func insert(_ literal: [UInt8]) {
        bytes.append(UInt8(truncatingIfNeeded: literal.count))
        bytes += literal
    }

    /// Adds a copy instruction with all its bytes spelled out.
    package mutating func copy(offset: Int, size: Int) {
        bytes.append(0xff)
        bytes += [0, 8, 16, 24].map { UInt8(truncatingIfNeeded: offset >> $0) }
        bytes += [0, 8, 16].map { UInt8(truncatingIfNeeded: size >> $0) }
    }

    /// Adds one byte of anything.
    package mutating func raw(_ byte: UInt8) { bytes.append(byte) }

    private static func size(_ value: Int) -> [UInt8] {
        var rest = value
        var bytes: [UInt8] = []
        repeat {
            bytes.append(UInt8(rest & 0x7f) | (rest > 0x7f ? 0x80 : 0))
            rest >>= 7
        } while rest > 0
        return bytes
    }
}
