/// Which objects go into a pack, as ranks in the packs where they are stored: one bit for each stored object.
///
/// An object that lies in several packs is taken from one of them. That the first pack that holds an object comes first
/// in the output, too, keeps deltas behind their bases.
package struct PackPlan: Sendable {
    package let packs: PackSet
    /// By the packs' numbers; bound 0 where nothing is taken.
    package private(set) var sets: [Bitset]

    /// Nothing yet.
    package init(_ packs: PackSet) {
        self.packs = packs
        sets = packs.packs.map { _ in Bitset(bound: 0) }
    }

    /// Everything that is stored, each object once.
    package init(all packs: PackSet) throws {
        self.init(packs)
        for (number, pack) in packs.packs.enumerated() {
            sets[number] = Bitset(fullBelow: pack.index.count)
            let earlier = packs.packs.prefix(number)
            guard !earlier.isEmpty else { continue }
            for position in 0..<pack.index.count {
                if position.isMultiple(of: 4_096) { try Task.checkCancellation() }
                let oid = pack.index.oid(at: position)
                guard earlier.contains(where: { $0.index.position(of: oid) != nil }) else { continue }
                if let rank = pack.order.rank(ofOffset: pack.index.offset(at: position)) { sets[number].remove(rank) }
            }
        }
    }

    /// The objects of a list, each from the first pack that holds it.
    ///
    /// - Throws: `PackError.missing` when one is not there.
    package init(_ oids: [ObjectID], in packs: PackSet) throws {
        self.init(packs)
        var ranks = packs.packs.map { _ in [UInt32]() }
        for oid in oids {
            let found = packs.packs.indices.lazy.compactMap { number in
                packs.packs[number].index.position(of: oid).map { (number, $0) }
            }.first
            guard let (number, position) = found else { throw PackError.missing(oid) }
            // Turning positions into ranks is a search; for many it is cheaper to turn them all.
            let pack = packs.packs[number]
            if ranks[number].isEmpty, oids.count > pack.index.count / 16 { ranks[number] = pack.order.ranks() }
            let rank = ranks[number].isEmpty ? pack.order.rank(ofOffset: pack.index.offset(at: position)) : nil
            insert(number, try rank ?? Self.rank(position, ranks[number]))
        }
    }

    private static func rank(_ position: Int, _ ranks: [UInt32]) throws(PackError) -> Int {
        guard position < ranks.count else { throw .malformed("no entry of the object at \(position)") }
        return Int(ranks[position])
    }

    /// Takes the objects of one pack.
    package mutating func take(_ set: Bitset, of pack: Int) {
        sets[pack] = set
    }

    /// Takes one object.
    package mutating func insert(_ pack: Int, _ rank: Int) {
        if sets[pack].bound == 0 { sets[pack] = Bitset(bound: packs.packs[pack].index.count) }
        sets[pack].insert(rank)
    }

    /// Takes an object from the first pack that holds it, unless it is taken already.
    ///
    /// - Throws: `PackError.missing` when it is not there.
    package mutating func insert(_ oid: ObjectID) throws {
        guard !contains(oid) else { return }
        let added = try PackPlan([oid], in: packs)
        for (number, set) in added.sets.enumerated() where set.bound > 0 {
            if sets[number].bound == 0 { sets[number] = set } else { sets[number].formUnion(set) }
        }
    }

    /// Leaves out what is in a set of one pack.
    package mutating func subtract(_ set: Bitset, of pack: Int) {
        sets[pack].subtract(set)
    }

    /// How many objects there are.
    package var count: Int { sets.reduce(0) { $0 + $1.count } }

    /// The objects, by their ids.
    package var oids: Set<ObjectID> {
        var oids = Set<ObjectID>(minimumCapacity: count)
        for (number, pack) in packs.packs.enumerated() where sets[number].bound > 0 {
            sets[number].forEach { oids.insert(pack.index.oid(at: pack.order.position(atRank: $0))) }
        }
        return oids
    }

    /// Whether all of a pack is taken.
    func isWhole(_ pack: Int) -> Bool {
        let count = packs.packs[pack].index.count
        return sets[pack].bound == count && sets[pack].firstGap(from: 0) == nil && count > 0
    }

    /// Whether an object is taken, from whichever pack.
    package func contains(_ oid: ObjectID) -> Bool {
        packs.packs.indices.contains { number in
            guard sets[number].bound > 0 else { return false }
            let pack = packs.packs[number]
            guard let position = pack.index.position(of: oid),
                let rank = pack.order.rank(ofOffset: pack.index.offset(at: position))
            else { return false }
            return sets[number].contains(rank)
        }
    }
}

/// What a `PackStream` is made of.
package struct PackContents {
    /// The objects.
    package var plan: PackPlan
    /// Reads those of them that must be rebuilt.
    package var reader: ObjectReader
    /// Whether the client has an object and may be sent deltas on it.
    package var isHad: (ObjectID) -> Bool

    package init(plan: PackPlan, reader: ObjectReader, isHad: @escaping (ObjectID) -> Bool = { _ in false }) {
        self.plan = plan
        self.reader = reader
        self.isHad = isHad
    }
}
