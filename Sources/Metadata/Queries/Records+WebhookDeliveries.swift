package import Access

extension Records {
    /// Keeps what webhooks tell of an event; one that is kept already stays.
    package func insertWebhookEvent(_ event: WebhookEventRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO webhook_events (id, scope, action, repository_id, namespace_id, visibility, granted, payload,
                created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9) ON CONFLICT (id) DO NOTHING
            """,
            [
                .id(event.id), .text(event.scope), .text(event.action), .id(event.repositoryID),
                .id(event.namespaceID), .name(event.visibility), .text(event.granted), .text(event.payload),
                .time(event.createdAt),
            ]
        )
    }

    /// What is told of an event.
    package func webhookEvent(id: RecordID) throws(MetadataError) -> WebhookEventRecord? {
        let sql = "SELECT * FROM webhook_events WHERE id = $1"
        return try connection.first(sql, [.id(id)]).map(WebhookEventRecord.init(row:))
    }

    /// Adds what is to be sent.
    /// - Throws: `conflict` when there is no such webhook or event.
    package func insertWebhookDelivery(_ delivery: WebhookDeliveryRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO webhook_deliveries (id, webhook_id, event_id, state, attempts, next_at, is_replay, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8)
            """,
            [
                .id(delivery.id), .id(delivery.webhookID), .id(delivery.eventID), .name(delivery.state),
                .integer(delivery.attempts), .time(delivery.nextAt), .flag(delivery.isReplay),
                .time(delivery.createdAt),
            ]
        )
    }

    /// Whether a webhook has an event among what it tells or told.
    package func hasWebhookDelivery(webhookID: RecordID, eventID: RecordID) throws(MetadataError) -> Bool {
        let sql = "SELECT 1 AS there FROM webhook_deliveries WHERE event_id = $1 AND webhook_id = $2 LIMIT 1"
        return try connection.first(sql, [.id(eventID), .id(webhookID)]) != nil
    }

    /// Writes how a try ended, or that there is to be another one.
    /// - Returns: false when the delivery is gone.
    @discardableResult
    package func updateWebhookDelivery(_ delivery: WebhookDeliveryRecord) throws(MetadataError) -> Bool {
        try connection.run(
            """
            UPDATE webhook_deliveries SET state = $2, attempts = $3, next_at = $4, is_replay = $5, url = $6,
                status = $7, error = $8, answer = $9, milliseconds = $10, sent_at = $11
            WHERE id = $1
            """,
            [
                .id(delivery.id), .name(delivery.state), .integer(delivery.attempts), .time(delivery.nextAt),
                .flag(delivery.isReplay), .text(orNull: delivery.url),
                delivery.status.map { .integer($0) } ?? .null, .text(orNull: delivery.error),
                .text(orNull: delivery.answer), delivery.milliseconds.map { .integer($0) } ?? .null,
                .time(delivery.sentAt),
            ]
        ) > 0
    }

    /// A line of a webhook's log.
    package func webhookDelivery(webhookID: RecordID, id: RecordID) throws(MetadataError) -> WebhookDeliveryRecord? {
        let sql = "SELECT * FROM webhook_deliveries WHERE webhook_id = $1 AND id = $2"
        return try connection.first(sql, [.id(webhookID), .id(id)]).map(WebhookDeliveryRecord.init(row:))
    }

    /// A page of a webhook's log, youngest first.
    /// - Parameters:
    ///   - before: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func webhookDeliveries(
        webhookID: RecordID,
        before: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [WebhookDeliveryRecord] {
        try connection.query(
            "SELECT * FROM webhook_deliveries WHERE webhook_id = $1 AND id < $2 ORDER BY id DESC LIMIT $3",
            // Greater than every id, which are hexadecimal digits.
            [.id(webhookID), .text(before?.description ?? "g"), Self.page(limit)]
        ).map(WebhookDeliveryRecord.init(row:))
    }

    /// How much a webhook has still to send, as far as `limit`.
    package func pendingWebhookDeliveries(webhookID: RecordID, upTo limit: Int) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM
                (SELECT 1 AS there FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'pending' LIMIT $2) AS waiting
            """,
            [.id(webhookID), .integer(Int64(limit))]
        )
    }

    /// What a webhook has to send now: what has waited longest first.
    /// - Parameter limit: 1 through `largestPage`; other values are moved into that range.
    package func dueWebhookDeliveries(
        webhookID: RecordID,
        at moment: Timestamp,
        limit: Int
    ) throws(MetadataError) -> [WebhookDeliveryRecord] {
        try connection.query(
            """
            SELECT * FROM webhook_deliveries WHERE webhook_id = $1 AND state = 'pending' AND next_at <= $2
            ORDER BY next_at, id LIMIT $3
            """,
            [.id(webhookID), .time(moment), Self.page(limit)]
        ).map(WebhookDeliveryRecord.init(row:))
    }

    /// When a user's webhooks have something to send; nil for never.
    package func nextWebhookDelivery(userID: RecordID) throws(MetadataError) -> Timestamp? {
        try connection.first(
            """
            SELECT min(d.next_at) AS next_at FROM webhooks w JOIN webhook_deliveries d ON d.webhook_id = w.id
            WHERE w.user_id = $1 AND d.state = 'pending'
            """,
            [.id(userID)]
        )?.optionalTime("next_at")
    }

    /// Lets all that a webhook has to send wait until a moment.
    package func postponeWebhookDeliveries(webhookID: RecordID, until moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            UPDATE webhook_deliveries SET next_at = $2 WHERE webhook_id = $1 AND state = 'pending' AND next_at < $2
            """,
            [.id(webhookID), .time(moment)]
        )
    }

    /// Gives up what a webhook has not sent.
    package func dropWebhookDeliveries(webhookID: RecordID, because reason: String) throws(MetadataError) {
        try connection.run(
            "UPDATE webhook_deliveries SET state = 'dropped', error = $2 WHERE webhook_id = $1 AND state = 'pending'",
            [.id(webhookID), .text(reason)]
        )
    }

    /// Forgets a line of a webhook's log.
    package func deleteWebhookDelivery(id: RecordID) throws(MetadataError) {
        try connection.run("DELETE FROM webhook_deliveries WHERE id = $1", [.id(id)])
    }

    /// Forgets all but the youngest lines of a webhook's log; what is still to be sent stays.
    package func trimWebhookLog(webhookID: RecordID, keeping count: Int) throws(MetadataError) {
        try connection.run(
            """
            DELETE FROM webhook_deliveries WHERE webhook_id = $1 AND state <> 'pending' AND id < (
                SELECT id FROM webhook_deliveries WHERE webhook_id = $1 ORDER BY id DESC LIMIT 1 OFFSET $2)
            """,
            [.id(webhookID), .integer(Int64(max(count - 1, 0)))]
        )
    }

    /// Forgets some events that are older than a moment, with the lines of logs about them, and some that no log has.
    /// - Parameters:
    ///   - moment: for what logs have.
    ///   - unlogged: for what no log has.
    /// - Returns: how many.
    package func forgetWebhookEvents(
        before moment: Timestamp,
        unlogged: Timestamp,
        limit: Int
    ) throws(MetadataError) -> Int {
        try connection.run(
            """
            DELETE FROM webhook_events WHERE id IN (
                SELECT e.id FROM webhook_events e WHERE e.created_at < $1 OR (e.created_at < $2
                    AND NOT EXISTS (SELECT 1 FROM webhook_deliveries d WHERE d.event_id = e.id))
                LIMIT $3)
            """,
            [.time(moment), .time(unlogged), Self.page(limit)]
        )
    }
}
