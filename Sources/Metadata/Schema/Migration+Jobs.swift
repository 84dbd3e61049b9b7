extension Migration {
    /// Version 5: work that can wait.
    ///
    /// One row for each kind and key: what is asked for twice before it is done is done once.
    static func jobs(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE jobs (
                id TEXT NOT NULL PRIMARY KEY,
                kind TEXT NOT NULL,
                job_key TEXT NOT NULL,
                payload TEXT NOT NULL,
                run_at BIGINT NOT NULL,
                attempts BIGINT NOT NULL,
                lease TEXT,
                leased_until BIGINT,
                is_wanted_again BIGINT NOT NULL,
                last_error TEXT,
                failed_at BIGINT,
                created_at BIGINT NOT NULL,
                UNIQUE (kind, job_key)
            )
            """,
            "CREATE INDEX jobs_by_time ON jobs (kind, run_at, id) WHERE failed_at IS NULL",
        ]
    }
}
