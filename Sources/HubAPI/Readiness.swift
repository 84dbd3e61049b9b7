import HTTPTypes
package import HubCore
import Metadata
import Synchronization

/// Whether the hub can serve: the database answers and the process is not about to stop.
package final class Readiness: Sendable {
    private let hub: Hub
    private let draining = Atomic(false)

    /// Readiness of `hub`.
    package init(hub: Hub) {
        self.hub = hub
    }

    /// Says from now on that the process is about to stop.
    package func beginDraining() { draining.store(true, ordering: .relaxed) }

    /// 200 or 503.
    func answer() async -> Answer {
        guard !draining.load(ordering: .relaxed) else { return .text("draining", status: .serviceUnavailable) }
        do {
            _ = try await hub.metadata.read { try $0.administratorCount() }
            return .text("ready", status: .ok)
        } catch {
            return .text("the database does not answer", status: .serviceUnavailable)
        }
    }
}
