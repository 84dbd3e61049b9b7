package import Access

/// Something that happened, written in the transaction that made it happen: the outbox for jobs and webhooks.
package struct EventRecord: Sendable, Equatable {
    /// The id; later events have greater ids.
    package var id: RecordID
    /// What happened: `repository.created`, `refs.updated`.
    package var kind: String
    /// The repository it happened to, which may be gone by now; nil for events of the hub.
    package var repositoryID: RecordID?
    /// Who did it: a user's name, or the word for the operator.
    package var actor: String
    /// JSON text, whose shape depends on the kind.
    package var payload: String
    /// When it happened.
    package var createdAt: Timestamp

    /// An event from its parts.
    package init(
        id: RecordID,
        kind: String,
        repositoryID: RecordID? = nil,
        actor: String,
        payload: String = "{}",
        createdAt: Timestamp
    ) {
        self.id = id
        self.kind = kind
        self.repositoryID = repositoryID
        self.actor = actor
        self.payload = payload
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        kind = try row.text("kind")
        repositoryID = try row.optionalID("repository_id")
        actor = try row.text("actor")
        payload = try row.text("payload")
        createdAt = try row.time("created_at")
    }
}

/// A line of the audit log: who changed what, from where.
///
/// It outlives what it speaks of, and holds no credentials.
package struct AuditRecord: Sendable, Equatable {
    /// The id; later lines have greater ids.
    package var id: RecordID
    /// Who did it: a user's name, or the word for the operator.
    package var actor: String
    /// The user's id; nil for the operator.
    package var actorID: RecordID?
    /// What was done: `token.created`, `repository.deleted`.
    package var action: String
    /// What it was done to, in words: `model/ada/tiny`.
    package var subject: String
    /// The network address of the client; nil at the command line.
    package var address: String?
    /// The request it belongs to, as in the log; nil at the command line.
    package var requestID: String?
    /// JSON text with particulars.
    package var details: String
    /// When it was done.
    package var createdAt: Timestamp

    /// A line from its parts.
    package init(
        id: RecordID,
        actor: String,
        actorID: RecordID? = nil,
        action: String,
        subject: String,
        address: String? = nil,
        requestID: String? = nil,
        details: String = "{}",
        createdAt: Timestamp
    ) {
        self.id = id
        self.actor = actor
        self.actorID = actorID
        self.action = action
        self.subject = subject
        self.address = address
        self.requestID = requestID
        self.details = details
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        actor = try row.text("actor")
        actorID = try row.optionalID("actor_id")
        action = try row.text("action")
        subject = try row.text("subject")
        address = try row.optionalText("address")
        requestID = try row.optionalText("request_id")
        details = try row.text("details")
        createdAt = try row.time("created_at")
    }
}
