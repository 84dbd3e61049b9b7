/// Why a serialized chunk was refused.
package enum ChunkError: Error, Equatable, Sendable {
    /// The first byte of the header is not 0.
    case unknownVersion(UInt8)
    /// The scheme is none of the three.
    case unknownScheme(UInt8)
    /// Raw bytes: none, or more than 128 KiB.
    case rawLength(Int)
    /// Stored bytes: none, more than 256 KiB, or other than the raw bytes of a chunk that is not compressed.
    case storedLength(Int)
    /// The bytes end within a chunk.
    case truncated
    /// The LZ4 frame is not one, or not of the declared length.
    case frame(LZ4FrameError)
}

/// The eight bytes in front of each chunk in a xorb.
///
/// - Source: Xet protocol specification, "Xorb format", chunk header.
package struct ChunkHeader: Equatable, Sendable {
    /// Bytes in a header.
    package static let length = 8
    /// Most raw bytes in a chunk.
    package static let maximumRawLength = 131_072
    /// Most stored bytes in a chunk.
    package static let maximumStoredLength = 262_144

    /// How the chunk is stored.
    package let scheme: CompressionScheme
    /// Bytes between this header and the next: 1 through 262 144.
    package let storedLength: Int
    /// Bytes of content: 1 through 131 072.
    package let rawLength: Int

    /// The header of a chunk.
    ///
    /// - Throws: `rawLength`, `storedLength`.
    package init(scheme: CompressionScheme, storedLength: Int, rawLength: Int) throws(ChunkError) {
        guard (1...ChunkHeader.maximumRawLength).contains(rawLength) else { throw .rawLength(rawLength) }
        guard (1...ChunkHeader.maximumStoredLength).contains(storedLength),
            scheme != .stored || storedLength == rawLength
        else { throw .storedLength(storedLength) }
        self.scheme = scheme
        self.storedLength = storedLength
        self.rawLength = rawLength
    }

    /// Reads a header from the start of `bytes`.
    ///
    /// - Throws: `truncated` with fewer than eight bytes, or what is wrong with them.
    package init(reading bytes: UnsafeRawBufferPointer) throws(ChunkError) {
        guard bytes.count >= ChunkHeader.length else { throw .truncated }
        guard bytes[0] == 0 else { throw .unknownVersion(bytes[0]) }
        guard let scheme = CompressionScheme(rawValue: bytes[4]) else { throw .unknownScheme(bytes[4]) }
        try self.init(
            scheme: scheme,
            storedLength: Int(bytes[1]) | Int(bytes[2]) << 8 | Int(bytes[3]) << 16,
            rawLength: Int(bytes[5]) | Int(bytes[6]) << 8 | Int(bytes[7]) << 16
        )
    }

    /// The eight bytes.
    package var bytes: [UInt8] {
        let (stored, raw) = (UInt32(storedLength), UInt32(rawLength))
        return [
            0, UInt8(truncatingIfNeeded: stored), UInt8(truncatingIfNeeded: stored >> 8),
            UInt8(truncatingIfNeeded: stored >> 16), scheme.rawValue, UInt8(truncatingIfNeeded: raw),
            UInt8(truncatingIfNeeded: raw >> 8), UInt8(truncatingIfNeeded: raw >> 16),
        ]
    }
}
