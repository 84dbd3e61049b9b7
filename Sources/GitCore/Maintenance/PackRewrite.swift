import NIOCore

/// Writes stored objects as a new pack, entry by entry as they lie, with index and reverse index.
///
/// Nothing is inflated or searched for deltas. Memory: about 40 bytes for each object. Belongs to one thread at a time.
struct PackRewrite {
    /// What was written.
    struct Result {
        var checksum: ObjectID
        var objects: Int
        var bytes: Int64
    }

    private let plan: PackPlan
    private let base: String
    private let pause: () async throws -> Void

    /// Bytes that are written between two pauses.
    private static let pieceBytes = 256 << 10

    /// - Parameters:
    ///   - base: path of the new files without their endings.
    ///   - pause: is called after each piece, so that others get their turn.
    init(_ plan: PackPlan, base: String, pause: @escaping () async throws -> Void) {
        self.plan = plan
        self.base = base
        self.pause = pause
    }

    /// Writes the files, synchronized.
    ///
    /// - Throws: `PackError.malformed` when a stored entry is not what its index says: damage is not passed on.
    func write(temporaryDirectory: String) async throws -> Result {
        let reader = try ObjectReader(plan.packs, cacheBytes: 4 << 20)
        let options = PackStream.Options(ofsDelta: true, thin: false, temporaryDirectory: temporaryDirectory)
        let stream = try PackStream(PackContents(plan: plan, reader: reader), options: options)
        let file = try OpenFile(creating: base + ".pack")
        let appender = FileAppender(file)
        var buffer = ByteBuffer()
        var isMore = true
        while isMore {
            buffer.clear()
            isMore = try stream.read(into: &buffer, limit: Self.pieceBytes)
            try buffer.withUnsafeReadableBytes { try appender.append($0) }
            try await pause()
        }
        try appender.flush()
        try file.synchronize()
        var trailer = [UInt8](repeating: 0, count: ObjectID.byteCount)
        let end = appender.count - Int64(ObjectID.byteCount)
        try trailer.withUnsafeMutableBytes { try file.readAll(into: $0, at: end) }
        let checksum = ObjectID(bytes: trailer) ?? .zero
        let entries = try await entries(of: stream, in: file, end: end)
        try PackIndexWriter.write(entries, packChecksum: checksum, base: base)
        return Result(checksum: checksum, objects: entries.count, bytes: appender.count)
    }

    /// The rows of the index, by id.
    private func entries(of stream: PackStream, in file: OpenFile, end: Int64) async throws -> [IndexedEntry] {
        var rows: [(offset: Int64, source: ObjectLocation, position: Int)] = []
        for (number, pack) in plan.packs.packs.enumerated() {
            try plan.sets[number].forEach { rank in
                let location = ObjectLocation(pack: number, offset: pack.order.offset(ofRank: rank))
                guard let offset = stream.output(of: location) else {
                    throw PackError.malformed("entry at \(location.offset) was not copied")
                }
                rows.append((offset, location, pack.order.position(atRank: rank)))
            }
        }
        rows.sort { $0.offset < $1.offset }
        var entries: [IndexedEntry] = []
        entries.reserveCapacity(rows.count)
        let written = ChecksumReader()
        let stored = ChecksumReader()
        for (number, row) in rows.enumerated() {
            if number.isMultiple(of: 4_096) { try await pause() }
            let pack = plan.packs.packs[row.source.pack]
            let rowEnd = number + 1 < rows.count ? rows[number + 1].offset : end
            let crc = try written.crc32(of: file, from: row.offset, to: rowEnd)
            // Another header makes another checksum: then the stored entry is compared with its index.
            if crc != pack.index.crc32(at: row.position) {
                let storedEnd = try pack.end(ofEntryAt: row.source.offset)
                let original = try stored.crc32(of: try pack.file(), from: row.source.offset, to: storedEnd)
                guard original == pack.index.crc32(at: row.position) else {
                    throw PackError.malformed("\(pack.name): entry at \(row.source.offset) is damaged")
                }
            }
            entries.append(IndexedEntry(oid: pack.index.oid(at: row.position), crc32: crc, offset: row.offset))
        }
        entries.sort { $0.oid < $1.oid }
        return entries
    }
}

extension Pack {
    /// Where the entry at an offset ends.
    fileprivate func end(ofEntryAt offset: Int64) throws(PackError) -> Int64 {
        guard let rank = order.rank(ofOffset: offset) else { throw .malformed("no entry at \(offset)") }
        return order.end(ofRank: rank)
    }
}

/// Reads ranges of a file for their checksums, mostly forwards.
private final class ChecksumReader {
    private var window = PackWindow()

    deinit {
        window.deallocate()
    }

    func crc32(of file: OpenFile, from start: Int64, to end: Int64) throws -> UInt32 {
        var crc: UInt32 = 0
        var position = start
        while position < end {
            let wanted = Int(min(Int64(PackWindow.capacity), end - position))
            let bytes = try window.bytes(of: file, at: position, wanted: wanted)
            guard !bytes.isEmpty else { throw PackError.malformed("pack file is cut off") }
            crc = GitCore.crc32(bytes, continuing: crc)
            position += Int64(bytes.count)
        }
        return crc
    }
}
