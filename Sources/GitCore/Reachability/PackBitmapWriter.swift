/// What a `.bitmap` file says of one commit.
package struct CommitBitmap: Sendable {
    /// The commit's position in the index.
    package var position: Int
    /// Everything that the commit leads to, by rank in the pack.
    package var reachable: Bitset

    package init(position: Int, reachable: Bitset) {
        self.position = position
        self.reachable = reachable
    }
}

/// Writes `.bitmap` files with lookup table and name-hash cache.
///
/// Takes the commits one by one, so that only compressed bitmaps are held.
///
/// - Source: gitformat-bitmap(5).
package struct PackBitmapWriter {
    private struct Row {
        var position: Int
        var ewah: [UInt8]
        /// How many rows before this one its base is; 0 for none.
        var distance: Int
    }

    private let types: [Bitset]
    private var rows: [Row] = []
    private var previous: Bitset?
    /// How many rows in a row are stored against each other: reading one decodes all of them.
    private var chain = 0

    private static let longestChain = 8

    /// - Parameter types: commits, trees, blobs and tags of the pack, in this order.
    package init(types: [Bitset]) {
        self.types = types
    }

    /// How many commits have a bitmap so far.
    package var count: Int { rows.count }

    /// Adds a commit: stored against the one before where that is smaller.
    package mutating func add(_ commit: CommitBitmap) {
        var row = Row(position: commit.position, ewah: EWAHBitmap.encode(commit.reachable), distance: 0)
        if var difference = previous, chain < Self.longestChain {
            difference.formSymmetricDifference(commit.reachable)
            let ewah = EWAHBitmap.encode(difference)
            if ewah.count < row.ewah.count {
                row.ewah = ewah
                row.distance = 1
            }
        }
        chain = row.distance == 0 ? 0 : chain + 1
        previous = commit.reachable
        rows.append(row)
    }

    /// Writes the file at `path`, synchronized.
    ///
    /// - Parameters:
    ///   - packChecksum: the pack's trailer.
    ///   - nameHashes: by position in the index, one for each object.
    package func write(path: String, packChecksum: ObjectID, nameHashes: [UInt32]) throws {
        var output = try ChecksummedFile(path: path)
        let flags = PackBitmap.Flag.fullDAG | PackBitmap.Flag.nameHashes | PackBitmap.Flag.lookupTable
        try output.append(word: PackBitmap.magic)
        try output.append(word: PackBitmap.version << 16 | flags)
        try output.append(word: UInt32(clamping: rows.count))
        try output.append(packChecksum)
        for type in types { try output.append(EWAHBitmap.encode(type)) }
        var offsets: [Int64] = []
        for row in rows {
            offsets.append(output.count)
            try output.append(word: UInt32(clamping: row.position))
            try output.append([UInt8(clamping: row.distance), 0])
            try output.append(row.ewah)
        }
        try appendTable(offsets, to: &output)
        for hash in nameHashes { try output.append(word: hash) }
        try output.finish()
    }

    private func appendTable(_ offsets: [Int64], to output: inout ChecksummedFile) throws {
        let order = rows.indices.sorted { rows[$0].position < rows[$1].position }
        var places = [Int](repeating: 0, count: rows.count)
        for (place, row) in order.enumerated() { places[row] = place }
        for row in order {
            try output.append(word: UInt32(clamping: rows[row].position))
            var offset: [UInt8] = []
            offset.append(bigEndian: UInt64(clamping: offsets[row]))
            try output.append(offset)
            let hasBase = rows[row].distance > 0
            try output.append(word: hasBase ? UInt32(clamping: places[row - 1]) : PackBitmap.noBase)
        }
    }
}

/// The hash by which git finds objects of like paths: of the last characters, mostly.
///
/// - Source: gitformat-bitmap(5) "Name-hash cache"; the function is that of git's `pack-objects`.
package struct NameHash: Sendable {
    /// The hash of what was taken in.
    package private(set) var value: UInt32 = 0

    /// The hash of no name.
    package init() {}

    /// Takes in the next bytes of a path; white space does not count.
    package mutating func append(_ bytes: some Sequence<UInt8>) {
        for byte in bytes where byte != 0x20 && !(0x09...0x0d).contains(byte) {
            value = (value >> 2) &+ (UInt32(byte) << 24)
        }
    }

    /// The hash of a name in the directory that this is the hash of.
    package func entry(_ name: some Sequence<UInt8>) -> NameHash {
        var hash = self
        if value != 0 { hash.append(CollectionOfOne(UInt8(ascii: "/"))) }
        hash.append(name)
        return hash
    }
}
