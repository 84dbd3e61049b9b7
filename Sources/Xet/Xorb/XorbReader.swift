/// What a xorb turned out to be.
package struct XorbSummary: Equatable, Sendable {
    /// The hash over its chunks: its name.
    package let hash: XetHash
    /// Its chunks.
    package let index: XorbIndex
    /// Bytes behind the chunks that are no part of the xorb and need not be kept.
    package let footerLength: Int

    /// Where the chunks end.
    package var storedLength: Int { index.storedLength }
}

/// Reads a serialized xorb that comes in pieces, and believes nothing that it says.
///
/// Every chunk is decoded and hashed as soon as it is there; memory is that of one chunk, and 40 bytes for each chunk
/// read. Belongs to one thread at a time. After an error it is of no use.
/// - Source: Xet protocol specification, "Xorb format".
package final class XorbReader {
    private let limits: XorbLimits
    private let splitter = ChunkSplitter()
    private let decompressor: ChunkDecompressor
    private var index = XorbIndex()
    private var tree = MerkleTree()
    private var footer: XorbFooter?
    /// Bytes taken in so far.
    private var taken = 0

    /// - Throws: `chunk` when there is no memory.
    package init(limits: XorbLimits = .standard) throws(XorbError) {
        self.limits = limits
        do throws(ChunkError) {
            decompressor = try ChunkDecompressor()
        } catch {
            throw .chunk(0, error)
        }
    }

    /// Takes in the next bytes; any number, also none.
    package func take(_ bytes: UnsafeRawBufferPointer) throws(XorbError) {
        guard bytes.count <= limits.storedLength - taken else { throw .tooManyStoredBytes }
        taken += bytes.count
        var used = 0
        if footer == nil {
            used = try splitter.take(bytes, refusing: { .chunk(index.count, $0) }) {
                (header, stored) throws(XorbError) in try add(header, stored)
            }
            if splitter.isAtFooter { footer = XorbFooter() }
        }
        footer?.take(UnsafeRawBufferPointer(rebasing: bytes[used...]))
    }

    private func add(_ header: ChunkHeader, _ stored: UnsafeRawBufferPointer) throws(XorbError) {
        guard index.count < limits.chunks else { throw .tooManyChunks }
        // Before anything is decoded: this bounds the work as well.
        guard header.rawLength <= limits.rawLength - index.rawLength else { throw .tooManyRawBytes }
        let hash: XetHash
        do throws(ChunkError) {
            hash = HashUse.chunk.hash(try decompressor.decompress(header, stored))
        } catch {
            throw .chunk(index.count, error)
        }
        let length = ChunkHeader.length + header.storedLength
        try index.append(hash, rawLength: header.rawLength, serializedLength: length)
        tree.add(hash, length: UInt32(header.rawLength))
    }

    /// Says that all bytes have been taken in.
    ///
    /// Whether the hash is the one that the xorb was sent under is for the caller to compare.
    package func finish() throws(XorbError) -> XorbSummary {
        guard splitter.isBetweenChunks else { throw .chunk(index.count, .truncated) }
        guard index.count > 0 else { throw .empty }
        let hash = tree.root
        try footer?.check(chunks: index.count, hash: hash)
        return XorbSummary(hash: hash, index: index, footerLength: footer?.length ?? 0)
    }
}
