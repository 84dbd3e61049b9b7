package import Access

/// Where somebody wants to be told what happens, and of what.
package struct WebhookRecord: Sendable, Equatable {
    /// Kinds of news, in the words of Hugging Face's clients.
    package enum Domain: String, Sendable, CaseIterable {
        /// Repositories: their refs, settings and lives.
        case repo
        /// Discussions, pull requests and comments.
        case discussion
    }

    /// How the receiver can tell that it is the hub who calls.
    package enum SecretMode: String, Sendable, CaseIterable {
        /// By the secret itself in a field, as Hugging Face has it.
        case header
        /// By a signature that is made with the secret.
        case signature
        case both
    }

    /// Why it is silent.
    package enum Disabled: String, Sendable, CaseIterable {
        /// Its owner said so.
        case owner
        /// The receiver said that it is gone.
        case gone
        /// Nothing has been received for days.
        case failing
    }

    /// The id.
    package var id: RecordID
    /// Whose it is, and who has to be allowed to see what it tells.
    package var userID: RecordID
    /// Where it calls.
    package var url: String
    /// The base of URLs in what it tells, as its owner called the hub.
    package var base: String
    /// What it tells of.
    package var domains: Set<Domain>
    /// The secret, sealed; nil without one.
    package var sealedSecret: String?
    /// What the secret is used for.
    package var secretMode: SecretMode
    /// Why it is silent; nil while it is not.
    package var disabled: Disabled?
    /// Calls that failed since the last one that did not.
    package var failures: Int64
    /// When the first of them failed.
    package var failingSince: Timestamp?
    /// The day, counted from 1970, of `dayCount`.
    package var day: Int64
    /// What it was to tell on that day.
    package var dayCount: Int64
    /// What was not told because there was too much of it.
    package var dropped: Int64
    /// When it was made.
    package var createdAt: Timestamp

    /// A webhook that has told nothing yet.
    package init(
        id: RecordID,
        userID: RecordID,
        url: String,
        base: String,
        domains: Set<Domain>,
        sealedSecret: String? = nil,
        secretMode: SecretMode = .both,
        createdAt: Timestamp
    ) {
        self.id = id
        self.userID = userID
        self.url = url
        self.base = base
        self.domains = domains
        self.sealedSecret = sealedSecret
        self.secretMode = secretMode
        (failures, day, dayCount, dropped) = (0, 0, 0, 0)
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        userID = try row.id("user_id")
        url = try row.text("url")
        base = try row.text("base")
        domains = []
        if try row.flag("tells_repositories") { domains.insert(.repo) }
        if try row.flag("tells_discussions") { domains.insert(.discussion) }
        sealedSecret = try row.optionalText("sealed_secret")
        secretMode = try row.named("secret_mode")
        disabled = try row.optionallyNamed("disabled")
        failures = try row.integer("failures")
        failingSince = try row.optionalTime("failing_since")
        day = try row.integer("day")
        dayCount = try row.integer("day_count")
        dropped = try row.integer("dropped")
        createdAt = try row.time("created_at")
    }
}

/// What a webhook watches.
package struct WebhookWatchRecord: Sendable, Equatable {
    /// "user", "org", or a type of repository.
    package var type: String
    /// Its name when it was chosen.
    package var name: String
    /// The namespace or the repository.
    package var targetID: RecordID

    /// A watch from its parts.
    package init(type: String, name: String, targetID: RecordID) {
        self.type = type
        self.name = name
        self.targetID = targetID
    }

    init(row: SQLRow) throws(MetadataError) {
        type = try row.text("type")
        name = try row.text("name")
        targetID = try row.id("target_id")
    }
}

/// What happened in a repository, as webhooks tell it, and who may know when the repository is gone.
package struct WebhookEventRecord: Sendable, Equatable {
    /// The id of the event in the journal.
    package var id: RecordID
    /// Where in a repository: "repo", "repo.content", "repo.config", "discussion", "discussion.comment".
    package var scope: String
    /// "create", "update", "move" or "delete".
    package var action: String
    /// The repository.
    package var repositoryID: RecordID
    /// Its namespace at that time.
    package var namespaceID: RecordID
    /// Who could see it at that time.
    package var visibility: Visibility
    /// Ids of users with grants in it when it was deleted, with spaces between them.
    package var granted: String
    /// JSON of what is told: URLs begin with a slash, texts of comments are left out.
    package var payload: String
    /// When it happened.
    package var createdAt: Timestamp

    /// An event from its parts.
    package init(
        id: RecordID,
        scope: String,
        action: String,
        repositoryID: RecordID,
        namespaceID: RecordID,
        visibility: Visibility,
        granted: String,
        payload: String,
        createdAt: Timestamp
    ) {
        self.id = id
        self.scope = scope
        self.action = action
        self.repositoryID = repositoryID
        self.namespaceID = namespaceID
        self.visibility = visibility
        self.granted = granted
        self.payload = payload
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        scope = try row.text("scope")
        action = try row.text("action")
        repositoryID = try row.id("repository_id")
        namespaceID = try row.id("namespace_id")
        visibility = try row.named("visibility")
        granted = try row.text("granted")
        payload = try row.text("payload")
        createdAt = try row.time("created_at")
    }
}
