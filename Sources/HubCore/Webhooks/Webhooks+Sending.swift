import Access
import JSON
import Logging
import Metadata
import Metrics
import NIOCore
import Outbound

extension Webhooks {
    /// Sends what the webhooks of an account have to tell: each in order, a few of them at once.
    ///
    /// There is one job for an account, so that slow receivers of one keep nobody else waiting.
    var sending: JobKind {
        JobKind(
            Self.sendingJob,
            concurrency: WebhookLimits.accountsAtOnce,
            maximumAttempts: 1_000,
            seconds: 180
        ) { job in
            guard let owner = RecordID(job.key) else { return }
            try await send(of: owner)
        }
    }

    private func send(of owner: RecordID) async throws {
        guard outbound != nil else { return }
        let webhooks = try await database.read { try $0.webhooks(userID: owner) }.filter { $0.disabled == nil }
        let end = environment.now().adding(seconds: WebhookLimits.turnSeconds)
        try await withThrowingTaskGroup(of: Void.self) { group in
            var running = 0
            for webhook in webhooks {
                if running == WebhookLimits.webhooksAtOnce { try await group.next() } else { running += 1 }
                group.addTask { try await send(of: webhook.id, until: end) }
            }
            try await group.waitForAll()
        }
        try await database.transaction { records in
            guard let next = try records.nextWebhookDelivery(userID: owner) else { return }
            try requestSending(of: owner, at: next, in: records)
        }
    }

    private func send(of webhook: RecordID, until end: Timestamp) async throws {
        let due = try await database.read {
            try $0.dueWebhookDeliveries(webhookID: webhook, at: environment.now(), limit: WebhookLimits.inTurn)
        }
        guard !due.isEmpty else { return }
        for delivery in due where environment.now() < end {
            guard try await attempt(delivery) else { break }
        }
        try await database.transaction {
            try $0.trimWebhookLog(webhookID: webhook, keeping: WebhookLimits.logged)
        }
    }

    /// Sends one, if that is still wanted and allowed.
    ///
    /// - Returns: false when nobody answers there and the others can wait.
    private func attempt(_ delivery: WebhookDeliveryRecord) async throws -> Bool {
        guard let outbound, let letter = try await letter(delivery) else { return true }
        let start = environment.now()
        let outcome: WebhookOutcome
        do {
            let url = try OutboundURL(parsing: letter.webhook.url)
            let fields = try letter.fields(at: start)
            outcome = .answered(try await outbound.post(to: url, headers: fields, body: letter.body))
        } catch let failure as OutboundFailure {
            outcome = .failed(failure)
        } catch is OutboundURL.Malformed {
            outcome = .failed(.unknownHost)
        }
        let word = outcome.isSuccess ? "delivered" : "failed"
        Counter(label: "granary_webhook_deliveries_total", dimensions: [("outcome", word)]).increment()
        try await note(outcome, of: delivery, to: letter.webhook.url, since: start)
        return !outcome.isNobody
    }

    /// What is to be sent; nil when it is not to be sent any more.
    private func letter(_ delivery: WebhookDeliveryRecord) async throws -> WebhookLetter? {
        let (letter, isForbidden) = try await database.read { records -> (WebhookLetter?, Bool) in
            guard let webhook = try records.webhook(id: delivery.webhookID), webhook.disabled == nil,
                let current = try records.webhookDelivery(webhookID: webhook.id, id: delivery.id),
                current.state == .pending, let user = try records.user(id: webhook.userID),
                let event = try records.webhookEvent(id: delivery.eventID)
            else { return (nil, false) }
            guard try Self.mayTell(event, to: user, in: records) else { return (nil, true) }
            return (try self.letter(current, event, webhook, in: records), false)
        }
        // Not even that there was something is told.
        if isForbidden { try await database.transaction { try $0.deleteWebhookDelivery(id: delivery.id) } }
        return letter
    }

    func letter(
        _ delivery: WebhookDeliveryRecord,
        _ event: WebhookEventRecord,
        _ webhook: WebhookRecord,
        in records: Records
    ) throws -> WebhookLetter {
        let body = try event.body(for: webhook, base: publicURL ?? webhook.base, in: records)
        return WebhookLetter(
            webhook: webhook,
            delivery: delivery,
            event: event,
            secret: try secret(of: webhook),
            body: body.encoded()
        )
    }

    private func note(
        _ outcome: WebhookOutcome,
        of delivery: WebhookDeliveryRecord,
        to url: String,
        since start: Timestamp
    ) async throws {
        let now = environment.now()
        let chance = try environment.randomBytes(1).first ?? 0
        try await database.transaction { records in
            guard var webhook = try records.webhook(id: delivery.webhookID),
                var line = try records.webhookDelivery(webhookID: webhook.id, id: delivery.id)
            else { return }
            line.attempts += 1
            line.url = url
            (line.sentAt, line.milliseconds) = (start, max(0, now.microseconds - start.microseconds) / 1_000)
            (line.status, line.answer, line.error) = (outcome.status, outcome.shownAnswer, outcome.error)
            // Silenced meanwhile, it is not tried again.
            if line.state == .pending || outcome.isSuccess {
                line.state = outcome.state(afterTries: line.attempts)
                line.nextAt = now.adding(seconds: outcome.delay(afterTries: line.attempts, chance: chance))
            }
            try records.updateWebhookDelivery(line)
            if outcome.isNobody { try records.postponeWebhookDeliveries(webhookID: webhook.id, until: line.nextAt) }
            webhook.note(outcome, at: now)
            try records.updateWebhook(webhook)
            guard let disabled = webhook.disabled, disabled != .owner else { return }
            try records.dropWebhookDeliveries(webhookID: webhook.id, because: Self.silenced)
            try journal.audit("webhook.disabled", webhook.id, by: .operator, ["reason": disabled.rawValue], in: records)
        }
    }
}
