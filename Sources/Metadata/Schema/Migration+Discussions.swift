extension Migration {
    /// Version 7: discussions and pull requests, what happened in them, and what their comments said before.
    ///
    /// The counter in the repository's row gives numbers: whoever takes one holds the row until the end of the transaction.
    static func discussions(for kind: SQLDriverKind) -> [String] {
        ["ALTER TABLE repositories ADD COLUMN last_discussion BIGINT NOT NULL DEFAULT 0"] + discussionTables
    }

    private static let discussionTables = [
        """
        CREATE TABLE discussions (
            id TEXT NOT NULL PRIMARY KEY,
            repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
            num BIGINT NOT NULL,
            author_id TEXT REFERENCES users (id) ON DELETE SET NULL,
            title TEXT NOT NULL,
            status TEXT NOT NULL CHECK (status IN ('draft', 'open', 'closed', 'merged')),
            is_pull_request BIGINT NOT NULL,
            base_ref TEXT,
            merge_base TEXT,
            merge_commit TEXT,
            event_count BIGINT NOT NULL,
            text_bytes BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            UNIQUE (repository_id, num)
        )
        """,
        "CREATE INDEX discussions_by_author ON discussions (author_id, repository_id)",
        """
        CREATE TABLE discussion_events (
            id TEXT NOT NULL PRIMARY KEY,
            discussion_id TEXT NOT NULL REFERENCES discussions (id) ON DELETE CASCADE,
            position BIGINT NOT NULL,
            author_id TEXT REFERENCES users (id) ON DELETE SET NULL,
            kind TEXT NOT NULL CHECK (kind IN ('comment', 'status-change', 'title-change', 'commit')),
            content TEXT NOT NULL,
            detail TEXT,
            is_hidden BIGINT NOT NULL,
            edits BIGINT NOT NULL,
            editor_id TEXT REFERENCES users (id) ON DELETE SET NULL,
            updated_at BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            UNIQUE (discussion_id, position)
        )
        """,
        "CREATE INDEX discussion_events_by_author ON discussion_events (author_id)",
        "CREATE INDEX discussion_events_by_editor ON discussion_events (editor_id)",
        """
        CREATE TABLE discussion_edits (
            event_id TEXT NOT NULL REFERENCES discussion_events (id) ON DELETE CASCADE,
            edit BIGINT NOT NULL,
            author_id TEXT REFERENCES users (id) ON DELETE SET NULL,
            content TEXT NOT NULL,
            written_at BIGINT NOT NULL,
            PRIMARY KEY (event_id, edit)
        )
        """,
        "CREATE INDEX discussion_edits_by_author ON discussion_edits (author_id)",
    ]
}
