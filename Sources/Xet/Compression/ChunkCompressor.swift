/// Chooses how a chunk is stored, and compresses it.
///
/// Belongs to one thread at a time.
package final class ChunkCompressor {
    /// A part from the middle of the chunk decides; compressing everything in every way would cost three times as much.
    private static let sampleLength = 8192

    private let output = ScratchBuffer(count: LZ4FrameEncoder.bound(of: ChunkHeader.maximumRawLength))
    private let grouped = ScratchBuffer(count: ChunkHeader.maximumRawLength)

    /// A compressor with memory for the longest chunk.
    package init() {}

    /// Compresses a chunk if that saves at least a thirty-second part of it.
    ///
    /// - Parameter raw: at most `ChunkHeader.maximumRawLength` bytes; longer ones are not compressed.
    /// - Returns: the scheme and the stored bytes, valid until the next call and as long as `raw` is.
    package func compress(_ raw: UnsafeRawBufferPointer) -> (scheme: CompressionScheme, bytes: UnsafeRawBufferPointer) {
        guard raw.count <= ChunkHeader.maximumRawLength else { return (.stored, raw) }
        let scheme = choose(raw)
        guard let bytes = encode(raw, scheme), isWorthwhile(bytes.count, raw.count) else { return (.stored, raw) }
        return (scheme, bytes)
    }

    private func choose(_ raw: UnsafeRawBufferPointer) -> CompressionScheme {
        var sample = raw
        if raw.count > 2 * ChunkCompressor.sampleLength {
            // Groups of four keep their places.
            let start = (raw.count - ChunkCompressor.sampleLength) / 2 & ~3
            sample = UnsafeRawBufferPointer(rebasing: raw[start..<(start + ChunkCompressor.sampleLength)])
        }
        let plain = encode(sample, .lz4)?.count ?? raw.count
        let grouped = encode(sample, .groupedLZ4)?.count ?? raw.count
        guard isWorthwhile(min(plain, grouped), sample.count) else { return .stored }
        return isWorthwhile(grouped, plain) ? .groupedLZ4 : .lz4
    }

    /// A little saved is not worth decoding at every download.
    private func isWorthwhile(_ length: Int, _ other: Int) -> Bool { length < other - other / 32 }

    private func encode(_ raw: UnsafeRawBufferPointer, _ scheme: CompressionScheme) -> UnsafeRawBufferPointer? {
        switch scheme {
        case .stored: return nil
        case .lz4: return frame(raw)
        case .groupedLZ4:
            let target = grouped.prefix(raw.count)
            ByteGrouping.group(raw, into: target)
            return frame(UnsafeRawBufferPointer(target))
        }
    }

    private func frame(_ bytes: UnsafeRawBufferPointer) -> UnsafeRawBufferPointer? {
        LZ4FrameEncoder.encode(bytes, into: output.bytes).map { UnsafeRawBufferPointer(output.prefix($0)) }
    }
}
