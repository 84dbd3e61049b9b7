/// Why a xorb, or what is remembered of one, was refused.
package enum XorbError: Error, Equatable, Sendable {
    /// A chunk, counted from zero, is malformed.
    case chunk(Int, ChunkError)
    /// There is no chunk.
    case empty
    /// More chunks than a xorb may have.
    case tooManyChunks
    /// More raw bytes than a xorb may have.
    case tooManyRawBytes
    /// More serialized bytes than a xorb may have, the footer included.
    case tooManyStoredBytes
    /// The footer has another version, or another length than the chunks ask for.
    case malformedFooter
    /// The footer names another hash than the chunks have.
    case wrongHashInFooter(XetHash)
    /// The packed form of an index is damaged.
    case malformedIndex
}

/// What a xorb may have at most.
package struct XorbLimits: Equatable, Sendable {
    /// Chunks: 1 or more.
    package var chunks: Int
    /// Raw bytes of all chunks.
    package var rawLength: Int
    /// Serialized bytes, headers and footer included.
    package var storedLength: Int

    /// - Parameters:
    ///   - chunks: at most.
    ///   - rawLength: at most so many raw bytes.
    ///   - storedLength: at most so many serialized bytes.
    package init(chunks: Int, rawLength: Int, storedLength: Int) {
        self.chunks = chunks
        self.rawLength = rawLength
        self.storedLength = storedLength
    }

    /// What clients make: 64 MiB of raw bytes, 8192 chunks, and a header for each.
    ///
    /// - Source: Xet protocol specification, "Xorb upload".
    package static let standard = XorbLimits(
        chunks: 8192,
        rawLength: 64 << 20,
        storedLength: 64 << 20 + 8192 * ChunkHeader.length
    )
}
