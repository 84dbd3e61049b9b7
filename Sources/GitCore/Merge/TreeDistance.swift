/// How far two trees are apart, counted no further than a comparison may go.
///
/// Ten small trees that hold each other ten times at each level are ten thousand million files, so that has to be known
/// before anything is done for each file that differs.
struct TreeDistance {
    /// What a comparison may cost.
    struct Limits: Sendable {
        /// Entries that differ, directories among them.
        var differences = 100_000
        /// Entries of directories that differ, on both sides together.
        var entries = 5_000_000

        /// Limits for the work of one request.
        init() {}
    }

    private struct Pair {
        let old: ObjectID?
        let new: ObjectID?
    }

    private let reader: ObjectReader
    private let limits: Limits
    private var waiting: [Pair] = []
    private var differences = 0
    private var entries = 0

    /// Whether two trees can be compared within limits.
    ///
    /// - Parameter old: nil for a tree without entries.
    /// - Throws: errors of damaged packs; `CancellationError`.
    static func isWithin(
        _ limits: Limits = Limits(),
        from old: ObjectID?,
        to new: ObjectID,
        _ reader: ObjectReader
    ) throws -> Bool {
        var distance = TreeDistance(reader: reader, limits: limits)
        return try old == new || distance.walk(from: Pair(old: old, new: new))
    }

    private init(reader: ObjectReader, limits: Limits) {
        self.reader = reader
        self.limits = limits
    }

    private mutating func walk(from start: Pair) throws -> Bool {
        waiting = [start]
        while let pair = waiting.popLast() {
            try Task.checkCancellation()
            let (old, new) = (try bytes(of: pair.old), try bytes(of: pair.new))
            try old.withUnsafeBytes { old in
                try new.withUnsafeBytes { new in try compare(TreeIterator(old), TreeIterator(new)) }
            }
            guard differences <= limits.differences, entries <= limits.entries else { return false }
        }
        return true
    }

    private func bytes(of tree: ObjectID?) throws -> [UInt8] {
        try tree.map { try reader.object($0, as: .tree).bytes } ?? []
    }

    /// Goes through two directories side by side, in their order.
    private mutating func compare(_ old: TreeIterator, _ new: TreeIterator) throws {
        var (old, new) = (old, new)
        var (left, right) = (try old.next(), try new.next())
        while left != nil || right != nil {
            guard differences <= limits.differences, entries <= limits.entries else { return }
            let order = Self.order(left, right)
            note(order <= 0 ? left : nil, order >= 0 ? right : nil)
            if order <= 0 { left = try old.next() }
            if order >= 0 { right = try new.next() }
        }
    }

    /// Counts what two directories have under one name.
    private mutating func note(_ old: TreeEntry?, _ new: TreeEntry?) {
        entries += (old == nil ? 0 : 1) + (new == nil ? 0 : 1)
        guard old?.oid != new?.oid || old?.mode != new?.mode else { return }
        differences += 1
        let pair = Pair(old: Self.directory(old), new: Self.directory(new))
        if pair.old != nil || pair.new != nil { waiting.append(pair) }
    }

    private static func directory(_ entry: TreeEntry?) -> ObjectID? {
        entry.flatMap { $0.kind == .tree ? $0.oid : nil }
    }

    /// Which of two entries is first, less than 0 for the left one.
    ///
    /// The names of directories count as if they ended in a slash. What is not there comes last.
    private static func order(_ left: TreeEntry?, _ right: TreeEntry?) -> Int {
        guard let left else { return 1 }
        guard let right else { return -1 }
        let count = min(left.name.count, right.name.count)
        for index in 0..<count where left.name[index] != right.name[index] {
            return left.name[index] < right.name[index] ? -1 : 1
        }
        return Int(end(of: left, at: count)) - Int(end(of: right, at: count))
    }

    private static func end(of entry: TreeEntry, at index: Int) -> UInt8 {
        if index < entry.name.count { return entry.name[index] }
        return entry.kind == .tree ? UInt8(ascii: "/") : 0
    }
}
