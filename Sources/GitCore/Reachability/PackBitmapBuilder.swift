/// Computes the bitmaps of a pack's commits and writes its `.bitmap` file.
///
/// The commits are the tips of refs and some between, closer together where history is young. Each bitmap starts from those
/// of the commits before it, so that every tree is read about once. Memory: about 40 bytes for each object of the pack
/// and the compressed bitmaps. Stops when its task is cancelled. Belongs to one thread at a time.
package final class PackBitmapBuilder {
    private let pack: Pack
    private let reader: ObjectReader
    private let table: CommitTable
    private let ranks: [UInt32]
    private var nameHashes: [UInt32]
    /// Compressed bitmaps of the commits that have one.
    private var known: [CommitTable.Number: [UInt8]] = [:]
    private var writer: PackBitmapWriter

    /// Most tips of refs that get a bitmap of their own.
    private static let tipLimit = 1_000
    /// After so many commits that lead out of the pack it is not worth trying more.
    private static let openLimit = 16

    /// - Parameter pack: read alone: an object that lies elsewhere is not there.
    package init(_ pack: Pack) throws {
        self.pack = pack
        reader = try ObjectReader(PackSet([pack]))
        table = CommitTable(reader)
        ranks = pack.order.ranks()
        nameHashes = [UInt32](repeating: 0, count: pack.index.count)
        writer = PackBitmapWriter(types: try PackTypes(scanning: pack).sets)
    }

    /// Writes `path`.
    ///
    /// - Parameters:
    ///   - tips: what refs point to, the most important first; what is no commit of the pack is left out.
    ///   - pause: is called after each bitmap, so that others get their turn.
    /// - Returns: how many commits got a bitmap; 0, and no file, when none leads to objects of this pack only.
    package func write(
        _ tips: [ObjectID],
        path: String,
        pause: () async throws -> Void = {}
    ) async throws -> Int {
        var starts: [CommitTable.Number] = []
        for tip in tips {
            guard let target = try? table.peel(tip), target.type == .commit else { continue }
            starts.append(table.number(of: target.oid))
        }
        let tipCommits = Set(starts.prefix(Self.tipLimit))
        let order = try topological(from: starts)
        var openCommits: Set<CommitTable.Number> = []
        for (index, commit) in order.enumerated() {
            let isSelected = tipCommits.contains(commit) || Self.isSelected(age: order.count - 1 - index)
            guard isSelected, openCommits.count < Self.openLimit else { continue }
            try await pause()
            do {
                let reachable = try closure(of: commit, avoiding: openCommits)
                guard let position = pack.index.position(of: table.oid(of: commit)) else { continue }
                known[commit] = EWAHBitmap.encode(reachable)
                writer.add(CommitBitmap(position: position, reachable: reachable))
            } catch ReachabilityError.open {
                openCommits.insert(commit)
            }
        }
        guard writer.count > 0 else { return 0 }
        try writer.write(path: path, packChecksum: pack.index.packChecksum, nameHashes: nameHashes)
        return writer.count
    }

    /// Whether the commit that so many are younger than gets a bitmap.
    private static func isSelected(age: Int) -> Bool {
        switch age {
        case ..<100: age.isMultiple(of: 10)
        case ..<20_000: age.isMultiple(of: 100)
        default: age.isMultiple(of: 5_000)
        }
    }

    /// The commits that lie in the pack, parents before children.
    private func topological(from starts: [CommitTable.Number]) throws -> [CommitTable.Number] {
        var order: [CommitTable.Number] = []
        var seen: Set<CommitTable.Number> = []
        // The most important start is visited last: its commits then count as the youngest.
        var stack = starts.map { (commit: $0, isSecondVisit: false) }
        while let (commit, isSecondVisit) = stack.popLast() {
            if isSecondVisit {
                order.append(commit)
                continue
            }
            guard seen.insert(commit).inserted, pack.index.position(of: table.oid(of: commit)) != nil else { continue }
            try Task.checkCancellation()
            try table.load(commit)
            stack.append((commit, true))
            for parent in table.parents(of: commit).reversed() { stack.append((parent, false)) }
        }
        return order
    }

    /// Everything that a commit leads to.
    ///
    /// - Throws: `ReachabilityError.open` when some of it is not in the pack.
    private func closure(
        of start: CommitTable.Number,
        avoiding openCommits: Set<CommitTable.Number>
    ) throws -> Bitset {
        var set = Bitset(bound: pack.index.count)
        var stack = [start]
        while let commit = stack.popLast() {
            let oid = table.oid(of: commit)
            guard !openCommits.contains(commit) else { throw ReachabilityError.open(oid) }
            let rank = try rank(of: oid)
            guard !set.contains(rank) else { continue }
            if let ewah = known[commit] {
                set.formUnion(try decoded(ewah))
                continue
            }
            try Task.checkCancellation()
            set.insert(rank)
            try table.load(commit)
            try addTree(table.nodes[commit].tree, to: &set)
            stack.append(contentsOf: table.parents(of: commit))
        }
        return set
    }

    private func decoded(_ ewah: [UInt8]) throws -> Bitset {
        var set = Bitset(bound: pack.index.count)
        try ewah.withUnsafeBytes { try EWAHBitmap(in: $0, at: 0).toggle(in: &set) }
        return set
    }

    private func rank(of oid: ObjectID) throws(ReachabilityError) -> Int {
        guard let position = pack.index.position(of: oid) else { throw .open(oid) }
        return Int(ranks[position])
    }

    private func addTree(_ root: ObjectID, to set: inout Bitset) throws {
        guard set.insert(try rank(of: root)) else { return }
        var stack = [(oid: root, name: NameHash())]
        while let (oid, name) = stack.popLast() {
            let tree = try reader.object(oid, as: .tree)
            try tree.bytes.withUnsafeBytes { bytes in
                var entries = TreeIterator(bytes)
                while let entry = try entries.next() {
                    guard entry.kind != .gitlink else { continue }
                    guard let position = pack.index.position(of: entry.oid) else {
                        throw ReachabilityError.open(entry.oid)
                    }
                    guard set.insert(Int(ranks[position])) else { continue }
                    let hash = name.entry(entry.name)
                    nameHashes[position] = hash.value
                    if entry.kind == .tree { stack.append((entry.oid, hash)) }
                }
            }
        }
    }
}
