package import Access

extension Records {
    /// Adds a webhook.
    /// - Throws: `conflict` when there is no such user.
    package func insertWebhook(_ webhook: WebhookRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO webhooks (id, user_id, url, base, tells_repositories, tells_discussions, sealed_secret,
                secret_mode, disabled, failures, failing_since, day, day_count, dropped, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
            """,
            [.id(webhook.id), .id(webhook.userID)] + Self.settings(webhook) + Self.health(webhook)
                + [.time(webhook.createdAt)]
        )
    }

    /// Writes what may change in a webhook.
    /// - Throws: `notFound` when there is no such webhook.
    package func updateWebhook(_ webhook: WebhookRecord) throws(MetadataError) {
        try change(
            """
            UPDATE webhooks SET url = $2, base = $3, tells_repositories = $4, tells_discussions = $5,
                sealed_secret = $6, secret_mode = $7, disabled = $8, failures = $9, failing_since = $10, day = $11,
                day_count = $12, dropped = $13
            WHERE id = $1
            """,
            [.id(webhook.id)] + Self.settings(webhook) + Self.health(webhook)
        )
    }

    private static func settings(_ webhook: WebhookRecord) -> [SQLValue] {
        [
            .text(webhook.url), .text(webhook.base), .flag(webhook.domains.contains(.repo)),
            .flag(webhook.domains.contains(.discussion)), .text(orNull: webhook.sealedSecret),
            .name(webhook.secretMode),
        ]
    }

    private static func health(_ webhook: WebhookRecord) -> [SQLValue] {
        [
            .name(webhook.disabled), .integer(webhook.failures), .time(webhook.failingSince), .integer(webhook.day),
            .integer(webhook.dayCount), .integer(webhook.dropped),
        ]
    }

    /// Removes a webhook with its log.
    /// - Throws: `notFound` when there is no such webhook.
    package func deleteWebhook(id: RecordID) throws(MetadataError) {
        try change("DELETE FROM webhooks WHERE id = $1", [.id(id)])
    }

    /// The webhook with an id.
    package func webhook(id: RecordID) throws(MetadataError) -> WebhookRecord? {
        try connection.first("SELECT * FROM webhooks WHERE id = $1", [.id(id)]).map(WebhookRecord.init(row:))
    }

    /// A user's webhooks, oldest first: at most `largestPage`.
    package func webhooks(userID: RecordID) throws(MetadataError) -> [WebhookRecord] {
        let sql = "SELECT * FROM webhooks WHERE user_id = $1 ORDER BY id LIMIT $2"
        return try connection.query(sql, [.id(userID), Self.page(Self.largestPage)]).map(WebhookRecord.init(row:))
    }

    /// Replaces what a webhook watches.
    package func setWebhookWatches(webhookID: RecordID, _ watches: [WebhookWatchRecord]) throws(MetadataError) {
        try connection.run("DELETE FROM webhook_watches WHERE webhook_id = $1", [.id(webhookID)])
        for (position, watch) in watches.enumerated() {
            try connection.run(
                """
                INSERT INTO webhook_watches (webhook_id, position, type, name, target_id) VALUES ($1, $2, $3, $4, $5)
                """,
                [
                    .id(webhookID), .integer(Int64(position)), .text(watch.type), .text(watch.name),
                    .id(watch.targetID),
                ]
            )
        }
    }

    /// What a webhook watches, in the order in which it was chosen.
    package func webhookWatches(webhookID: RecordID) throws(MetadataError) -> [WebhookWatchRecord] {
        let sql = "SELECT type, name, target_id FROM webhook_watches WHERE webhook_id = $1 ORDER BY position"
        return try connection.query(sql, [.id(webhookID)]).map(WebhookWatchRecord.init(row:))
    }

    /// Whether any webhook watches one of these; asked in the transaction of every event, so one look into an index.
    /// - Parameter targets: 1 through 3 ids.
    package func isWatched(_ targets: [RecordID]) throws(MetadataError) -> Bool {
        let sql = "SELECT 1 AS there FROM webhook_watches WHERE target_id IN ($1, $2, $3) LIMIT 1"
        return try connection.first(sql, Self.three(targets)) != nil
    }

    /// A page of the webhooks that watch one of these and tell of a domain, in the order of their ids.
    /// - Parameters:
    ///   - targets: 1 through 3 ids.
    ///   - after: the last id of the page before; nil for the first page.
    package func webhooks(
        watching targets: [RecordID],
        _ domain: WebhookRecord.Domain,
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [WebhookRecord] {
        let column = domain == .repo ? "tells_repositories" : "tells_discussions"
        return try connection.query(
            """
            SELECT * FROM webhooks
            WHERE id IN (SELECT webhook_id FROM webhook_watches WHERE target_id IN ($1, $2, $3) AND webhook_id > $4)
                AND disabled IS NULL AND \(column) = 1
            ORDER BY id LIMIT $5
            """,
            Self.three(targets) + [.text(after?.description ?? ""), Self.page(limit)]
        ).map(WebhookRecord.init(row:))
    }

    private static func three(_ ids: [RecordID]) -> [SQLValue] {
        let values = ids.prefix(3).map { SQLValue.id($0) }
        return values + Array(repeating: values.first ?? .text(""), count: 3 - values.count)
    }
}
