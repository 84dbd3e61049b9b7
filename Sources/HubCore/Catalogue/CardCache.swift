import Access
import GitCore
import Synchronization

/// What files say at the commits that were asked for last: it never changes, so it need not be read twice.
final class CardCache: Sendable {
    private struct Key: Hashable {
        let repositoryID: RecordID
        let commit: ObjectID
    }

    private struct State {
        var facts: [Key: (facts: CardFacts, weight: Int, used: UInt64)] = [:]
        var clock: UInt64 = 0
        var weight = 0
    }

    /// Bytes of all metadata together, as JSON; in memory it takes some times as many.
    private static let limit = 4 << 20
    /// What the rest of an entry weighs.
    private static let base = 2 << 10

    private let state = Mutex(State())

    /// What is known of a commit of a repository.
    func facts(of repositoryID: RecordID, at commit: ObjectID) -> CardFacts? {
        let key = Key(repositoryID: repositoryID, commit: commit)
        return state.withLock { state in
            state.clock += 1
            state.facts[key]?.used = state.clock
            return state.facts[key]?.facts
        }
    }

    /// Remembers what was read, unless it is as much as many others together.
    func keep(_ facts: CardFacts, of repositoryID: RecordID) {
        let key = Key(repositoryID: repositoryID, commit: facts.commit)
        let weight = Self.base + facts.weight
        guard weight <= Self.limit / 4 else { return }
        state.withLock { state in
            state.clock += 1
            state.weight += weight - (state.facts[key]?.weight ?? 0)
            state.facts[key] = (facts, weight, state.clock)
            if state.weight > Self.limit { Self.shrink(&state) }
        }
    }

    /// Forgets what was not used for longest; half at a time, so that it happens seldom.
    private static func shrink(_ state: inout State) {
        for (key, value) in state.facts.sorted(by: { $0.value.used < $1.value.used }) {
            guard state.weight > limit / 2 else { return }
            state.facts[key] = nil
            state.weight -= value.weight
        }
    }
}
