package import Access
import Metadata
import Outbound

/// What a webhook is to be; nil leaves a part as it is, or as it usually is.
package struct WebhookChange: Sendable {
    /// Something to watch: a type or "user" or "org", and a name.
    package struct Target: Sendable {
        package var type: String
        package var name: String

        /// A target from its parts.
        package init(type: String, name: String) {
            self.type = type
            self.name = name
        }
    }

    /// Where it calls.
    package var url: String?
    /// What it watches; nothing leaves that as it is.
    package var watched: [Target] = []
    /// What it tells of, in Hugging Face's words.
    package var domains: [String]?
    /// What its receiver knows it by; empty takes that away.
    package var secret: String?
    /// What the secret is used for.
    package var secretMode: String?
    /// The base of URLs in what it tells, as the actor called the hub.
    package var base: String

    /// A change of nothing.
    package init(base: String) {
        self.base = base
    }
}

extension Webhooks {
    /// Makes a webhook.
    ///
    /// - Throws: `HubError.invalid` about the URL and the rest; `.notFound` for what may not be seen; `.conflict` for one too
    ///   many; `.unavailable` in commands.
    package func create(_ change: WebhookChange, by actor: Actor) async throws -> Webhook {
        let owner = try Self.owner(actor)
        guard let url = change.url else { throw HubError(.invalid, "A webhook needs a URL.") }
        guard !change.watched.isEmpty else { throw HubError(.invalid, "A webhook watches something.") }
        var webhook = WebhookRecord(
            id: try environment.newID(),
            userID: owner,
            url: try checked(url),
            base: change.base,
            domains: Set(WebhookRecord.Domain.allCases),
            createdAt: environment.now()
        )
        try apply(change, to: &webhook)
        let made = webhook
        return try await database.transaction { records in
            guard try records.webhooks(userID: owner).count < WebhookLimits.perAccount else {
                throw HubError(.conflict, "An account has at most \(WebhookLimits.perAccount) webhooks.")
            }
            let watches = try watches(change.watched, by: owner, in: records)
            try records.insertWebhook(made)
            try records.setWebhookWatches(webhookID: made.id, watches)
            try journal.audit("webhook.added", made.id, by: actor, in: records)
            return try describe(made, in: records)
        }
    }

    /// Changes a webhook.
    package func update(_ id: String, _ change: WebhookChange, by actor: Actor) async throws -> Webhook {
        let owner = try Self.owner(actor)
        let url = try change.url.map(checked)
        return try await database.transaction { records in
            var webhook = try webhook(id, of: owner, in: records)
            if let url { webhook.url = url }
            try apply(change, to: &webhook)
            try records.updateWebhook(webhook)
            if !change.watched.isEmpty {
                let watches = try watches(change.watched, by: owner, in: records)
                try records.setWebhookWatches(webhookID: webhook.id, watches)
            }
            try journal.audit("webhook.changed", webhook.id, by: actor, in: records)
            return try describe(webhook, in: records)
        }
    }

    private func apply(_ change: WebhookChange, to webhook: inout WebhookRecord) throws {
        webhook.base = change.base
        if let domains = change.domains { webhook.domains = try Self.domains(domains) }
        if let word = change.secretMode {
            guard let mode = WebhookRecord.SecretMode(rawValue: word) else {
                throw HubError(.invalid, "The secret's mode is 'header', 'signature' or 'both'.")
            }
            webhook.secretMode = mode
        }
        guard let secret = change.secret else { return }
        guard secret.utf8.count <= WebhookLimits.secretBytes, secret.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw HubError(
                .invalid,
                "A secret has at most \(WebhookLimits.secretBytes) visible ASCII characters: it is sent in a field."
            )
        }
        webhook.sealedSecret = secret.isEmpty ? nil : try secrets.seal(secret, of: Self.label(webhook.id))
    }

    private static func domains(_ words: [String]) throws -> Set<WebhookRecord.Domain> {
        let domains = words.map { $0 == "discussions" ? .discussion : WebhookRecord.Domain(rawValue: $0) }
        guard !domains.isEmpty, !domains.contains(nil) else {
            throw HubError(.invalid, "The domains are 'repo' and 'discussion', one of them or both.")
        }
        return Set(domains.compactMap(\.self))
    }

    /// The URL in its one spelling, unless it leads where the hub does not call.
    private func checked(_ text: String) throws -> String {
        guard let outbound else { throw HubError(.unavailable(retryAfterSeconds: 60), "This hub calls nobody.") }
        do {
            let url = try OutboundURL(parsing: text)
            try outbound.check(url)
            return url.description
        } catch let error as OutboundURL.Malformed {
            throw HubError.invalid(error)
        } catch let error as OutboundRules.Refusal {
            throw HubError.invalid(error)
        }
    }

    private func watches(
        _ targets: [WebhookChange.Target],
        by owner: RecordID,
        in records: Records
    ) throws -> [WebhookWatchRecord] {
        guard targets.count <= WebhookLimits.watched else {
            throw HubError(.invalid, "A webhook watches at most \(WebhookLimits.watched) things.")
        }
        guard let user = try records.user(id: owner) else { throw HubError.badCredentials }
        var watches: [WebhookWatchRecord] = []
        for target in targets {
            let watch = try watch(target, for: Self.listener(user), in: records)
            if !watches.contains(where: { $0.targetID == watch.targetID }) { watches.append(watch) }
        }
        return watches
    }

    private func watch(
        _ target: WebhookChange.Target,
        for listener: Actor,
        in records: Records
    ) throws -> WebhookWatchRecord {
        switch target.type {
        case "user", "org":
            let kind: NamespaceRecord.Kind = target.type == "org" ? .organization : .user
            guard let namespace = try records.namespace(byName: target.name), namespace.kind == kind else {
                let word = kind == .user ? "user" : "organization"
                throw HubError(.notFound, "There is no such \(word).")
            }
            return WebhookWatchRecord(type: target.type, name: namespace.name, targetID: namespace.id)
        default:
            guard let type = RepositoryType(rawValue: target.type) else {
                throw HubError(.invalid, "What is watched is a 'user', an 'org', or a type of repository.")
            }
            let names = target.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard names.count == 2 else { throw HubError.denied(.notVisible, "repository") }
            let address = RepositoryAddress(type: type, namespace: names[0], name: names[1])
            let repository = try records.repository(at: address, action: .readRepository, by: listener)
            return WebhookWatchRecord(type: target.type, name: repository.address.id, targetID: repository.id)
        }
    }
}
