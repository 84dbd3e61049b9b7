import Synchronization

/// What was reachable when it was last computed, for as long as the refs stay as they were.
package final class ReachableSets: Sendable {
    private struct State {
        var generation: Int64 = -1
        var commits: Set<ObjectID>?
        var objects: Set<ObjectID>?
    }

    private let state = Mutex(State())

    /// A set worth keeping has at most so many ids, about 50 bytes each; larger ones are computed anew.
    private static let limit = 2_000_000

    func commits(generation: Int64) -> Set<ObjectID>? {
        state.withLock { $0.generation == generation ? $0.commits : nil }
    }

    func objects(generation: Int64) -> Set<ObjectID>? {
        state.withLock { $0.generation == generation ? $0.objects : nil }
    }

    func remember(commits: Set<ObjectID>, generation: Int64) {
        guard commits.count <= Self.limit else { return }
        state.withLock { state in
            if state.generation != generation { state = State(generation: generation) }
            state.commits = commits
        }
    }

    func remember(objects: Set<ObjectID>, generation: Int64) {
        guard objects.count <= Self.limit else { return }
        state.withLock { state in
            if state.generation != generation { state = State(generation: generation) }
            state.objects = objects
        }
    }
}
