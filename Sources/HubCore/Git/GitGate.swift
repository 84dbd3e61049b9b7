package import Access
import Metrics
import Synchronization

/// Lets only so many git requests run at once: of each client, so that nobody takes all, and of all together, so that
/// memory, threads and files suffice.
///
/// The last quarter of the places is for clients that have none: one each. So however slow a few clients are, whoever
/// comes next finds a place; to take all of 256 takes 64 clients beside those who have the rest.
///
/// One gate for all frontends: who comes by HTTP and by SSH is one client.
package final class GitGate: Sendable {
    private let limits: GitConcurrency
    private let running = Mutex<[String: Int]>([:])

    /// A gate with nobody inside.
    package init(_ limits: GitConcurrency) {
        self.limits = limits
    }

    /// Runs `body`, counted for `client`, which `Actor.gateClient` names.
    ///
    /// - Throws: `limited` or `unavailable` without running it when the client, or the hub, has enough to do.
    @discardableResult
    package func pass<Result>(
        as client: String,
        isolation: isolated (any _Concurrency.Actor)? = #isolation,
        _ body: () async throws -> Result
    ) async throws -> Result {
        try enter(client)
        let running = Meter(label: "granary_git_requests_running")
        running.increment()
        defer {
            running.decrement()
            leave(client)
        }
        return try await body()
    }

    /// Requests that run now.
    package var count: Int { running.withLock { $0.values.reduce(0, +) } }

    private func enter(_ client: String) throws(HubError) {
        let refusal: HubError? = running.withLock { running in
            let count = running[client, default: 0]
            guard count < limits.perClient else {
                return HubError(
                    .limited(retryAfterSeconds: 5),
                    "You have \(count) git requests running. Wait for one to end."
                )
            }
            let left = limits.total - running.values.reduce(0, +)
            guard left > 0 else {
                return HubError(.unavailable(retryAfterSeconds: 5), "The hub is busy. Try again in a few seconds.")
            }
            guard count == 0 || left > limits.total / 4 else {
                return HubError(
                    .limited(retryAfterSeconds: 5),
                    "You have \(count) git requests running, and the hub is busy. Wait for one to end."
                )
            }
            running[client] = count + 1
            return nil
        }
        if let refusal { throw refusal }
    }

    private func leave(_ client: String) {
        running.withLock { running in
            let count = running[client, default: 1] - 1
            running[client] = count > 0 ? count : nil
        }
    }
}

/// How many git requests may run at once, as each holds threads, files and memory while it does.
package struct GitConcurrency: Sendable, Equatable {
    /// Of all clients together.
    package var total = 256
    /// Of one account, of the keys of one namespace, or of one network as long as nobody has signed in.
    package var perClient = 64

    /// The defaults.
    package static let standard = GitConcurrency()

    /// A bound of `total` in all and `perClient` for each client.
    package init(total: Int = 256, perClient: Int = 64) {
        self.total = total
        self.perClient = perClient
    }
}

extension Access.Actor {
    /// As whom `GitGate` counts the actor: the account, what a key belongs to, as anybody can make many keys, or else the
    /// network it comes from.
    package func gateClient(at address: String) -> String {
        switch self {
        case .user(let user): user.id.text
        case .key(let key):
            switch key.restriction {
            case .namespace(let id), .repository(let id): id.text
            case .hub: key.id.text
            }
        case .anonymous, .operator: ClientNetwork(address: address).text
        }
    }
}
