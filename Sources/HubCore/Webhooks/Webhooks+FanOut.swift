import Access
import Metadata

extension Webhooks {
    /// Finds out who is told of an event, and puts it in their queues.
    ///
    /// One at a time, so that events come into the queues in the order in which they happened.
    var fanningOut: JobKind {
        JobKind(Self.eventJob, concurrency: 1, maximumAttempts: 20, seconds: 300) { job in
            guard let id = RecordID(job.key), let scene = WebhookScene(job.payload) else { return }
            try await fanOut(id, scene)
        }
    }

    private static let pageSize = 100

    private func fanOut(_ id: RecordID, _ scene: WebhookScene) async throws {
        let found = try await database.read { records -> (WebhookEventRecord, WebhookNews)? in
            guard let event = try records.event(id: id), let news = WebhookNews(kind: event.kind) else { return nil }
            let payload = WebhookPayload(event: event, news: news, scene: scene, records: records)
            return try payload.record().map { ($0, news) }
        }
        guard let (event, news) = found else { return }
        var after: RecordID?
        repeat {
            let page = try await database.read { [after] records in
                try records.webhooks(watching: scene.targets, news.domain, after: after, limit: Self.pageSize)
            }
            after = page.count == Self.pageSize ? page.last?.id : nil
            try await queue(event, for: page.map(\.id))
            try Task.checkCancellation()
        } while after != nil
    }

    private func queue(_ event: WebhookEventRecord, for webhooks: [RecordID]) async throws {
        guard !webhooks.isEmpty else { return }
        let now = environment.now()
        try await database.transaction { records in
            var owners: Set<RecordID> = []
            var isKept = false
            for id in webhooks {
                // What happened before it was made is not its business.
                guard var webhook = try records.webhook(id: id), webhook.disabled == nil,
                    webhook.createdAt <= event.createdAt,
                    let user = try records.user(id: webhook.userID), try Self.mayTell(event, to: user, in: records),
                    try !records.hasWebhookDelivery(webhookID: id, eventID: event.id)
                else { continue }
                guard try hasRoom(&webhook, at: now, in: records) else { continue }
                if !isKept { try records.insertWebhookEvent(event) }
                isKept = true
                let delivery = WebhookDeliveryRecord(
                    id: try environment.newID(),
                    webhookID: id,
                    eventID: event.id,
                    createdAt: now
                )
                try records.insertWebhookDelivery(delivery)
                owners.insert(webhook.userID)
            }
            for owner in owners { try requestSending(of: owner, at: now, in: records) }
        }
    }

    /// Counts what a webhook is to tell; false when it has too much to tell already.
    private func hasRoom(_ webhook: inout WebhookRecord, at now: Timestamp, in records: Records) throws -> Bool {
        let day = now.seconds / 86_400
        if webhook.day != day { (webhook.day, webhook.dayCount) = (day, 0) }
        webhook.dayCount += 1
        let pending = try records.pendingWebhookDeliveries(webhookID: webhook.id, upTo: WebhookLimits.pending)
        let hasRoom = webhook.dayCount <= WebhookLimits.perDay && pending < WebhookLimits.pending
        if !hasRoom { webhook.dropped += 1 }
        try records.updateWebhook(webhook)
        return hasRoom
    }

    /// Has an account's queue looked at.
    func requestSending(of owner: RecordID, at moment: Timestamp, in records: Records) throws {
        let job = JobRequest(kind: Self.sendingJob, key: owner.text, at: moment)
        try records.enqueue(job, id: try environment.newID(), at: environment.now())
    }

    /// Forgets old lines of logs.
    var forgetting: JobKind {
        JobKind("webhook.forget", concurrency: 1, every: 3_600) { _ in
            let now = environment.now()
            let old = now.adding(seconds: -WebhookLimits.loggedDays * 86_400)
            let recent = now.adding(seconds: -3_600)
            var count = 0
            repeat {
                count = try await database.transaction {
                    try $0.forgetWebhookEvents(before: old, unlogged: recent, limit: Self.pageSize)
                }
            } while count == Self.pageSize
        }
    }
}
