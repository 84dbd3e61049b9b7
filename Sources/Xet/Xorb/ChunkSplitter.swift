/// Splits serialized chunks that come in pieces.
///
/// A chunk that lies in one piece is handed on from there; only what lies in several is put together, in memory for one
/// chunk. Belongs to one thread at a time.
final class ChunkSplitter {
    /// A footer starts with `XETBLOB`, and a header with a version that is not `X`.
    private static let footerStart = UInt8(ascii: "X")

    private let pending = ScratchBuffer(count: ChunkHeader.length + ChunkHeader.maximumStoredLength)
    private var pendingCount = 0

    /// Whether a footer starts where the last chunk ends; nothing of it is taken in.
    private(set) var isAtFooter = false

    /// Whether all bytes taken in belong to whole chunks.
    var isBetweenChunks: Bool { pendingCount == 0 }

    /// Takes in the next bytes and hands on each chunk that they complete.
    ///
    /// - Returns: how many bytes were taken in: all, unless there is a footer.
    /// - Throws: what a header says wrong, and what `body` throws. The splitter is of no use then.
    func take<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        refusing failure: (ChunkError) -> Failure,
        each body: (ChunkHeader, UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        var position = 0
        while position < bytes.count, !isAtFooter {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[position...])
            if pendingCount > 0 {
                position += try complete(with: rest, refusing: failure, each: body)
            } else if rest[0] == ChunkSplitter.footerStart {
                isAtFooter = true
            } else {
                position += try split(rest, refusing: failure, each: body)
            }
        }
        return position
    }

    /// Takes one chunk, or what there is of it, from the start of `bytes`; there is at least one byte.
    private func split<Failure: Error>(
        _ bytes: UnsafeRawBufferPointer,
        refusing failure: (ChunkError) -> Failure,
        each body: (ChunkHeader, UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        if bytes.count >= ChunkHeader.length {
            let header = try header(of: bytes, refusing: failure)
            let end = ChunkHeader.length + header.storedLength
            if end <= bytes.count {
                try body(header, UnsafeRawBufferPointer(rebasing: bytes[ChunkHeader.length..<end]))
                return end
            }
        }
        return keep(bytes, upTo: pending.bytes.count)
    }

    /// Adds to the chunk that has begun.
    private func complete<Failure: Error>(
        with bytes: UnsafeRawBufferPointer,
        refusing failure: (ChunkError) -> Failure,
        each body: (ChunkHeader, UnsafeRawBufferPointer) throws(Failure) -> Void
    ) throws(Failure) -> Int {
        if pendingCount < ChunkHeader.length {
            let taken = keep(bytes, upTo: ChunkHeader.length)
            if pendingCount == ChunkHeader.length {
                _ = try self.header(of: UnsafeRawBufferPointer(pending.bytes), refusing: failure)
            }
            return taken
        }
        let header = try header(of: UnsafeRawBufferPointer(pending.bytes), refusing: failure)
        let end = ChunkHeader.length + header.storedLength
        let taken = keep(bytes, upTo: end)
        if pendingCount == end {
            try body(header, UnsafeRawBufferPointer(rebasing: pending.bytes[ChunkHeader.length..<end]))
            pendingCount = 0
        }
        return taken
    }

    private func header<Failure: Error>(
        of bytes: UnsafeRawBufferPointer,
        refusing failure: (ChunkError) -> Failure
    ) throws(Failure) -> ChunkHeader {
        do throws(ChunkError) {
            return try ChunkHeader(reading: bytes)
        } catch {
            throw failure(error)
        }
    }

    /// Keeps bytes until `end` are kept.
    private func keep(_ bytes: UnsafeRawBufferPointer, upTo end: Int) -> Int {
        let taken = min(bytes.count, end - pendingCount)
        let target = UnsafeMutableRawBufferPointer(rebasing: pending.bytes[pendingCount..<(pendingCount + taken)])
        target.copyMemory(from: UnsafeRawBufferPointer(rebasing: bytes[..<taken]))
        pendingCount += taken
        return taken
    }
}
