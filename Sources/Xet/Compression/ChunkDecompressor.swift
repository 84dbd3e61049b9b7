/// Gives back the raw bytes of stored chunks.
///
/// Belongs to one thread at a time.
package final class ChunkDecompressor {
    private let decoder: LZ4FrameDecoder
    private let raw = ScratchBuffer(count: ChunkHeader.maximumRawLength)
    private let grouped = ScratchBuffer(count: ChunkHeader.maximumRawLength)

    /// A decompressor with memory for the longest chunk.
    ///
    /// - Throws: `frame(.outOfMemory)`.
    package init() throws(ChunkError) {
        do throws(LZ4FrameError) {
            decoder = try LZ4FrameDecoder()
        } catch {
            throw .frame(error)
        }
    }

    /// The raw bytes of a chunk.
    ///
    /// - Parameter stored: what follows the header, of the length that the header says.
    /// - Returns: as many bytes as the header says, valid until the next call and as long as `stored` is.
    package func decompress(
        _ header: ChunkHeader,
        _ stored: UnsafeRawBufferPointer
    ) throws(ChunkError) -> UnsafeRawBufferPointer {
        guard stored.count == header.storedLength else { throw .truncated }
        let target = raw.prefix(header.rawLength)
        switch header.scheme {
        case .stored:
            return stored
        case .lz4:
            try decode(stored, into: target)
        case .groupedLZ4:
            let between = grouped.prefix(header.rawLength)
            try decode(stored, into: between)
            ByteGrouping.ungroup(UnsafeRawBufferPointer(between), into: target)
        }
        return UnsafeRawBufferPointer(target)
    }

    private func decode(
        _ frame: UnsafeRawBufferPointer,
        into target: UnsafeMutableRawBufferPointer
    ) throws(ChunkError) {
        do throws(LZ4FrameError) {
            try decoder.decode(frame, into: target)
        } catch {
            throw .frame(error)
        }
    }
}
