import NIOCore
import OpenSSLKit
import Testing
import Xet

/// A xorb as a client makes it.
struct CraftedXorb: Sendable {
    let chunks: [[UInt8]]
    let bytes: [UInt8]
    let index: XorbIndex

    /// Compresses the chunks where that is worth it.
    init(_ chunks: [[UInt8]]) throws {
        let writer = XorbWriter()
        var bytes: [UInt8] = []
        for chunk in chunks {
            try chunk.withUnsafeBytes { try writer.append($0, hash: HashUse.chunk.hash($0), to: &bytes) }
        }
        self.chunks = chunks
        self.bytes = bytes
        index = writer.index
    }

    /// The same chunks without compression: the same xorb in another form.
    init(storing chunks: [[UInt8]]) throws {
        var index = XorbIndex()
        var bytes: [UInt8] = []
        for chunk in chunks {
            let hash = chunk.withUnsafeBytes { HashUse.chunk.hash($0) }
            bytes += try ChunkHeader(scheme: .stored, storedLength: chunk.count, rawLength: chunk.count).bytes + chunk
            try index.append(hash, rawLength: chunk.count, serializedLength: ChunkHeader.length + chunk.count)
        }
        (self.chunks, self.bytes, self.index) = (chunks, bytes, index)
    }

    var hash: XetHash { index.hash }

    /// The content of some chunks.
    func content(_ chunks: Range<Int>) -> [UInt8] { self.chunks[chunks].flatMap(\.self) }

    /// The xorb as a shard lists it.
    var listed: ShardXorb {
        ShardXorb(
            hash: hash,
            chunks: zip(index.entries, chunks).map { ShardXorb.Chunk(hash: $0.hash, rawLength: UInt32($1.count)) }
        )
    }
}

/// A file made of chunks, with everything that a shard says about it.
struct CraftedFile: Sendable {
    let content: [UInt8]
    var shard: ShardFile

    /// A file of these stretches.
    init(_ terms: [(xorb: CraftedXorb, chunks: Range<Int>)]) throws {
        var tree = MerkleTree()
        content = terms.flatMap { $0.xorb.content($0.chunks) }
        let terms = try terms.map { (xorb, chunks) in
            _ = tree.add(chunks, of: xorb.index)
            return ShardTerm(
                xorb: xorb.hash,
                chunks: chunks,
                rawLength: UInt32(try #require(xorb.index.rawLength(of: chunks))),
                verification: xorb.index.verificationHash(of: chunks)
            )
        }
        shard = ShardFile(hash: tree.fileHash, terms: terms, sha256: try SHA256.digest(content))
    }

    var hash: XetHash { shard.hash }
    func blob() throws -> Blob { try Blob(content) }
}

extension UploadShard {
    /// A shard as it is after it has gone over the wire.
    init(_ files: [CraftedFile], _ xorbs: [CraftedXorb] = []) throws {
        try self.init(reading: UploadShard(files: files.map(\.shard), xorbs: xorbs.map(\.listed)).bytes)
    }
}

/// Content that does not repeat, by a seed.
func noise(_ count: Int, _ seed: UInt64) -> [UInt8] {
    var state = seed &* 0x9e37_79b9_7f4a_7c15 | 1
    return (0..<count).map { _ in
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return UInt8(truncatingIfNeeded: state >> 32)
    }
}

/// Chunks of these lengths.
func chunks(_ lengths: [Int], seed: UInt64) -> [[UInt8]] {
    lengths.enumerated().map { noise($1, seed &* 1_000 &+ UInt64($0)) }
}

/// A body in pieces of some bytes.
struct Body: AsyncSequence, Sendable {
    let bytes: [UInt8]
    var piece = 10_000

    init(_ bytes: [UInt8], piece: Int = 10_000) {
        self.bytes = bytes
        self.piece = piece
    }

    func makeAsyncIterator() -> AsyncThrowingStream<ByteBuffer, any Error>.Iterator {
        let (bytes, piece) = (bytes, piece)
        return AsyncThrowingStream<ByteBuffer, any Error> { continuation in
            for start in stride(from: 0, to: bytes.count, by: piece) {
                continuation.yield(ByteBuffer(bytes: bytes[start..<Swift.min(start + piece, bytes.count)]))
            }
            continuation.finish()
        }.makeAsyncIterator()
    }
}
