package import Access

/// Somebody in a list of people.
package struct PersonRecord: Sendable, Equatable {
    /// What the next page begins after.
    package let cursor: String
    /// The account's name.
    package let name: String
    /// The name shown to people.
    package let fullName: String?

    init(row: SQLRow) throws(MetadataError) {
        cursor = try row.text("cursor")
        name = try row.text("name")
        fullName = try row.optionalText("full_name")
    }
}

/// A repository that a user likes.
package struct LikeRecord: Sendable, Equatable {
    /// The id of the like; ids rise with time.
    package let id: RecordID
    /// What is liked.
    package let repositoryID: RecordID
    /// Since when.
    package let createdAt: Timestamp

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        repositoryID = try row.id("repository_id")
        createdAt = try row.time("created_at")
    }
}
