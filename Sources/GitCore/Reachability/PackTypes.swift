/// The types of a pack's objects, by rank: found by reading entry headers, without inflating anything.
package struct PackTypes: Sendable {
    /// Commits, trees, blobs and tags, in this order.
    package private(set) var sets: [Bitset]

    /// Types that are known already, as a `.bitmap` file has them.
    package init(_ bitmap: PackBitmap) throws(ReachabilityError) {
        sets = []
        for type in ObjectType.allCases { sets.append(try bitmap.objects(ofType: type)) }
    }

    /// Reads the headers of all entries, front to back.
    ///
    /// - Throws: `PackError.malformed` when a delta has no base in the pack; cancellation.
    package init(scanning pack: Pack) throws {
        sets = ObjectType.allCases.map { _ in Bitset(bound: pack.index.count) }
        let file = try pack.file()
        var window = PackWindow()
        defer { window.deallocate() }
        // Deltas by id may lie before their bases; our own packs have none.
        var waiting: [(rank: Int, base: Int)] = []
        for rank in 0..<pack.index.count {
            if rank.isMultiple(of: 4_096) { try Task.checkCancellation() }
            let offset = pack.order.offset(ofRank: rank)
            let bytes = try window.bytes(of: file, at: offset, wanted: PackEntryHeader.maximumByteCount)
            guard let header = try PackEntryHeader.parse(bytes) else {
                throw PackError.malformed("entry header cut off")
            }
            if let type = header.type.objectType {
                insert(rank, type)
                continue
            }
            let base = try Self.baseRank(of: header, at: offset, in: pack)
            if let type = type(ofRank: base) { insert(rank, type) } else { waiting.append((rank, base)) }
        }
        try settle(waiting)
    }

    /// Walks each chain to where a type is known; every delta is settled once.
    private mutating func settle(_ waiting: [(rank: Int, base: Int)]) throws(PackError) {
        let bases = Dictionary(waiting.map { ($0.rank, $0.base) }, uniquingKeysWith: { first, _ in first })
        for start in waiting.map(\.rank) {
            var chain: [Int] = []
            var current = start
            while type(ofRank: current) == nil {
                guard let base = bases[current], chain.count <= bases.count else {
                    throw .malformed("deltas in a circle")
                }
                chain.append(current)
                current = base
            }
            guard let type = type(ofRank: current) else { continue }
            for rank in chain { insert(rank, type) }
        }
    }

    private static func baseRank(of header: PackEntryHeader, at offset: Int64, in pack: Pack) throws -> Int {
        let base: Int64?
        switch header.base {
        case .distance(let distance): base = offset - Int64(clamping: distance)
        case .id(let oid): base = pack.index.position(of: oid).map { pack.index.offset(at: $0) }
        case .none: base = nil
        }
        guard let base, let rank = pack.order.rank(ofOffset: base) else {
            throw PackError.malformed("base of the delta at \(offset)")
        }
        return rank
    }

    private mutating func insert(_ rank: Int, _ type: ObjectType) {
        sets[Self.place(of: type)].insert(rank)
    }

    private static func place(of type: ObjectType) -> Int {
        switch type {
        case .commit: 0
        case .tree: 1
        case .blob: 2
        case .tag: 3
        }
    }

    /// The objects of a type.
    package subscript(type: ObjectType) -> Bitset { sets[Self.place(of: type)] }

    /// The type of one object.
    package func type(ofRank rank: Int) -> ObjectType? {
        ObjectType.allCases.first { sets[Self.place(of: $0)].contains(rank) }
    }
}
