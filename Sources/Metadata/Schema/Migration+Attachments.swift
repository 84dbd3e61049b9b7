extension Migration {
    /// Version 13: pictures and the like that people attach to what they write.
    ///
    /// The bytes are objects like those of large files, so their garbage collection asks here, too. What was attached stays
    /// in a discussion when the account goes.
    static func attachments(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE attachments (
                id TEXT NOT NULL PRIMARY KEY,
                user_id TEXT REFERENCES users (id) ON DELETE SET NULL,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                media_type TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX attachments_by_user ON attachments (user_id)",
            "CREATE INDEX attachments_by_oid ON attachments (oid)",
        ]
    }
}
