import OpenSSLKit

/// Parses a pack while it arrives, and writes it to its quarantine file.
///
/// First of two passes: every entry is inflated and its declared size verified, whole objects are named, checked and
/// their links noted; deltas wait for `DeltaResolver`. Memory: one object up to the limit for its type, or one piece of
/// a larger blob, beside the list of entries.
///
/// - Source: gitformat-pack(5).
final class PackReceiver {
    private enum State {
        case header
        case entryHeader
        case content
        case trailer
        case complete
    }

    let pack: IncomingPack
    private var state = State.header
    private var announced = 0
    /// Bytes that have arrived.
    private(set) var received: Int64 = 0
    private let checksum: SHA1Stream
    /// Bytes of a header or trailer whose rest is still to come.
    private var pending: [UInt8] = []
    /// True once all bytes before the trailer went into `checksum`.
    private var isBodyHashed = false
    private let content: EntryContent

    init(_ pack: IncomingPack) throws {
        self.pack = pack
        checksum = try SHA1Stream()
        content = try EntryContent(pack)
    }

    /// True once the trailer was read and is right.
    var isComplete: Bool { if case .complete = state { true } else { false } }

    /// Objects that have arrived, and how many were announced.
    var progress: (received: Int, announced: Int) { (pack.entries.count, announced) }

    /// Takes the next bytes.
    ///
    /// - Parameter stopsAtTrailer: whether bytes behind the trailer belong to something else and are left alone.
    /// - Throws: `PackRefusal` and file errors; the receiver is useless afterwards.
    func receive(_ chunk: UnsafeRawBufferPointer, stopsAtTrailer: Bool = false) throws {
        guard Int64(chunk.count) <= pack.limits.packBytes - received else {
            throw PackRefusal.limit("pack is larger than \(pack.limits.packBytes) bytes")
        }
        var position = 0
        while position < chunk.count, !(stopsAtTrailer && isComplete) {
            if case .trailer = state, !isBodyHashed {
                try checksum.update(UnsafeRawBufferPointer(rebasing: chunk[..<position]))
                isBodyHashed = true
            }
            let used = try consume(UnsafeRawBufferPointer(rebasing: chunk[position...]))
            position += used
            received += Int64(used)
        }
        if !isBodyHashed { try checksum.update(chunk) }
        try pack.appender?.append(UnsafeRawBufferPointer(rebasing: chunk[..<position]))
    }

    /// Finds the end of a pack that was refused in the middle of a chunk: knows what came before that chunk.
    ///
    /// Only after `receive` has thrown. Nil when the trailer had begun.
    func endOfRefused() -> PackEnd? {
        isBodyHashed ? nil : PackEnd(continuing: checksum)
    }

    /// Says that no more bytes come.
    ///
    /// - Throws: `PackRefusal.malformed` when the pack is cut off.
    func finish() throws {
        guard isComplete else { throw PackRefusal.malformed("pack is truncated") }
        try pack.account(inflated: pack.declaredTargetBytes, sent: received)
        try pack.appender?.flush()
    }

    private func consume(_ rest: UnsafeRawBufferPointer) throws -> Int {
        switch state {
        case .header: try consumeHeader(rest)
        case .entryHeader: try consumeEntryHeader(rest)
        case .content: try consumeContent(rest)
        case .trailer: try consumeTrailer(rest)
        case .complete: throw PackRefusal.malformed("garbage after the end of the pack")
        }
    }

    /// Moves bytes into `pending` until it holds `count`; answers how many it took.
    private func collect(_ rest: UnsafeRawBufferPointer, upTo count: Int) -> Int {
        let taken = min(count - pending.count, rest.count)
        pending.append(contentsOf: rest[..<taken])
        return taken
    }

    private func consumeHeader(_ rest: UnsafeRawBufferPointer) throws -> Int {
        let taken = collect(rest, upTo: Pack.headerBytes)
        guard pending.count == Pack.headerBytes else { return taken }
        guard pending.starts(with: "PACK".utf8) else { throw PackRefusal.malformed("pack signature is missing") }
        let words = pending.withUnsafeBytes { bytes in
            [4, 8].map { UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: $0, as: UInt32.self)) }
        }
        guard words[0] == 2 || words[0] == 3 else { throw PackRefusal.malformed("pack version \(words[0]) is unknown") }
        announced = Int(words[1])
        guard announced <= pack.limits.objectsPerPack else {
            throw PackRefusal.limit("pack has more than \(pack.limits.objectsPerPack) objects")
        }
        pack.entries.reserveCapacity(min(announced, 100_000))
        pending.removeAll(keepingCapacity: true)
        enterNextEntry(at: Int64(Pack.headerBytes))
        return taken
    }

    private func enterNextEntry(at offset: Int64) {
        if pack.entries.count == announced {
            pack.trailerOffset = offset
            state = .trailer
        } else {
            state = .entryHeader
        }
    }

    private func consumeEntryHeader(_ rest: UnsafeRawBufferPointer) throws -> Int {
        let before = pending.count
        // Most headers lie whole in the chunk; one that crosses a boundary is collected first.
        if before == 0, let header = try parse(rest) {
            pending.append(contentsOf: rest[..<header.byteCount])
            try begin(header, at: received)
            return header.byteCount
        }
        let taken = collect(rest, upTo: PackEntryHeader.maximumByteCount)
        guard let header = try pending.withUnsafeBytes({ try parse($0) }) else { return taken }
        pending.removeSubrange(header.byteCount...)
        try begin(header, at: received - Int64(before))
        return header.byteCount - before
    }

    private func parse(_ bytes: UnsafeRawBufferPointer) throws -> PackEntryHeader? {
        do throws(PackEntryError) {
            return try PackEntryHeader.parse(bytes)
        } catch {
            throw PackRefusal.malformed(error.message)
        }
    }

    /// Starts the entry whose header is in `pending`.
    private func begin(_ header: PackEntryHeader, at offset: Int64) throws {
        guard header.size <= UInt64(clamping: pack.limits.objectBytes) else {
            throw PackRefusal.limit(
                "an object of \(header.size) bytes; more than \(pack.limits.objectBytes) belong into large file storage: "
                    + "'git lfs migrate import --above=\(pack.limits.objectBytes)b' moves them there, then push again"
            )
        }
        if let type = header.type.objectType, type != .blob, header.size > UInt64(pack.limits.structuredObjectBytes) {
            throw PackRefusal.limit("a \(type.name) of \(header.size) bytes is larger than this server accepts")
        }
        guard header.isMinimal else { throw PackRefusal.malformed("an entry header is padded") }
        if let base = try base(of: header, at: offset) {
            pack.deltas.append(IncomingDelta(entry: pack.entries.count, base: base))
        }
        pack.entries.append(
            IncomingEntry(
                offset: offset,
                size: Int64(header.size),
                oid: .zero,
                crc32: pending.withUnsafeBytes { GitCore.crc32($0) },
                type: header.type,
                headerBytes: UInt8(header.byteCount),
                objectType: header.type.objectType
            )
        )
        try content.begin(header)
        pending.removeAll(keepingCapacity: true)
        state = .content
    }

    private func base(of header: PackEntryHeader, at offset: Int64) throws -> IncomingDelta.Base? {
        switch header.base {
        case .none: return nil
        case .id(let oid): return .id(oid)
        case .distance(let distance):
            guard let distance = Int64(exactly: distance), let entry = pack.entry(at: offset - distance) else {
                throw PackRefusal.malformed("delta base offset is out of bounds")
            }
            return .entry(entry)
        }
    }

    private func consumeContent(_ rest: UnsafeRawBufferPointer) throws -> Int {
        let (used, isComplete) = try content.consume(rest, sent: received + Int64(rest.count))
        let last = pack.entries.count - 1
        pack.entries[last].crc32 = GitCore.crc32(
            UnsafeRawBufferPointer(rebasing: rest[..<used]),
            continuing: pack.entries[last].crc32
        )
        if isComplete {
            pack.entries[last].oid = try content.finish()
            enterNextEntry(at: received + Int64(used))
        }
        return used
    }

    private func consumeTrailer(_ rest: UnsafeRawBufferPointer) throws -> Int {
        let taken = collect(rest, upTo: ObjectID.byteCount)
        guard pending.count == ObjectID.byteCount else { return taken }
        guard try checksum.finalize() == pending else { throw PackRefusal.malformed("pack checksum is wrong") }
        state = .complete
        return taken
    }
}
