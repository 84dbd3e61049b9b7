/// The first digits of an object's id, as people write them.
package struct ObjectIDPrefix: Sendable, Equatable {
    /// The first id that begins with the digits.
    let first: ObjectID
    /// How many digits there are.
    let digits: Int

    /// The fewest digits that are taken for an id.
    package static let fewest = 7

    /// Reads 7 through 39 hexadecimal digits; nil for anything else.
    package init?(hex text: some StringProtocol) {
        guard (Self.fewest..<ObjectID.byteCount * 2).contains(text.utf8.count),
            let first = ObjectID(hex: text.lowercased() + String(repeating: "0", count: 40 - text.utf8.count))
        else { return nil }
        self.first = first
        digits = text.utf8.count
    }

    func matches(_ oid: ObjectID) -> Bool {
        oid.hex.utf8.prefix(digits).elementsEqual(first.hex.utf8.prefix(digits))
    }
}

extension PackIndex {
    /// The ids that begin with a prefix, at most two: more is as ambiguous as two.
    func oids(withPrefix prefix: ObjectIDPrefix) -> [ObjectID] {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if oid(at: middle) < prefix.first { low = middle + 1 } else { high = middle }
        }
        return (low..<min(low + 2, count)).map { oid(at: $0) }.filter { prefix.matches($0) }
    }
}

extension PackSet {
    /// The ids that begin with a prefix.
    package func oids(withPrefix prefix: ObjectIDPrefix) -> Set<ObjectID> {
        packs.reduce(into: []) { $0.formUnion($1.index.oids(withPrefix: prefix)) }
    }
}
