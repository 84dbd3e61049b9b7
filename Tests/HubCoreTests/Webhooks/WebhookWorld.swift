import Access
import HubCore
import Metadata

/// A hub with somebody who listens.
struct WebhookWorld {
    let world: World
    let receiver = Receiver()
    let ada: Actor

    init() async throws {
        world = try await World({ $0.signingKey = Array(repeating: 7, count: 32) }, outbound: receiver)
        ada = try await world.user("ada")
    }

    var webhooks: Webhooks { world.hub.webhooks }

    /// Makes a webhook.
    func hook(
        _ watched: [(type: String, name: String)],
        domains: [String]? = nil,
        secret: String? = nil,
        url: String = "https://hooks.example/x",
        by actor: Actor? = nil
    ) async throws -> Webhooks.Webhook {
        var change = WebhookChange(base: "http://hub.example")
        change.url = url
        change.watched = watched.map { WebhookChange.Target(type: $0.type, name: $0.name) }
        (change.domains, change.secret) = (domains, secret)
        return try await webhooks.create(change, by: actor ?? ada)
    }

    /// Lets all work be done that is due, and gives what was sent.
    func sent() async -> [Receiver.Letter] {
        // Finding out who is told, then telling.
        for _ in 0..<3 { await world.hub.jobs.runDue() }
        return receiver.take()
    }

    /// The log of a webhook, youngest line first.
    func log(_ hook: Webhooks.Webhook, by actor: Actor? = nil) async throws -> [Webhooks.Delivery] {
        try await webhooks.deliveries(of: hook.record.id.text, before: nil, limit: 100, by: actor ?? ada).lines
    }

    /// The webhook as it is now.
    func now(_ hook: Webhooks.Webhook) async throws -> WebhookRecord {
        try await webhooks.get(hook.record.id.text, by: ada).record
    }

    func address(_ text: String) throws -> RepositoryAddress { try RepositoryAddress(parsing: text) }

    func setVisibility(_ address: String, _ visibility: Visibility) async throws {
        try await world.repositories.setVisibility(try self.address(address), visibility, by: .operator)
    }
}
