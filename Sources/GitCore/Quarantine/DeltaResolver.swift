import Dispatch
import Synchronization

/// Rebuilds the objects that an incoming pack holds as deltas: the second pass.
///
/// Trees of deltas hang below objects that are whole. `DeltaWalker`s go through them side by side, one tree each at a
/// time; a pack with few deltas has one walker, on the caller's thread. Work is done in steps, so that the caller can
/// report progress and stop between them. What the walkers have found goes into the pack between the steps, when none
/// of them runs. Belongs to one thread at a time, but for what says otherwise.
final class DeltaResolver {
    private let pack: IncomingPack
    private let repository: ObjectReader
    private let visible: Set<ObjectID>?
    private var walkers: [DeltaWalker] = []
    /// Deltas by the index of the entry they are based on, as linked lists: first delta of an entry, next of a delta.
    ///
    /// Not changed once they are built.
    private var firstByEntry: [UInt32]
    private var nextByDelta: [UInt32]

    /// Guards what walkers take from each other: the five below.
    private let lock = Mutex(())
    private var byID: [ObjectID: [Int]] = [:]
    private var nextRoot = 0
    private var externalBases: [ObjectID] = []
    private var externalBasesUsed: [ObjectID] = []
    private var hasLargeObjectTurn = true

    /// Deltas resolved so far.
    private(set) var resolved = 0

    private static let none = UInt32.max
    /// Bytes of bases that all walkers keep on their paths.
    private static let pathBytes = 48 << 20

    /// Bases that are not in the pack: what a thin pack leaves out.
    ///
    /// A base that was taken out of the repository may have turned up in the pack later, as a delta itself.
    var missingBases: [ObjectID] {
        guard !externalBasesUsed.isEmpty else { return [] }
        var missing = Set(externalBasesUsed)
        for entry in pack.entries { missing.remove(entry.oid) }
        return externalBasesUsed.filter(missing.contains)
    }

    /// - Parameters:
    ///   - repository: where the bases of a thin pack are looked up.
    ///   - visible: the objects of the repository that may serve as bases; nil for all.
    init(_ pack: IncomingPack, repository: ObjectReader, visible: Set<ObjectID>? = nil) throws(PackError) {
        self.visible = visible
        self.pack = pack
        self.repository = repository
        firstByEntry = [UInt32](repeating: Self.none, count: pack.entries.count)
        nextByDelta = [UInt32](repeating: Self.none, count: pack.deltas.count)
        for (number, delta) in pack.deltas.enumerated() {
            switch delta.base {
            case .entry(let entry):
                nextByDelta[number] = firstByEntry[entry]
                firstByEntry[entry] = UInt32(truncatingIfNeeded: number)
            case .id(let oid):
                byID[oid, default: []].append(number)
            }
        }
        let count = max(1, min(pack.limits.deltaThreads, pack.deltas.count / pack.limits.deltasPerThread))
        for _ in 0..<count {
            walkers.append(try DeltaWalker(pack, self, repository, pathBytes: Self.pathBytes / count))
        }
    }

    /// Lets each walker do up to `count` things; false when all deltas are resolved.
    ///
    /// - Throws: `PackRefusal.missingBase` when a base is nowhere or deltas are based on each other in a circle.
    func step(_ count: Int) throws -> Bool {
        if walkers.count == 1 {
            try walkers[0].walk(count)
        } else {
            let failures = Mutex<[any Error]>([])
            // Each iteration has a walker to itself.
            nonisolated(unsafe) let walkers = walkers
            DispatchQueue.concurrentPerform(iterations: walkers.count) { number in
                do {
                    try walkers[number].walk(count)
                } catch {
                    failures.withLock { $0.append(error) }
                }
            }
            if let failure = failures.withLock({ $0.first }) { throw failure }
        }
        for walker in walkers { resolved += walker.deliver() }
        guard walkers.allSatisfy(\.isIdle), try !hasMoreRoots() else { return true }
        for walker in walkers { walker.deliverFindings() }
        guard resolved == pack.deltas.count else { throw PackRefusal.malformed("pack has unresolved deltas") }
        return false
    }

    /// Whether walkers that found nothing more will find something in the next step: bases out of the repository, once
    /// nothing in the pack leads further.
    private func hasMoreRoots() throws -> Bool {
        guard nextRoot == pack.entries.count else { return true }
        guard externalBases.isEmpty, !byID.isEmpty else { return !externalBases.isEmpty }
        externalBases = byID.keys.filter(mayServe).sorted(by: >)
        guard !externalBases.isEmpty else { throw PackRefusal.missingBase(byID.keys.min() ?? .zero) }
        return true
    }

    private func mayServe(_ oid: ObjectID) -> Bool {
        (visible?.contains(oid) ?? true) && repository.packs.contains(oid)
    }
}

/// What walkers ask for while they run side by side.
extension DeltaResolver {
    /// The next object with deltas on it, and those; nil when there is none now.
    func takeRoot() -> (base: DeltaWalker.Source, deltas: [Int])? {
        lock.withLock { _ in
            while nextRoot < pack.entries.count {
                let entry = nextRoot
                nextRoot += 1
                guard pack.entries[entry].type.objectType != nil else { continue }
                let deltas = takeDeltas(onEntry: entry, named: pack.entries[entry].oid)
                if !deltas.isEmpty { return (.entry(entry), deltas) }
            }
            while let oid = externalBases.popLast() {
                // Resolving another base may have found this one inside the pack meanwhile.
                guard let deltas = byID.removeValue(forKey: oid) else { continue }
                externalBasesUsed.append(oid)
                return (.external(oid), deltas)
            }
            return nil
        }
    }

    /// The deltas on an object of the pack, by position and by id; each is given once.
    func takeDeltas(on entry: Int, named oid: ObjectID) -> [Int] {
        lock.withLock { _ in takeDeltas(onEntry: entry, named: oid) }
    }

    private func takeDeltas(onEntry entry: Int, named oid: ObjectID) -> [Int] {
        var deltas = byID.isEmpty ? [] : byID.removeValue(forKey: oid) ?? []
        var next = firstByEntry[entry]
        while next != Self.none {
            deltas.append(Int(next))
            next = nextByDelta[Int(next)]
        }
        return deltas
    }

    /// Takes the turn to hold large objects; false while another walker has it.
    func takeLargeObjectTurn() -> Bool {
        lock.withLock { _ in
            defer { hasLargeObjectTurn = false }
            return hasLargeObjectTurn
        }
    }

    /// Gives the turn back.
    func returnLargeObjectTurn() {
        lock.withLock { _ in hasLargeObjectTurn = true }
    }
}
