package import Access

/// An event that a webhook tells or told: a line of its log.
package struct WebhookDeliveryRecord: Sendable, Equatable {
    /// How far it has come.
    package enum State: String, Sendable, CaseIterable {
        /// It will be sent, or sent again.
        case pending
        /// The receiver has it.
        case delivered
        /// It was sent as often as things are sent.
        case failed
        /// It will not be sent, because the webhook was disabled.
        case dropped
    }

    /// The id, the same at every try; those of later events are greater.
    package var id: RecordID
    /// The webhook.
    package var webhookID: RecordID
    /// What it tells.
    package var eventID: RecordID
    /// How far it has come.
    package var state: State
    /// How often it was sent.
    package var attempts: Int64
    /// Not before this moment.
    package var nextAt: Timestamp
    /// Whether its owner asked for it to be sent again.
    package var isReplay: Bool
    /// Where it was sent the last time; nil before the first.
    package var url: String?
    /// What the receiver answered the last time; nil for no answer.
    package var status: Int64?
    /// Why it failed the last time, one sentence; nil when it did not.
    package var error: String?
    /// The beginning of the answer's body, as far as it may be shown.
    package var answer: String?
    /// How long the last try took.
    package var milliseconds: Int64?
    /// When it was sent the last time.
    package var sentAt: Timestamp?
    /// When it was asked for.
    package var createdAt: Timestamp

    /// What is to be sent at once.
    package init(id: RecordID, webhookID: RecordID, eventID: RecordID, createdAt: Timestamp) {
        self.id = id
        self.webhookID = webhookID
        self.eventID = eventID
        state = .pending
        attempts = 0
        nextAt = createdAt
        isReplay = false
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        webhookID = try row.id("webhook_id")
        eventID = try row.id("event_id")
        state = try row.named("state")
        attempts = try row.integer("attempts")
        nextAt = try row.time("next_at")
        isReplay = try row.flag("is_replay")
        url = try row.optionalText("url")
        status = try row.optionalInteger("status")
        error = try row.optionalText("error")
        answer = try row.optionalText("answer")
        milliseconds = try row.optionalInteger("milliseconds")
        sentAt = try row.optionalTime("sent_at")
        createdAt = try row.time("created_at")
    }
}
