package import Access

/// Something that happened in a discussion.
package struct DiscussionEventRecord: Sendable, Equatable {
    /// What it was, in the words of Hugging Face's clients.
    package enum Kind: String, Sendable, CaseIterable {
        case comment
        case statusChange = "status-change"
        case titleChange = "title-change"
        case commit
    }

    /// The id.
    package var id: RecordID
    /// The discussion.
    package var discussionID: RecordID
    /// The place among the discussion's events, from 1.
    package var position: Int64
    /// Who did it; nil when the account is gone.
    package var authorID: RecordID?
    /// The author's name; nil when the account is gone.
    package var authorName: String?
    /// What it was.
    package var kind: Kind
    /// The comment, the new status, the new title, or the subject of the commit.
    package var content: String
    /// The former title, or the commit's oid; nil for comments and statuses.
    package var detail: String?
    /// Whether the comment was taken away; its texts are gone then.
    package var isHidden: Bool
    /// How often the comment was changed.
    package var edits: Int64
    /// Who wrote what the comment says now; nil when the account is gone.
    package var editorName: String?
    /// When the comment got what it says now.
    package var updatedAt: Timestamp
    /// When it happened.
    package var createdAt: Timestamp

    /// An event as it happens.
    package init(
        id: RecordID,
        discussionID: RecordID,
        position: Int64,
        authorID: RecordID?,
        authorName: String?,
        kind: Kind,
        content: String,
        detail: String? = nil,
        createdAt: Timestamp
    ) {
        self.id = id
        self.discussionID = discussionID
        self.position = position
        self.authorID = authorID
        self.authorName = authorName
        self.kind = kind
        self.content = content
        self.detail = detail
        isHidden = false
        edits = 0
        editorName = authorName
        updatedAt = createdAt
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        discussionID = try row.id("discussion_id")
        position = try row.integer("position")
        authorID = try row.optionalID("author_id")
        authorName = try row.optionalText("author_name")
        kind = try row.named("kind")
        content = try row.text("content")
        detail = try row.optionalText("detail")
        isHidden = try row.flag("is_hidden")
        edits = try row.integer("edits")
        editorName = try row.optionalText("editor_name")
        updatedAt = try row.time("updated_at")
        createdAt = try row.time("created_at")
    }
}

/// What a comment said before it was changed.
package struct DiscussionEditRecord: Sendable, Equatable {
    /// The comment.
    package var eventID: RecordID
    /// Who had written it; nil when the account is gone.
    package var authorName: String?
    /// The text.
    package var content: String
    /// When it was written.
    package var writtenAt: Timestamp

    init(row: SQLRow) throws(MetadataError) {
        eventID = try row.id("event_id")
        authorName = try row.optionalText("author_name")
        content = try row.text("content")
        writtenAt = try row.time("written_at")
    }
}
