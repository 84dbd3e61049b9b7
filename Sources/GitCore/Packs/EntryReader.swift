/// Reads single entries of pack files: the header, and the inflated content whole or in pieces.
///
/// Owns its buffers, so that reading many entries allocates little. Belongs to one thread at a time.
package final class EntryReader {
    private let inflater: WholeInflater
    private var streaming: StreamInflater?
    private var scratch: UnsafeMutableRawBufferPointer

    /// One read of this size covers header and content of most commits, trees and deltas.
    private static let firstReadBytes = 4 << 10
    /// Streams read the file in pieces of this size.
    private static let pieceBytes = 128 << 10

    /// - Throws: `PackError.malformed` when memory is out.
    package init() throws(PackError) {
        inflater = try WholeInflater()
        scratch = .allocate(byteCount: Self.firstReadBytes, alignment: 16)
    }

    deinit {
        scratch.deallocate()
    }

    /// The header of the entry at `offset`.
    package func header(in file: OpenFile, at offset: Int64) throws -> PackEntryHeader {
        let start = UnsafeMutableRawBufferPointer(rebasing: scratch[..<PackEntryHeader.maximumByteCount])
        let count = try file.read(into: start, at: offset)
        return try parseHeader(UnsafeRawBufferPointer(rebasing: start[..<count]))
    }

    /// Header and inflated content of the entry at `offset`, when the content has at most `limit` bytes; else the
    /// header alone.
    ///
    /// - Parameter end: where the entry ends; asked for only when one read was not enough.
    package func entry(
        in file: OpenFile,
        at offset: Int64,
        limit: Int,
        end: () throws -> Int64
    ) throws -> (header: PackEntryHeader, content: [UInt8]?) {
        let count = try file.read(into: scratch, at: offset)
        let bytes = UnsafeRawBufferPointer(rebasing: scratch[..<count])
        let header = try parseHeader(bytes)
        guard header.size <= UInt64(max(0, limit)) else { return (header, nil) }
        let compressed = UnsafeRawBufferPointer(rebasing: bytes[min(header.byteCount, count)...])
        if header.size <= UInt64(Self.firstReadBytes), let content = inflate(compressed, size: Int(header.size)) {
            return (header, content)
        }
        return (header, try content(of: header, in: file, at: offset, end: try end()))
    }

    /// The inflated content of an entry whose extent is known.
    package func content(of header: PackEntryHeader, in file: OpenFile, at offset: Int64, end: Int64) throws -> [UInt8]
    {
        let length = end - offset - Int64(header.byteCount)
        guard length > 0, length < Int64(Int32.max) else { throw PackError.malformed("entry at \(offset)") }
        let buffer = grownScratch(Int(length))
        try file.readAll(into: buffer, at: offset + Int64(header.byteCount))
        guard let content = inflate(UnsafeRawBufferPointer(buffer), size: Int(header.size)) else {
            throw PackError.malformed("entry at \(offset) does not inflate to its size")
        }
        return content
    }

    /// Hands the inflated content of an entry on in pieces; memory does not depend on its size.
    package func stream(
        _ header: PackEntryHeader,
        in file: OpenFile,
        at offset: Int64,
        end: Int64,
        emit: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        let inflater = try streaming ?? StreamInflater()
        streaming = inflater
        inflater.reset()
        let buffer = grownScratch(Self.pieceBytes)
        var position = offset + Int64(header.byteCount)
        var total: UInt64 = 0
        while position < end {
            // Large objects take long; whoever asked may be gone.
            try Task.checkCancellation()
            let wanted = min(Int64(buffer.count), end - position)
            let piece = UnsafeMutableRawBufferPointer(rebasing: buffer[..<Int(wanted)])
            try file.readAll(into: piece, at: position)
            let (used, isComplete) = try inflater.inflate(UnsafeRawBufferPointer(piece)) { bytes in
                total += UInt64(bytes.count)
                guard total <= header.size else { throw PackError.malformed("entry at \(offset) is too long") }
                try emit(bytes)
            }
            position += Int64(used)
            if isComplete { break }
        }
        guard total == header.size else { throw PackError.malformed("entry at \(offset) is too short") }
    }

    /// The first bytes of an entry's content, at most `count`; for the sizes in front of a delta.
    package func prefix(
        of header: PackEntryHeader,
        in file: OpenFile,
        at offset: Int64,
        count: Int
    ) throws -> [UInt8] {
        let inflater = try streaming ?? StreamInflater()
        streaming = inflater
        inflater.reset()
        var prefix: [UInt8] = []
        var position = offset + Int64(header.byteCount)
        struct Enough: Error {}
        do {
            // Usually a few bytes suffice, but a stream may begin with any number of empty blocks.
            while true {
                let piece = UnsafeMutableRawBufferPointer(rebasing: scratch[..<Self.prefixReadBytes])
                let read = try file.read(into: piece, at: position)
                guard read > 0 else { return prefix }
                let bytes = UnsafeRawBufferPointer(rebasing: piece[..<read])
                let (used, isComplete) = try inflater.inflate(bytes) { bytes in
                    prefix.append(contentsOf: bytes.prefix(count - prefix.count))
                    if prefix.count >= count { throw Enough() }
                }
                if isComplete { return prefix }
                position += Int64(used)
            }
        } catch is Enough {
            return prefix
        }
    }

    private static let prefixReadBytes = 256

    private func parseHeader(_ bytes: UnsafeRawBufferPointer) throws -> PackEntryHeader {
        guard let header = try PackEntryHeader.parse(bytes) else { throw PackError.malformed("entry header cut off") }
        return header
    }

    private func inflate(_ compressed: UnsafeRawBufferPointer, size: Int) -> [UInt8]? {
        var isComplete = false
        let content = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            let room = UnsafeMutableRawBufferPointer(start: buffer.baseAddress, count: size)
            if case .complete = inflater.inflate(compressed, into: room) { isComplete = true }
            count = isComplete ? size : 0
        }
        return isComplete ? content : nil
    }

    /// A buffer of exactly `count` bytes; what was in the scratch buffer is lost.
    private func grownScratch(_ count: Int) -> UnsafeMutableRawBufferPointer {
        if scratch.count < count {
            scratch.deallocate()
            scratch = .allocate(byteCount: max(count, 64 << 10), alignment: 16)
        }
        return UnsafeMutableRawBufferPointer(rebasing: scratch[..<count])
    }
}
