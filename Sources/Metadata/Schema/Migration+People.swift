extension Migration {
    /// Version 10: what people like, and whom they follow.
    ///
    /// Rows have ids, which rise with time, so that pages of them are walks along an index.
    static func people(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE likes (
                id TEXT NOT NULL PRIMARY KEY,
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                created_at BIGINT NOT NULL,
                UNIQUE (user_id, repository_id)
            )
            """,
            "CREATE INDEX likes_by_repository ON likes (repository_id, id)",
            "CREATE INDEX likes_by_user ON likes (user_id, id)",
            """
            CREATE TABLE follows (
                id TEXT NOT NULL PRIMARY KEY,
                namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                created_at BIGINT NOT NULL,
                UNIQUE (user_id, namespace_id)
            )
            """,
            "CREATE INDEX follows_by_namespace ON follows (namespace_id, id)",
            "CREATE INDEX follows_by_user ON follows (user_id, id)",
        ]
    }
}
