/// Gives back the raw bytes of whole chunks that lie in a row in a stored xorb and come in pieces.
///
/// Belongs to one thread at a time. After an error it is of no use.
package final class ChunkRangeDecoder {
    private let splitter = ChunkSplitter()
    private let decompressor: ChunkDecompressor

    /// - Throws: `frame(.outOfMemory)`.
    package init() throws(ChunkError) {
        decompressor = try ChunkDecompressor()
    }

    /// Takes in the next stored bytes.
    ///
    /// - Parameter body: is given the raw bytes of each chunk that is complete; they are valid during the call.
    /// - Throws: what is wrong with a chunk, and `unknownVersion` for bytes behind the last one.
    package func take(
        _ bytes: UnsafeRawBufferPointer,
        each body: (UnsafeRawBufferPointer) throws(ChunkError) -> Void
    ) throws(ChunkError) {
        let used = try splitter.take(bytes, refusing: { $0 }) { (header, stored) throws(ChunkError) in
            try body(try decompressor.decompress(header, stored))
        }
        guard used == bytes.count else { throw .unknownVersion(bytes[used]) }
    }

    /// Says that all bytes have been taken in.
    ///
    /// - Throws: `truncated` if a chunk is not complete.
    package func finish() throws(ChunkError) {
        guard splitter.isBetweenChunks else { throw .truncated }
    }
}
