extension Migration {
    /// Version 12: webhooks with what they watch and what they were sent, and what spaces are given to run with.
    ///
    /// What is watched may go before the news of that is told, so watches refer to it without foreign keys; so do events.
    static func webhooks(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE webhooks (
                id TEXT NOT NULL PRIMARY KEY,
                user_id TEXT NOT NULL REFERENCES users (id) ON DELETE CASCADE,
                url TEXT NOT NULL,
                base TEXT NOT NULL,
                tells_repositories BIGINT NOT NULL,
                tells_discussions BIGINT NOT NULL,
                sealed_secret TEXT,
                secret_mode TEXT NOT NULL,
                disabled TEXT,
                failures BIGINT NOT NULL,
                failing_since BIGINT,
                day BIGINT NOT NULL,
                day_count BIGINT NOT NULL,
                dropped BIGINT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX webhooks_by_user ON webhooks (user_id, id)",
            """
            CREATE TABLE webhook_watches (
                webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
                position BIGINT NOT NULL,
                type TEXT NOT NULL,
                name TEXT NOT NULL,
                target_id TEXT NOT NULL,
                PRIMARY KEY (webhook_id, position)
            )
            """,
            "CREATE INDEX webhook_watches_by_target ON webhook_watches (target_id, webhook_id)",
            """
            CREATE TABLE webhook_events (
                id TEXT NOT NULL PRIMARY KEY,
                scope TEXT NOT NULL,
                action TEXT NOT NULL,
                repository_id TEXT NOT NULL,
                namespace_id TEXT NOT NULL,
                visibility TEXT NOT NULL,
                granted TEXT NOT NULL,
                payload TEXT NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX webhook_events_by_age ON webhook_events (created_at)",
            """
            CREATE TABLE webhook_deliveries (
                id TEXT NOT NULL PRIMARY KEY,
                webhook_id TEXT NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
                event_id TEXT NOT NULL REFERENCES webhook_events (id) ON DELETE CASCADE,
                state TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'dropped')),
                attempts BIGINT NOT NULL,
                next_at BIGINT NOT NULL,
                is_replay BIGINT NOT NULL,
                url TEXT,
                status BIGINT,
                error TEXT,
                answer TEXT,
                milliseconds BIGINT,
                sent_at BIGINT,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX webhook_deliveries_by_webhook ON webhook_deliveries (webhook_id, id)",
            "CREATE INDEX webhook_deliveries_by_event ON webhook_deliveries (event_id)",
            """
            CREATE INDEX webhook_deliveries_pending ON webhook_deliveries (webhook_id, next_at) WHERE state = 'pending'
            """,
            """
            CREATE TABLE space_values (
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                name TEXT NOT NULL,
                kind TEXT NOT NULL CHECK (kind IN ('variable', 'secret')),
                value TEXT NOT NULL,
                description TEXT,
                updated_at BIGINT NOT NULL,
                PRIMARY KEY (repository_id, name)
            )
            """,
        ]
    }
}
