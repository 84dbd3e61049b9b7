package import Access

extension Records {
    /// Adds an event of a discussion.
    /// - Throws: `conflict` when its position is taken, or when there is no such discussion or author.
    package func insertDiscussionEvent(_ event: DiscussionEventRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO discussion_events (id, discussion_id, position, author_id, kind, content, detail, is_hidden,
                edits, editor_id, updated_at, created_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, 0, 0, $4, $8, $8)
            """,
            [
                .id(event.id), .id(event.discussionID), .integer(event.position), .id(event.authorID),
                .name(event.kind), .text(event.content), .text(orNull: event.detail), .time(event.createdAt),
            ]
        )
    }

    /// An event of a discussion by its id.
    package func discussionEvent(discussionID: RecordID, id: RecordID) throws(MetadataError) -> DiscussionEventRecord? {
        try connection.first(
            "\(Self.discussionEventSelection) WHERE e.discussion_id = $1 AND e.id = $2",
            [.id(discussionID), .id(id)]
        ).map(DiscussionEventRecord.init(row:))
    }

    /// All events of a discussion in their order; how many there may be is for the use case to bound.
    package func discussionEvents(discussionID: RecordID) throws(MetadataError) -> [DiscussionEventRecord] {
        try connection.query(
            "\(Self.discussionEventSelection) WHERE e.discussion_id = $1 ORDER BY e.position",
            [.id(discussionID)]
        ).map(DiscussionEventRecord.init(row:))
    }

    /// What comments of a discussion said before, oldest first.
    /// - Parameter eventID: only of this comment; nil for all.
    package func discussionEdits(
        discussionID: RecordID,
        eventID: RecordID? = nil
    ) throws(MetadataError) -> [DiscussionEditRecord] {
        let condition = eventID == nil ? "" : "AND v.event_id = $2"
        return try connection.query(
            """
            SELECT v.event_id, v.content, v.written_at, n.name AS author_name
            FROM discussion_events e JOIN discussion_edits v ON v.event_id = e.id
                LEFT JOIN namespaces n ON n.id = v.author_id
            WHERE e.discussion_id = $1 \(condition) ORDER BY e.position, v.edit
            """,
            [.id(discussionID)] + (eventID.map { [.id($0)] } ?? [])
        ).map(DiscussionEditRecord.init(row:))
    }

    /// Gives a comment another text; the former one is kept as an edit.
    /// - Throws: `notFound` when there is no such comment, or it is hidden.
    package func editComment(
        id: RecordID,
        content: String,
        editorID: RecordID,
        at moment: Timestamp
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO discussion_edits (event_id, edit, author_id, content, written_at)
            SELECT id, edits + 1, editor_id, content, updated_at FROM discussion_events WHERE id = $1
            """,
            [.id(id)]
        )
        try change(
            """
            UPDATE discussion_events SET content = $2, editor_id = $3, updated_at = $4, edits = edits + 1
            WHERE id = $1 AND kind = 'comment' AND is_hidden = 0
            """,
            [.id(id), .text(content), .id(editorID), .time(moment)]
        )
    }

    /// Takes a comment away: its texts, present and former, are gone.
    /// - Throws: `notFound` when there is no such comment.
    package func hideComment(id: RecordID, editorID: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run("DELETE FROM discussion_edits WHERE event_id = $1", [.id(id)])
        try change(
            """
            UPDATE discussion_events SET content = '', is_hidden = 1, edits = 0, editor_id = $2, updated_at = $3
            WHERE id = $1 AND kind = 'comment'
            """,
            [.id(id), .id(editorID), .time(moment)]
        )
    }

    private static let discussionEventSelection = """
        SELECT e.id, e.discussion_id, e.position, e.author_id, n.name AS author_name, e.kind, e.content, e.detail,
            e.is_hidden, e.edits, m.name AS editor_name, e.updated_at, e.created_at
        FROM discussion_events e LEFT JOIN namespaces n ON n.id = e.author_id
            LEFT JOIN namespaces m ON m.id = e.editor_id
        """
}
