import Synchronization

/// Memory for requests that take much of it: so much for all together, and a part of it for each client, so that nobody
/// takes all, however slow.
final class WorkRoom: Sendable {
    private struct State {
        var taken = 0
        var byClient: [String: Int] = [:]
    }

    private let total: Int
    private let perClient: Int
    private let state = Mutex(State())

    /// Room of `total` bytes.
    init(total: Int, perClient: Int) {
        self.total = total
        self.perClient = perClient
    }

    /// Runs work that takes so many bytes; nobody takes more than `perClient` in all.
    ///
    /// - Throws: `HubError.unavailable` without running it when there is no room; clients come again.
    func take<Value>(
        _ bytes: Int,
        for client: String,
        isolation: isolated (any _Concurrency.Actor)? = #isolation,
        _ body: () async throws -> Value
    ) async throws -> Value {
        let bytes = min(max(bytes, 0), perClient)
        guard enter(client, bytes) else {
            throw HubError(.unavailable(retryAfterSeconds: 5), "The hub is busy. Try again in a few seconds.")
        }
        defer { leave(client, bytes) }
        return try await body()
    }

    private func enter(_ client: String, _ bytes: Int) -> Bool {
        state.withLock { state in
            let own = state.byClient[client, default: 0]
            guard bytes <= perClient - own, bytes <= total - state.taken else { return false }
            state.taken += bytes
            state.byClient[client] = own + bytes
            return true
        }
    }

    private func leave(_ client: String, _ bytes: Int) {
        state.withLock { state in
            state.taken -= bytes
            let own = state.byClient[client, default: 0] - bytes
            state.byClient[client] = own > 0 ? own : nil
        }
    }
}
