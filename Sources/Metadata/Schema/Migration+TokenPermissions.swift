extension Migration {
    /// Version 8: what fine-grained tokens may do.
    ///
    /// An entry without namespace and repository is about the whole hub. So a token says itself that it is fine-grained:
    /// one that has lost its entries, with the repositories that they were about, may do nothing.
    static func tokenPermissions(for kind: SQLDriverKind) -> [String] {
        [
            "ALTER TABLE access_tokens ADD COLUMN is_fine_grained BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE access_tokens ADD COLUMN manages_account BIGINT NOT NULL DEFAULT 0",
            "ALTER TABLE access_tokens ADD COLUMN administers_hub BIGINT NOT NULL DEFAULT 0",
            """
            CREATE TABLE token_permissions (
                token_id TEXT NOT NULL REFERENCES access_tokens (id) ON DELETE CASCADE,
                position BIGINT NOT NULL,
                namespace_id TEXT REFERENCES namespaces (id) ON DELETE CASCADE,
                repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
                role TEXT,
                participates BIGINT NOT NULL,
                PRIMARY KEY (token_id, position)
            )
            """,
            "CREATE INDEX token_permissions_by_namespace ON token_permissions (namespace_id)",
            "CREATE INDEX token_permissions_by_repository ON token_permissions (repository_id)",
        ]
    }
}
