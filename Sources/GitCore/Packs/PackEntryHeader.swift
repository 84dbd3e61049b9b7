/// The type field of a pack entry.
package enum PackEntryType: UInt8, Sendable {
    case commit = 1
    case tree = 2
    case blob = 3
    case tag = 4
    /// A delta against an earlier entry of the same pack.
    case ofsDelta = 6
    /// A delta against an object given by id.
    case refDelta = 7

    /// The type of the object; nil for deltas, whose type is their base's.
    package var objectType: ObjectType? { ObjectType(rawValue: rawValue) }

    /// The entry type of a whole object.
    package init(_ type: ObjectType) {
        switch type {
        case .commit: self = .commit
        case .tree: self = .tree
        case .blob: self = .blob
        case .tag: self = .tag
        }
    }
}

/// Why the front of a pack entry cannot be read.
package enum PackEntryError: Error, Sendable, Equatable {
    /// Type 0 or 5.
    case unknownType(UInt8)
    /// The size field is longer than 10 bytes or means more than 63 bits.
    case sizeOverflow
    /// The distance field is longer than 10 bytes or means more than 63 bits.
    case distanceOverflow
    /// A delta against itself.
    case zeroDistance

    /// One line for the client.
    package var message: String {
        switch self {
        case .unknownType(let type): "pack entry of unknown type \(type)"
        case .sizeOverflow: "pack entry with an impossible size"
        case .distanceOverflow: "delta base offset overflow"
        case .zeroDistance: "delta base offset out of bounds"
        }
    }
}

/// Where the base of a delta entry lies.
package enum DeltaBase: Hashable, Sendable {
    /// The entry is no delta.
    case none
    /// This many bytes before the start of the entry, 1 or more.
    case distance(UInt64)
    /// The object of this id, in the pack or (thin packs) elsewhere.
    case id(ObjectID)
}

/// What stands before the zlib stream of a pack entry.
package struct PackEntryHeader: Hashable, Sendable {
    /// The type field.
    package var type: PackEntryType
    /// Inflated bytes of what follows: of the object, or of the delta; at most `Int64.max`.
    package var size: UInt64
    /// The base of a delta.
    package var base: DeltaBase
    /// Bytes of the header including the base; the zlib stream follows.
    package var byteCount: Int

    /// Bytes that are enough for every header: ten of size and twenty of id.
    package static let maximumByteCount = 30

    /// Reads a header at `offset` of `bytes`.
    ///
    /// - Returns: nil when `bytes` end inside the header: call again from the same start with more of them.
    /// - Throws: what `PackEntryError` says, as early as the bytes show it.
    /// - Source: gitformat-pack(5).
    package static func parse(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int = 0
    ) throws(PackEntryError) -> PackEntryHeader? {
        guard offset >= 0, offset < bytes.count else { return nil }
        var position = offset
        var byte = bytes[position]
        position += 1
        guard let type = PackEntryType(rawValue: byte >> 4 & 0x7) else { throw .unknownType(byte >> 4 & 0x7) }
        var size = UInt64(byte & 0xf)
        var shift: UInt64 = 4
        while byte & 0x80 != 0 {
            // The tenth byte would carry bits 60 and up: 4 + 8 × 7 = 60, so only three of its bits fit.
            guard shift <= 60 else { throw .sizeOverflow }
            guard position < bytes.count else { return nil }
            byte = bytes[position]
            position += 1
            guard shift < 60 || byte & 0x7f <= 0x7 else { throw .sizeOverflow }
            size |= UInt64(byte & 0x7f) << shift
            shift += 7
        }
        var header = PackEntryHeader(type: type, size: size, base: .none, byteCount: position - offset)
        guard try header.readBase(bytes, at: position) else { return nil }
        return header
    }

    /// Reads what stands between size and zlib stream; false when more bytes are needed.
    private mutating func readBase(
        _ bytes: UnsafeRawBufferPointer,
        at position: Int
    ) throws(PackEntryError) -> Bool {
        switch type {
        case .commit, .tree, .blob, .tag: return true
        case .ofsDelta:
            guard let (distance, count) = try Self.parseDistance(bytes, at: position) else { return false }
            base = .distance(distance)
            byteCount += count
        case .refDelta:
            guard let oid = ObjectID(in: bytes, at: position) else { return false }
            base = .id(oid)
            byteCount += ObjectID.byteCount
        }
        return true
    }

    /// False when the size takes more bytes than it needs; git refuses long ones, and writes none.
    package var isMinimal: Bool {
        var bytes: [UInt8] = []
        PackEntryHeader.encode(type: type, size: size, into: &bytes)
        switch base {
        case .none: break
        case .id: return byteCount == bytes.count + ObjectID.byteCount
        case .distance(let distance): PackEntryHeader.encodeOffset(distance, into: &bytes)
        }
        return byteCount == bytes.count
    }

    /// Reads the distance of an ofs-delta at `offset` and how many bytes it took; nil when more bytes are needed.
    package static func parseDistance(
        _ bytes: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(PackEntryError) -> (distance: UInt64, byteCount: Int)? {
        guard offset >= 0, offset < bytes.count else { return nil }
        var position = offset
        var byte = bytes[position]
        var distance = UInt64(byte & 0x7f)
        position += 1
        while byte & 0x80 != 0 {
            // One less than the largest value that may be shifted, because one is added first.
            guard distance < UInt64(Int64.max) >> 7 else { throw .distanceOverflow }
            guard position < bytes.count else { return nil }
            byte = bytes[position]
            position += 1
            distance = (distance + 1) << 7 | UInt64(byte & 0x7f)
        }
        guard distance > 0 else { throw .zeroDistance }
        return (distance, position - offset)
    }
}

extension PackEntryHeader {
    /// Appends the type and size field.
    package static func encode(type: PackEntryType, size: UInt64, into bytes: inout [UInt8]) {
        var byte = type.rawValue << 4 | UInt8(truncatingIfNeeded: size & 0xf)
        var rest = size >> 4
        while rest != 0 {
            bytes.append(byte | 0x80)
            byte = UInt8(truncatingIfNeeded: rest & 0x7f)
            rest >>= 7
        }
        bytes.append(byte)
    }

    /// Appends the distance field of an ofs-delta, in its only form; `distance` is 1 or more.
    package static func encodeOffset(_ distance: UInt64, into bytes: inout [UInt8]) {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 10) { groups in
            // Seven bits a byte, last byte first; all but the last are one less than their digit.
            var position = groups.count - 1
            groups[position] = UInt8(truncatingIfNeeded: distance & 0x7f)
            var rest = distance >> 7
            while rest != 0 {
                rest -= 1
                position -= 1
                groups[position] = 0x80 | UInt8(truncatingIfNeeded: rest & 0x7f)
                rest >>= 7
            }
            bytes.append(contentsOf: groups[position...])
        }
    }
}
