extension Migration {
    /// Version 4: gates before repositories' files, who asked to be let in, and closed repositories.
    static func gates(for kind: SQLDriverKind) -> [String] {
        [
            "ALTER TABLE repositories ADD COLUMN gate TEXT NOT NULL DEFAULT 'open'",
            "ALTER TABLE repositories ADD COLUMN is_disabled BIGINT NOT NULL DEFAULT 0",
            """
            CREATE TABLE access_requests (
                id TEXT NOT NULL PRIMARY KEY,
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                status TEXT NOT NULL CHECK (status IN ('pending', 'accepted', 'rejected')),
                fields TEXT NOT NULL,
                reason TEXT,
                asked_at BIGINT NOT NULL,
                decided_at BIGINT,
                UNIQUE (repository_id, user_id)
            )
            """,
            "CREATE INDEX access_requests_by_status ON access_requests (repository_id, status, id)",
            "CREATE INDEX access_requests_by_user ON access_requests (user_id)",
        ]
    }
}
