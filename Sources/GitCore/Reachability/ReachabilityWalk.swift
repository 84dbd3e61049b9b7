/// Everything that some objects lead to, found with the bitmaps of one pack: a walk ends where a bitmap begins.
///
/// Memory: one bit for each object of that pack, and about 60 bytes for each object elsewhere. Done in steps.
/// Belongs to one thread at a time.
final class ReachabilityWalk {
    /// Objects of the pack, by rank.
    private(set) var set: Bitset
    /// Objects that the pack has not.
    private(set) var others: [ObjectID: ObjectType] = [:]
    private let number: Int
    private let pack: Pack
    private let bitmap: PackBitmap
    private let reader: ObjectReader
    private let table: CommitTable
    private var commits: [CommitTable.Number] = []
    private var trees: [ObjectID] = []

    /// - Parameter known: what was found before and all that it leads to; it is not looked at again.
    init(_ bitmapped: (number: Int, pack: Pack, bitmap: PackBitmap), _ reader: ObjectReader, known: ReachabilityWalk?) {
        (number, pack, bitmap) = bitmapped
        self.reader = reader
        table = known?.table ?? CommitTable(reader)
        set = known?.set ?? Bitset(bound: bitmapped.pack.index.count)
        others = known?.others ?? [:]
    }

    /// Queues an object; what a tag leads to is queued with it.
    ///
    /// - Throws: `PackError.missing` when it is not there.
    func add(_ oid: ObjectID) throws {
        guard let (target, type) = try table.peel(oid, visit: { _ = insert($0, .tag) }) else {
            throw PackError.missing(oid)
        }
        switch type {
        case .commit: commits.append(table.number(of: target))
        case .tree: trees.append(target)
        case .blob, .tag: _ = insert(target, type)
        }
    }

    /// Notes an object without what it leads to; false when it is known.
    @discardableResult
    func insert(_ oid: ObjectID, _ type: ObjectType) -> Bool {
        guard let rank = rank(of: oid) else { return others.updateValue(type, forKey: oid) == nil }
        return set.insert(rank)
    }

    /// Whether an object was found.
    func contains(_ oid: ObjectID) -> Bool {
        rank(of: oid).map { set.contains($0) } ?? (others[oid] != nil)
    }

    /// Looks at one commit or tree; false when there is nothing left to look at.
    func step() throws -> Bool {
        if let tree = trees.popLast() {
            if insert(tree, .tree) { try expand(tree) }
            return true
        }
        guard let commit = commits.popLast() else { return false }
        let oid = table.oid(of: commit)
        guard !contains(oid) else { return true }
        if let position = pack.index.position(of: oid), bitmap.hasBitmap(ofPosition: position),
            let reachable = try bitmap.reachable(fromPosition: position)
        {
            set.formUnion(reachable)
            return true
        }
        insert(oid, .commit)
        try table.load(commit)
        trees.append(table.nodes[commit].tree)
        commits.append(contentsOf: table.parents(of: commit))
        return true
    }

    /// The number of objects found.
    var count: Int { self.set.count + others.count }

    private func expand(_ oid: ObjectID) throws {
        let tree = try reader.object(oid, as: .tree)
        try tree.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                switch entry.kind {
                case .gitlink: break
                case .tree: if !contains(entry.oid) { trees.append(entry.oid) }
                case .blob: insert(entry.oid, .blob)
                }
            }
        }
    }

    private func rank(of oid: ObjectID) -> Int? {
        pack.index.position(of: oid).flatMap { pack.order.rank(ofOffset: pack.index.offset(at: $0)) }
    }
}
