/// Why a shard was refused.
package enum ShardError: Error, Equatable, Sendable {
    /// More bytes, files, terms, xorbs or chunks than the limits allow.
    case tooLarge(What)
    /// The bytes end before the second bookend.
    case truncated
    /// The first 32 bytes are not those of a shard.
    case notAShard
    /// The header has another version than 2.
    case unknownVersion(UInt64)
    /// The header announces a footer of another length than 0 or 200.
    case footerLength(UInt64)
    /// A file, counted from zero, has flags that would change what follows.
    case unknownFlags(file: Int, UInt32)
    /// A term has no chunk, or no raw byte.
    case emptyTerm(file: Int, term: Int)
    /// A xorb, counted from zero, has no chunk.
    case emptyXorb(Int)
    /// The raw offsets and lengths of a xorb's chunks do not follow from each other, or no chunk may be so long.
    case inconsistentXorb(Int)

    /// What there is too much of.
    package enum What: Equatable, Sendable {
        case bytes, files, terms, xorbs, chunks
    }
}

/// What a shard may have at most.
package struct ShardLimits: Equatable, Sendable {
    /// Bytes of the shard, tables and footer included.
    package var bytes = 64 << 20
    /// Files.
    package var files = 250_000
    /// Terms of all files.
    package var terms = 1_000_000
    /// Xorbs.
    package var xorbs = 50_000
    /// Chunks of all xorbs; one xorb has 8192 at most.
    package var chunks = 1_400_000

    /// What clients send, with room.
    ///
    /// - Source: Xet protocol specification, "Shard upload".
    package init() {}
}
