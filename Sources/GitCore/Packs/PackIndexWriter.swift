/// One row of an index to be written.
package struct IndexedEntry: Sendable {
    package var oid: ObjectID
    package var crc32: UInt32
    /// Offset of the entry in the pack.
    package var offset: Int64

    package init(oid: ObjectID, crc32: UInt32, offset: Int64) {
        self.oid = oid
        self.crc32 = crc32
        self.offset = offset
    }
}

/// Writes the `.idx` (version 2) and `.rev` files of a pack.
///
/// - Source: gitformat-pack(5).
package enum PackIndexWriter {
    /// Writes `<base>.rev` and `<base>.idx`, both synchronized.
    ///
    /// - Parameters:
    ///   - entries: sorted by id, without duplicates.
    ///   - packChecksum: the pack's trailer.
    package static func write(_ entries: [IndexedEntry], packChecksum: ObjectID, base: String) throws {
        try writeOrder(entries, packChecksum: packChecksum, path: base + ".rev")
        try writeIndex(entries, packChecksum: packChecksum, path: base + ".idx")
    }

    private static func writeIndex(_ entries: [IndexedEntry], packChecksum: ObjectID, path: String) throws {
        var output = try ChecksummedFile(path: path)
        try output.append(word: 0xff74_4f63)
        try output.append(word: 2)
        var counts = [UInt32](repeating: 0, count: 256)
        for entry in entries { counts[Int(entry.oid.firstByte)] += 1 }
        var sum: UInt32 = 0
        for count in counts {
            sum += count
            try output.append(word: sum)
        }
        for entry in entries { try output.append(entry.oid) }
        for entry in entries { try output.append(word: entry.crc32) }
        var large: [Int64] = []
        for entry in entries {
            if entry.offset < 0x8000_0000 {
                try output.append(word: UInt32(truncatingIfNeeded: entry.offset))
            } else {
                try output.append(word: 0x8000_0000 | UInt32(truncatingIfNeeded: large.count))
                large.append(entry.offset)
            }
        }
        for offset in large {
            try output.append(word: UInt32(truncatingIfNeeded: offset >> 32))
            try output.append(word: UInt32(truncatingIfNeeded: offset))
        }
        try output.append(packChecksum)
        try output.finish()
    }

    private static func writeOrder(_ entries: [IndexedEntry], packChecksum: ObjectID, path: String) throws {
        var output = try ChecksummedFile(path: path)
        try output.append(word: 0x5249_4458)
        try output.append(word: 1)
        try output.append(word: 1)
        var order = entries.indices.map { (offset: entries[$0].offset, position: UInt32(truncatingIfNeeded: $0)) }
        order.sort { $0.offset < $1.offset }
        for row in order { try output.append(word: row.position) }
        try output.append(packChecksum)
        try output.finish()
    }
}
