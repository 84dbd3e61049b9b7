package import Access
package import JSON
package import Metadata

extension Webhooks {
    /// A line of a webhook's log.
    package struct Delivery: Sendable, Equatable {
        package let record: WebhookDeliveryRecord
        package let event: WebhookEventRecord
    }

    /// A line of a webhook's log with what was sent.
    package struct DeliveryDetails: Sendable, Equatable {
        package let delivery: Delivery
        /// The fields, without secrets.
        package let fields: [JSONValue.Member]
        /// The body, as it would be sent now.
        package let body: JSONValue
    }

    /// A page of a webhook's log, youngest first; lines about what its owner may not see any more are left out.
    ///
    /// - Parameter before: the id of the last line of the page before; nil for the first page.
    /// - Returns: the lines, and where the next page begins; nil for the last page.
    package func deliveries(
        of id: String,
        before: RecordID?,
        limit: Int,
        by actor: Actor
    ) async throws -> (lines: [Delivery], next: RecordID?) {
        let owner = try Self.owner(actor)
        return try await database.read { records in
            let webhook = try webhook(id, of: owner, in: records)
            guard let user = try records.user(id: owner) else { throw HubError.badCredentials }
            let page = try records.webhookDeliveries(webhookID: webhook.id, before: before, limit: limit)
            let lines = try page.compactMap { try shown($0, to: user, in: records) }
            return (lines, page.count == limit ? page.last?.id : nil)
        }
    }

    /// A line of a webhook's log with what was sent.
    package func delivery(_ line: String, of id: String, by actor: Actor) async throws -> DeliveryDetails {
        let owner = try Self.owner(actor)
        return try await database.read { records in
            let webhook = try webhook(id, of: owner, in: records)
            let found = try delivery(line, webhook, in: records)
            let letter = try letter(found.record, found.event, webhook, in: records)
            return DeliveryDetails(
                delivery: found,
                fields: letter.shownFields.map { JSONValue.Member($0.name, .string($0.value)) },
                body: try found.event.body(for: webhook, base: publicURL ?? webhook.base, in: records)
            )
        }
    }

    /// Sends something again, to where the webhook calls now.
    ///
    /// - Throws: `HubError.conflict` when the webhook is disabled, or has too much to send.
    package func replay(_ line: String, of id: String, by actor: Actor) async throws -> Delivery {
        let owner = try Self.owner(actor)
        let now = environment.now()
        return try await database.transaction { records in
            let webhook = try webhook(id, of: owner, in: records)
            var (record, event) = try { ($0.record, $0.event) }(delivery(line, webhook, in: records))
            guard webhook.disabled == nil else {
                throw HubError(.conflict, "The webhook is disabled. Enable it first.")
            }
            let pending = try records.pendingWebhookDeliveries(webhookID: webhook.id, upTo: WebhookLimits.pending)
            guard pending < WebhookLimits.pending else {
                throw HubError(.conflict, "The webhook has too much to send already.")
            }
            (record.state, record.attempts, record.nextAt, record.isReplay) = (.pending, 0, now, true)
            try records.updateWebhookDelivery(record)
            try requestSending(of: owner, at: now, in: records)
            return Delivery(record: record, event: event)
        }
    }

    private func delivery(_ line: String, _ webhook: WebhookRecord, in records: Records) throws -> Delivery {
        guard let user = try records.user(id: webhook.userID) else { throw HubError.badCredentials }
        let found = try RecordID(line).flatMap { try records.webhookDelivery(webhookID: webhook.id, id: $0) }
        guard let delivery = try found.flatMap({ try shown($0, to: user, in: records) }) else {
            throw HubError(.notFound, "There is no such delivery.")
        }
        return delivery
    }

    private func shown(
        _ record: WebhookDeliveryRecord,
        to user: UserRecord,
        in records: Records
    ) throws -> Delivery? {
        guard let event = try records.webhookEvent(id: record.eventID),
            try Self.mayTell(event, to: user, in: records)
        else { return nil }
        return Delivery(record: record, event: event)
    }
}
