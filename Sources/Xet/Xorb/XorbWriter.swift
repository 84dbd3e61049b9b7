/// Serializes the chunks of one xorb after another.
///
/// Belongs to one thread at a time.
package final class XorbWriter {
    private let limits: XorbLimits
    private let compressor = ChunkCompressor()

    /// The chunks since the last `startOver`.
    package private(set) var index = XorbIndex()

    /// A writer without chunks.
    package init(limits: XorbLimits = .standard) {
        self.limits = limits
    }

    /// Whether a chunk of this length would pass what a xorb may have.
    package func isFull(forRaw length: Int) -> Bool {
        index.count >= limits.chunks || length > limits.rawLength - index.rawLength
    }

    /// Appends a chunk, compressed if that is worth it, to `output`.
    ///
    /// - Parameters:
    ///   - raw: 1 through 131 072 bytes.
    ///   - hash: the chunk hash of `raw`, which the caller has because it looked for the chunk elsewhere.
    /// - Throws: `chunk(_, .rawLength)`, `tooManyChunks`, `tooManyRawBytes`; nothing is appended then.
    package func append(
        _ raw: UnsafeRawBufferPointer,
        hash: XetHash,
        to output: inout [UInt8]
    ) throws(XorbError) {
        guard index.count < limits.chunks else { throw .tooManyChunks }
        guard raw.count <= limits.rawLength - index.rawLength else { throw .tooManyRawBytes }
        let (scheme, stored) = compressor.compress(raw)
        let header: ChunkHeader
        do throws(ChunkError) {
            header = try ChunkHeader(scheme: scheme, storedLength: stored.count, rawLength: raw.count)
        } catch {
            throw .chunk(index.count, error)
        }
        let length = ChunkHeader.length + stored.count
        try index.append(hash, rawLength: raw.count, serializedLength: length)
        output.append(contentsOf: header.bytes)
        output.append(contentsOf: stored)
    }

    /// Begins the next xorb.
    package func startOver() {
        index = XorbIndex()
    }
}
