package import Access

/// That a user asked to be let through a repository's gate, and what became of it.
package struct AccessRequestRecord: Sendable, Equatable {
    /// What became of it.
    package enum Status: String, Sendable, CaseIterable {
        case pending, accepted, rejected
    }

    /// The id.
    package var id: RecordID
    /// The repository.
    package var repositoryID: RecordID
    /// Who asked.
    package var userID: RecordID
    /// The user's name.
    package var userName: String
    /// The name shown to people.
    package var fullName: String?
    /// The user's address.
    package var email: String?
    /// What became of it.
    package var status: Status
    /// JSON text of what the user filled in.
    package var fields: String
    /// Why it was rejected, in the words of who did.
    package var reason: String?
    /// When the user asked.
    package var askedAt: Timestamp
    /// When it was decided; nil while it was not.
    package var decidedAt: Timestamp?

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        repositoryID = try row.id("repository_id")
        userID = try row.id("user_id")
        userName = try row.text("user_name")
        fullName = try row.optionalText("full_name")
        email = try row.optionalText("email")
        status = try row.named("status")
        fields = try row.text("fields")
        reason = try row.optionalText("reason")
        askedAt = try row.time("asked_at")
        decidedAt = try row.optionalTime("decided_at")
    }
}
