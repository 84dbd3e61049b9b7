/// One ref and what it points to.
package struct Ref: Sendable, Hashable {
    /// The full name.
    package var name: RefName
    /// The object it points to.
    package var oid: ObjectID
    /// For an annotated tag, the object at the end of the chain of tags; nil otherwise.
    package var peeled: ObjectID?

    /// A ref as the ref store holds it.
    package init(name: RefName, oid: ObjectID, peeled: ObjectID? = nil) {
        self.name = name
        self.oid = oid
        self.peeled = peeled
    }
}

/// The refs of one repository at one moment.
package struct RefSnapshot: Sendable {
    /// Sorted by the bytes of their names, each name once.
    package let refs: [Ref]
    /// The branch that `HEAD` names; it may be unborn.
    package let headTarget: RefName
    /// Counts the changes of the repository's refs; equal generations mean equal refs.
    package let generation: Int64
    /// Whether every object in the repository is reachable from the refs, so that presence proves reachability.
    package let everyObjectReachable: Bool

    /// Takes refs in any order; refs that are sorted already are not sorted again.
    package init(refs: [Ref], headTarget: RefName, generation: Int64, everyObjectReachable: Bool) {
        let isSorted = zip(refs, refs.dropFirst()).allSatisfy { $0.name < $1.name }
        self.refs = isSorted ? refs : refs.sorted { $0.name < $1.name }
        self.headTarget = headTarget
        self.generation = generation
        self.everyObjectReachable = everyObjectReachable
    }

    /// The ref called `name`; logarithmic.
    package func ref(named name: RefName) -> Ref? {
        let index = firstIndex(notBefore: name.bytes)
        guard index < refs.endIndex, refs[index].name == name else { return nil }
        return refs[index]
    }

    /// The refs whose names start with `prefix`; logarithmic plus the result.
    package func refs(withPrefix prefix: some Collection<UInt8>) -> ArraySlice<Ref> {
        refs[range(withPrefix: Array(prefix))]
    }

    /// The ref that `HEAD` resolves to; nil while the branch is unborn.
    package var head: Ref? { ref(named: headTarget) }

    /// What readers of the repository may know of: without the hidden namespaces.
    ///
    /// Every answer to a client starts from this view: wants, `deepen-not`, `include-tag` and `ls-refs` alike.
    package func visible() -> RefSnapshot {
        without(RefName.hiddenNamespaces)
    }

    /// What an advertisement lists when nobody asks for more: without hidden and server-owned namespaces.
    package func advertised() -> RefSnapshot {
        without(RefName.hiddenNamespaces + RefName.serverOwnedNamespaces)
    }

    /// The indexes of the refs whose names start with `prefix`.
    func range(withPrefix prefix: [UInt8]) -> Range<Int> {
        let start = firstIndex(notBefore: prefix)
        let end = partition(from: start) { !$0.name.bytes.starts(with: prefix) }
        return start..<end
    }

    private func without(_ namespaces: [String]) -> RefSnapshot {
        let dropped = namespaces.map { range(withPrefix: Array($0.utf8)) }.filter { !$0.isEmpty }
        guard !dropped.isEmpty else { return self }
        var kept: [Ref] = []
        var position = 0
        for range in dropped.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            kept += refs[position..<range.lowerBound]
            position = range.upperBound
        }
        kept += refs[position...]
        return RefSnapshot(
            refs: kept,
            headTarget: headTarget,
            generation: generation,
            everyObjectReachable: everyObjectReachable
        )
    }

    private func firstIndex(notBefore bytes: [UInt8]) -> Int {
        partition(from: 0) { !$0.name.bytes.lexicographicallyPrecedes(bytes) }
    }

    /// The first index from `start` on whose ref satisfies `predicate`, which must hold for all refs after it too.
    private func partition(from start: Int, _ predicate: (Ref) -> Bool) -> Int {
        var low = start
        var high = refs.endIndex
        while low < high {
            let middle = low + (high - low) / 2
            if predicate(refs[middle]) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return low
    }
}
