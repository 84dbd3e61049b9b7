/// What a client registers: files made of terms, and the xorbs it has sent for them.
///
/// The values are claims. They are consistent in themselves; whether they are true, the stored xorbs tell.
package struct UploadShard: Equatable, Sendable {
    /// The files; any number, also none.
    package var files: [ShardFile]
    /// The xorbs; none when all chunks were known before.
    package var xorbs: [ShardXorb]

    /// A shard with these files and xorbs.
    package init(files: [ShardFile], xorbs: [ShardXorb]) {
        self.files = files
        self.xorbs = xorbs
    }
}

/// A file in a shard.
package struct ShardFile: Equatable, Sendable {
    /// The claimed hash of the file.
    package var hash: XetHash
    /// What the file consists of, in order.
    package var terms: [ShardTerm]
    /// The claimed SHA-256 of the content, 32 bytes; nil for files that git does not point to.
    package var sha256: [UInt8]?

    /// A file that consists of these terms.
    package init(hash: XetHash, terms: [ShardTerm], sha256: [UInt8]?) {
        self.hash = hash
        self.terms = terms
        self.sha256 = sha256
    }

    /// Raw bytes that the terms claim.
    package var length: UInt64 { terms.reduce(0) { $0 &+ UInt64($1.rawLength) } }
}

/// Chunks of a xorb that follow each other in a file.
package struct ShardTerm: Equatable, Sendable {
    /// The xorb.
    package var xorb: XetHash
    /// Flags; none has a meaning.
    package var flags: UInt32
    /// Raw bytes of the chunks; at least one.
    package var rawLength: UInt32
    /// The chunks: at least one.
    package var chunks: Range<Int>
    /// The claimed verification hash; nil if the file has none.
    package var verification: XetHash?

    /// A term with these chunks of a xorb.
    package init(xorb: XetHash, chunks: Range<Int>, rawLength: UInt32, verification: XetHash?, flags: UInt32 = 0) {
        self.xorb = xorb
        self.flags = flags
        self.rawLength = rawLength
        self.chunks = chunks
        self.verification = verification
    }

    /// What is wrong with a term.
    package enum Fault: Equatable, Sendable {
        /// The xorb has not all of the chunks.
        case missingChunks
        /// The chunks have another number of raw bytes.
        case wrongLength
        /// The verification hash is missing or another: the client may not have had the chunks.
        case unproven
    }

    /// Compares the term with what is known of its xorb; nil if all is well.
    package func fault(in index: XorbIndex) -> Fault? {
        guard let length = index.rawLength(of: chunks) else { return .missingChunks }
        guard length == Int(rawLength) else { return .wrongLength }
        guard let verification, verification == index.verificationHash(of: chunks) else { return .unproven }
        return nil
    }
}

/// A xorb in a shard.
package struct ShardXorb: Equatable, Sendable {
    /// A chunk of it.
    package struct Chunk: Equatable, Sendable {
        /// The chunk hash; in dedup replies keyed.
        package var hash: XetHash
        /// Raw bytes: 1 through 131 072.
        package var rawLength: UInt32
        /// Flags; bit 31 marks a chunk that clients may ask for.
        package var flags: UInt32

        /// Whether the client marks the chunk as one to ask for.
        package var isDedupCandidate: Bool { flags & ShardRecord.isDedupCandidate != 0 }

        /// A chunk of this length.
        package init(hash: XetHash, rawLength: UInt32, flags: UInt32 = 0) {
            self.hash = hash
            self.rawLength = rawLength
            self.flags = flags
        }
    }

    /// The hash of the xorb.
    package var hash: XetHash
    /// Flags; none has a meaning.
    package var flags: UInt32
    /// Serialized bytes; clients say 0.
    package var storedLength: UInt32
    /// The chunks: 1 through 8192.
    package var chunks: [Chunk]

    /// A xorb with these chunks.
    package init(hash: XetHash, chunks: [Chunk], storedLength: UInt32 = 0, flags: UInt32 = 0) {
        self.hash = hash
        self.flags = flags
        self.storedLength = storedLength
        self.chunks = chunks
    }

    /// Raw bytes of all chunks; the chunks are few and short enough for 32 bits.
    package var rawLength: UInt32 { chunks.reduce(0) { $0 &+ $1.rawLength } }

    /// Whether the chunks are those of the stored xorb.
    package func agrees(with index: XorbIndex) -> Bool {
        guard chunks.count == index.count else { return false }
        var end: UInt32 = 0
        for (chunk, entry) in zip(chunks, index.entries) {
            end = end &+ chunk.rawLength
            guard chunk.hash == entry.hash, end == entry.rawEnd else { return false }
        }
        return true
    }
}
