extension Migration {
    /// Version 1: accounts, credentials, repositories, refs, permissions, events.
    ///
    /// Columns are TEXT or BIGINT only: ids are 32 and oids 40 lower-case hexadecimal digits, times are microseconds,
    /// truth values are 0 and 1. Names are compared by bytes: that is SQLite's BINARY, its default; a PostgreSQL
    /// database has to be created with the collation "C" (its driver checks that when it opens).
    static func foundation(for kind: SQLDriverKind) -> [String] {
        accounts + repositories + credentials + refs(for: kind) + journals
    }

    private static let accounts = [
        """
        CREATE TABLE namespaces (
            id TEXT NOT NULL PRIMARY KEY,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL UNIQUE,
            kind TEXT NOT NULL CHECK (kind IN ('user', 'organization')),
            created_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE users (
            id TEXT NOT NULL PRIMARY KEY REFERENCES namespaces (id) ON DELETE CASCADE,
            email TEXT,
            full_name TEXT,
            is_admin BIGINT NOT NULL,
            is_disabled BIGINT NOT NULL,
            password_hash TEXT
        )
        """,
        """
        CREATE TABLE memberships (
            organization_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            role TEXT NOT NULL,
            PRIMARY KEY (organization_id, user_id)
        )
        """,
        "CREATE INDEX memberships_by_user ON memberships (user_id)",
    ]

    /// A namespace cannot go while repositories are in it, because their directories would stay.
    private static let repositories = [
        """
        CREATE TABLE repositories (
            id TEXT NOT NULL PRIMARY KEY,
            namespace_id TEXT NOT NULL REFERENCES namespaces (id),
            type TEXT NOT NULL,
            name TEXT NOT NULL,
            folded_name TEXT NOT NULL,
            visibility TEXT NOT NULL CHECK (visibility IN ('public', 'private')),
            head_target TEXT NOT NULL,
            generation BIGINT NOT NULL,
            deny_non_fast_forward BIGINT NOT NULL,
            deny_deletes BIGINT NOT NULL,
            every_object_reachable BIGINT NOT NULL,
            created_at BIGINT NOT NULL,
            updated_at BIGINT NOT NULL,
            UNIQUE (namespace_id, type, folded_name)
        )
        """,
        "CREATE INDEX repositories_by_namespace ON repositories (namespace_id, id)",
        "CREATE INDEX repositories_by_type ON repositories (type, id)",
        """
        CREATE TABLE repository_redirects (
            namespace_id TEXT NOT NULL REFERENCES namespaces (id) ON DELETE CASCADE,
            type TEXT NOT NULL,
            folded_name TEXT NOT NULL,
            repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
            created_at BIGINT NOT NULL,
            PRIMARY KEY (namespace_id, type, folded_name)
        )
        """,
        "CREATE INDEX repository_redirects_by_repository ON repository_redirects (repository_id)",
        """
        CREATE TABLE repository_grants (
            repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            role TEXT NOT NULL,
            PRIMARY KEY (repository_id, user_id)
        )
        """,
        "CREATE INDEX repository_grants_by_user ON repository_grants (user_id)",
        """
        CREATE TABLE protected_refs (
            repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
            pattern TEXT NOT NULL,
            push_role TEXT NOT NULL,
            force_push_role TEXT,
            delete_role TEXT,
            PRIMARY KEY (repository_id, pattern)
        )
        """,
    ]

    /// A token that is restricted to a namespace or repository goes with it: without the restriction it could do more.
    private static let credentials = [
        """
        CREATE TABLE access_tokens (
            id TEXT NOT NULL PRIMARY KEY,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            name TEXT NOT NULL,
            hash TEXT NOT NULL UNIQUE,
            role TEXT NOT NULL,
            namespace_id TEXT REFERENCES namespaces (id) ON DELETE CASCADE,
            repository_id TEXT REFERENCES repositories (id) ON DELETE CASCADE,
            created_at BIGINT NOT NULL,
            expires_at BIGINT,
            last_used_at BIGINT,
            revoked_at BIGINT
        )
        """,
        "CREATE UNIQUE INDEX access_tokens_valid_names ON access_tokens (user_id, name) WHERE revoked_at IS NULL",
        "CREATE INDEX access_tokens_by_user ON access_tokens (user_id, id)",
        "CREATE INDEX access_tokens_by_namespace ON access_tokens (namespace_id)",
        "CREATE INDEX access_tokens_by_repository ON access_tokens (repository_id)",
        """
        CREATE TABLE ssh_keys (
            id TEXT NOT NULL PRIMARY KEY,
            user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
            title TEXT NOT NULL,
            algorithm TEXT NOT NULL,
            public_key TEXT NOT NULL,
            fingerprint TEXT NOT NULL UNIQUE,
            created_at BIGINT NOT NULL,
            last_used_at BIGINT
        )
        """,
        "CREATE INDEX ssh_keys_by_user ON ssh_keys (user_id, id)",
    ]

    /// The largest table, always read in the order of its key: SQLite keeps its rows in the key's tree, which saves a
    /// second tree to write and a second look-up per row to read.
    private static func refs(for kind: SQLDriverKind) -> [String] {
        let storage =
            switch kind {
            case .sqlite: "WITHOUT ROWID"
            case .postgresql: ""
            }
        return [
            """
            CREATE TABLE refs (
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                oid TEXT NOT NULL,
                peeled TEXT,
                PRIMARY KEY (repository_id, name)
            ) \(storage)
            """
        ]
    }

    /// Events and audit lines outlive what they speak of, so they refer to it without foreign keys.
    private static let journals = [
        """
        CREATE TABLE events (
            id TEXT NOT NULL PRIMARY KEY,
            kind TEXT NOT NULL,
            repository_id TEXT,
            actor TEXT NOT NULL,
            payload TEXT NOT NULL,
            created_at BIGINT NOT NULL
        )
        """,
        """
        CREATE TABLE audit (
            id TEXT NOT NULL PRIMARY KEY,
            actor TEXT NOT NULL,
            actor_id TEXT,
            action TEXT NOT NULL,
            subject TEXT NOT NULL,
            address TEXT,
            request_id TEXT,
            details TEXT NOT NULL,
            created_at BIGINT NOT NULL
        )
        """,
    ]
}
