/// A mapped `.bitmap` file: for some commits of a pack, everything that they lead to, by rank in the pack.
///
/// Read with and without git's lookup table and name-hash cache. Immutable, shared by all threads.
///
/// - Source: gitformat-bitmap(5).
package final class PackBitmap: Sendable {
    /// One commit that has a bitmap.
    private struct Row: Sendable {
        /// The commit's position in the index.
        var position: UInt32
        /// Where its EWAH bitmap starts.
        var offset: Int
        /// The row whose bitmap this one is stored against; nil when it is stored alone.
        var base: Int?
    }

    /// Objects of the pack, which bounds every bitmap.
    package let objectCount: Int
    private let file: MappedFile
    private let typeOffsets: [Int]
    /// In the order of the file, or of the lookup table; a base need not come first.
    private let rows: [Row]
    /// Indexes of `rows` by the commits' positions.
    private let byPosition: [Int32]
    private let nameHashesAt: Int?

    static let magic: UInt32 = 0x4249_544d
    static let version: UInt32 = 1
    static let headerBytes = 32
    static let rowBytes = 16
    static let noBase = UInt32.max

    enum Flag {
        static let fullDAG: UInt32 = 0x1
        static let nameHashes: UInt32 = 0x4
        static let lookupTable: UInt32 = 0x10
    }

    /// Maps and validates; each bitmap is checked when it is read.
    ///
    /// - Throws: `FileError`, `ReachabilityError`.
    package init(path: String, index: PackIndex) throws {
        file = try MappedFile(path: path)
        objectCount = index.count
        guard try file.word(at: 0) == Self.magic else { throw ReachabilityError.malformed("not a bitmap file") }
        let words = try file.word(at: 4)
        guard words >> 16 == Self.version else { throw ReachabilityError.unsupported("bitmap version \(words >> 16)") }
        let flags = words & 0xffff
        guard flags & Flag.fullDAG != 0 else { throw ReachabilityError.unsupported("bitmap of half a history") }
        guard flags & ~(Flag.fullDAG | Flag.nameHashes | Flag.lookupTable) == 0 else {
            throw ReachabilityError.unsupported("bitmap flags \(flags)")
        }
        guard ObjectID(in: file.bytes, at: 12) == index.packChecksum else {
            throw ReachabilityError.malformed("bitmap and pack differ")
        }
        let rowCount = Int(try file.word(at: 8))
        guard rowCount <= index.count else { throw ReachabilityError.malformed("more bitmaps than objects") }
        // From the end: checksum, name hashes, lookup table.
        var end = file.bodyCount
        if flags & Flag.nameHashes != 0 {
            end -= 4 * index.count
            nameHashesAt = end
        } else {
            nameHashesAt = nil
        }
        if flags & Flag.lookupTable != 0 { end -= Self.rowBytes * rowCount }
        guard end >= Self.headerBytes else { throw ReachabilityError.malformed("file is cut off") }
        var offset = Self.headerBytes
        var types: [Int] = []
        for _ in 0..<4 {
            types.append(offset)
            offset += try EWAHBitmap(in: file.bytes, at: offset).byteCount
        }
        typeOffsets = types
        rows =
            flags & Flag.lookupTable != 0
            ? try Self.readTable(file, at: end, count: rowCount)
            : try Self.scan(file, from: offset, to: end, count: rowCount)
        guard rows.allSatisfy({ Int($0.position) < index.count && $0.offset < end }) else {
            throw ReachabilityError.malformed("bitmap of an object that the pack has not")
        }
        let rows = rows
        byPosition = (0..<Int32(clamping: rows.count)).sorted { rows[Int($0)].position < rows[Int($1)].position }
    }

    private static func scan(
        _ file: MappedFile,
        from start: Int,
        to end: Int,
        count: Int
    ) throws(ReachabilityError) -> [Row] {
        var rows: [Row] = []
        var offset = start
        for number in 0..<count {
            let position = try file.word(at: offset)
            let distance = Int(try file.word(at: offset + 2) >> 8 & 0xff)
            guard distance <= number else { throw .malformed("bitmap is stored against one that does not exist") }
            rows.append(Row(position: position, offset: offset + 6, base: distance == 0 ? nil : number - distance))
            offset += 6 + (try EWAHBitmap(in: file.bytes, at: offset + 6).byteCount)
            guard offset <= end else { throw .malformed("file is cut off") }
        }
        return rows
    }

    private static func readTable(_ file: MappedFile, at start: Int, count: Int) throws(ReachabilityError) -> [Row] {
        var rows: [Row] = []
        for number in 0..<count {
            let at = start + rowBytes * number
            let base = try file.word(at: at + 12)
            guard base == noBase || Int(base) < count, let offset = Int(exactly: try file.wideWord(at: at + 4)),
                offset < start
            else { throw .malformed("lookup table of bitmaps") }
            rows.append(
                Row(position: try file.word(at: at), offset: offset + 6, base: base == noBase ? nil : Int(base))
            )
        }
        return rows
    }

    /// How many commits have a bitmap.
    package var commitCount: Int { rows.count }

    /// The positions in the index of the commits that have a bitmap, ascending.
    package var commitPositions: [Int] { byPosition.map { Int(rows[Int($0)].position) } }

    private func row(ofPosition position: Int) -> Int? {
        var low = 0
        var high = byPosition.count
        while low < high {
            let middle = (low + high) / 2
            let row = Int(byPosition[middle])
            if Int(rows[row].position) == position { return row }
            if Int(rows[row].position) < position { low = middle + 1 } else { high = middle }
        }
        return nil
    }

    /// Whether the commit at a position of the index has a bitmap.
    package func hasBitmap(ofPosition position: Int) -> Bool { row(ofPosition: position) != nil }

    /// Everything that the commit at a position of the index leads to, itself included; nil when it has no bitmap.
    package func reachable(fromPosition position: Int) throws(ReachabilityError) -> Bitset? {
        guard var row = row(ofPosition: position) else { return nil }
        var set = Bitset(bound: objectCount)
        for _ in 0..<rows.count {
            try EWAHBitmap(in: file.bytes, at: rows[row].offset).toggle(in: &set)
            guard let base = rows[row].base else { return set }
            row = base
        }
        throw .malformed("bitmaps are stored against each other in a circle")
    }

    /// The objects of one type.
    package func objects(ofType type: ObjectType) throws(ReachabilityError) -> Bitset {
        let index =
            switch type {
            case .commit: 0
            case .tree: 1
            case .blob: 2
            case .tag: 3
            }
        var set = Bitset(bound: objectCount)
        try EWAHBitmap(in: file.bytes, at: typeOffsets[index]).toggle(in: &set)
        return set
    }

    /// The hash of the path of the object at a position of the index; nil when the file has none.
    package func nameHash(atPosition position: Int) -> UInt32? {
        guard let nameHashesAt, position >= 0, position < objectCount else { return nil }
        return try? file.word(at: nameHashesAt + 4 * position)
    }
}
