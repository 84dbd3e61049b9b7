package import Access
import Logging
package import Metadata
import Outbound

/// Webhooks: telling others over HTTP what happens in repositories.
///
/// A webhook belongs to an account and tells what its owner may see at that moment, with nothing of the owner's being an
/// administrator: it lives long, and speaks to strangers.
package struct Webhooks: Sendable {
    let database: Database
    let environment: HubEnvironment
    let logger: Logger
    let journal: Journal
    let secrets: SealingKey
    /// Nil in commands, which call nobody.
    let outbound: (any OutboundSender)?
    /// The base of URLs, if the operator has given one.
    let publicURL: String?

    /// The job that finds out who is told of an event.
    static let eventJob = "webhook.event"
    /// The job that sends what the webhooks of an account have to tell.
    static let sendingJob = "webhook.send"

    init(
        metadata: MetadataStore,
        environment: HubEnvironment,
        settings: HubSettings,
        logger: Logger,
        outbound: (any OutboundSender)?
    ) throws {
        database = Database(store: metadata)
        self.environment = environment
        self.logger = logger
        journal = Journal(environment: environment)
        secrets = try SealingKey(
            master: settings.signingKey,
            purpose: "granary webhook-secret v1",
            environment: environment
        )
        self.outbound = outbound
        publicURL = settings.publicURL
    }

    /// A webhook as its owner sees it.
    package struct Webhook: Sendable, Equatable {
        package let record: WebhookRecord
        package let watches: [WebhookWatchRecord]
        /// What its receiver knows it by; nil without.
        package let secret: String?
    }

    /// One's own webhooks, oldest first.
    package func list(by actor: Actor) async throws -> [Webhook] {
        let owner = try Self.owner(actor)
        return try await database.read { records in
            try records.webhooks(userID: owner).map { try describe($0, in: records) }
        }
    }

    /// One of one's own webhooks.
    ///
    /// - Throws: `HubError.notFound` when there is none with this id, or it is somebody else's.
    package func get(_ id: String, by actor: Actor) async throws -> Webhook {
        let owner = try Self.owner(actor)
        return try await database.read { records in
            try describe(try webhook(id, of: owner, in: records), in: records)
        }
    }

    /// Lets a webhook speak, or silences it; what it had still to tell is dropped then.
    package func setEnabled(_ id: String, _ isEnabled: Bool, by actor: Actor) async throws -> Webhook {
        let owner = try Self.owner(actor)
        return try await database.transaction { records in
            var webhook = try webhook(id, of: owner, in: records)
            guard (webhook.disabled == nil) != isEnabled else { return try describe(webhook, in: records) }
            webhook.disabled = isEnabled ? nil : .owner
            (webhook.failures, webhook.failingSince) = (0, nil)
            try records.updateWebhook(webhook)
            if !isEnabled { try records.dropWebhookDeliveries(webhookID: webhook.id, because: Self.silenced) }
            let action = isEnabled ? "webhook.enabled" : "webhook.disabled"
            try journal.audit(action, webhook.id, by: actor, in: records)
            return try describe(webhook, in: records)
        }
    }

    /// Removes a webhook with its log.
    package func delete(_ id: String, by actor: Actor) async throws {
        let owner = try Self.owner(actor)
        try await database.transaction { records in
            let webhook = try webhook(id, of: owner, in: records)
            try records.deleteWebhook(id: webhook.id)
            try journal.audit("webhook.removed", webhook.id, by: actor, in: records)
        }
    }

    /// A webhook of an account.
    func webhook(_ id: String, of owner: RecordID, in records: Records) throws -> WebhookRecord {
        guard let id = RecordID(id), let webhook = try records.webhook(id: id), webhook.userID == owner else {
            throw HubError(.notFound, "There is no such webhook.")
        }
        return webhook
    }

    func describe(_ webhook: WebhookRecord, in records: Records) throws -> Webhook {
        Webhook(
            record: webhook,
            watches: try records.webhookWatches(webhookID: webhook.id),
            secret: try secret(of: webhook)
        )
    }

    func secret(of webhook: WebhookRecord) throws -> String? {
        try webhook.sealedSecret.map { try secrets.open($0, of: Self.label(webhook.id)) }
    }

    /// What a secret is sealed as.
    static func label(_ id: RecordID) -> String { "webhook/\(id.text)" }

    static let silenced = "The webhook was disabled."
}

extension Webhooks {
    /// What a webhook sees: what its owner may read and take part in, and nothing that only administrators see.
    private static let reach = TokenScope(
        TokenPermissions(entries: [.init(place: .hub, role: .read, participates: true)])
    )

    /// The account of an actor who may say what webhooks tell: like making a token with their reach.
    static func owner(_ actor: Actor) throws -> RecordID {
        guard case .user(let user) = actor else {
            let denial: Denial = actor == .anonymous ? .unauthenticated : .insufficientKey
            throw HubError.denied(denial, "account")
        }
        try AccessPolicy.decide(actor, .writeOwnAccount, on: .account(user.id)).require("account")
        try AccessPolicy.decideCredential(reach, by: actor).require("account")
        return user.id
    }

    /// Who decides what an account's webhooks tell.
    static func listener(_ user: UserRecord) -> Actor {
        .user(UserActor(id: user.id, name: user.name, isAdmin: user.isAdmin, scope: reach))
    }

    /// Whether an account's webhooks may tell of an event now: asked when it is put in the queue, and at every try.
    static func mayTell(_ event: WebhookEventRecord, to user: UserRecord, in records: Records) throws -> Bool {
        guard !user.isDisabled else { return false }
        let listener = listener(user)
        let facts: RepositoryFacts
        if let repository = try records.repository(id: event.repositoryID) {
            facts = try records.facts(of: repository, for: listener)
        } else {
            facts = try formerFacts(event, listener, in: records)
        }
        return AccessPolicy.decide(listener, .readRepository, on: .repository(facts)) == .allow
    }

    /// The facts about a repository that was deleted.
    private static func formerFacts(
        _ event: WebhookEventRecord,
        _ listener: Actor,
        in records: Records
    ) throws -> RepositoryFacts {
        var facts = RepositoryFacts(
            id: event.repositoryID,
            namespaceID: event.namespaceID,
            visibility: event.visibility
        )
        if let namespace = try records.namespace(id: event.namespaceID) {
            facts.namespaceRole = try records.facts(of: namespace, for: listener).role
        }
        let granted = event.granted.split(separator: " ").compactMap { RecordID($0) }
        if let id = listener.userID, granted.contains(id) { facts.grant = .read }
        return facts
    }
}
