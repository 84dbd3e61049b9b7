extension Migration {
    /// Version 2: SSH keys of repositories and organisations beside those of users.
    ///
    /// SQLite cannot take a NOT NULL away, so the table is made anew and takes the old one's name.
    static func keyOwners(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE owned_ssh_keys (
                id TEXT NOT NULL PRIMARY KEY,
                user_id TEXT REFERENCES users (id) ON DELETE CASCADE,
                repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
                organization_id TEXT REFERENCES namespaces (id) ON DELETE CASCADE,
                role TEXT CHECK (role IN ('read', 'write')),
                title TEXT NOT NULL,
                algorithm TEXT NOT NULL,
                public_key TEXT NOT NULL,
                fingerprint TEXT NOT NULL UNIQUE,
                created_at BIGINT NOT NULL,
                last_used_at BIGINT,
                CHECK (
                    (user_id IS NOT NULL AND repository_id IS NULL AND organization_id IS NULL AND role IS NULL)
                    OR (user_id IS NULL AND repository_id IS NOT NULL AND organization_id IS NULL AND role IS NOT NULL)
                    OR (user_id IS NULL AND repository_id IS NULL AND organization_id IS NOT NULL AND role IS NOT NULL)
                )
            )
            """,
            """
            INSERT INTO owned_ssh_keys (id, user_id, title, algorithm, public_key, fingerprint, created_at, last_used_at)
            SELECT id, user_id, title, algorithm, public_key, fingerprint, created_at, last_used_at FROM ssh_keys
            """,
            "DROP TABLE ssh_keys",
            "ALTER TABLE owned_ssh_keys RENAME TO ssh_keys",
            "CREATE INDEX ssh_keys_by_user ON ssh_keys (user_id, id)",
            "CREATE INDEX ssh_keys_by_repository ON ssh_keys (repository_id, id)",
            "CREATE INDEX ssh_keys_by_organization ON ssh_keys (organization_id, id)",
        ]
    }
}
