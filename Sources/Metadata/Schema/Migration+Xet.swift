extension Migration {
    /// Version 14: xorbs, files that are made of their chunks, and where the chunks are known.
    ///
    /// A xorb's bytes are an object of the store under their SHA-256, as all objects are; its own hash is another. Where a
    /// raw offset is given, the object is not the xorb but has its raw bytes from there on: a whole file is its own xorbs.
    ///
    /// A scope is a text: whoever uploads in one may build on what was uploaded in it, and learns of nothing else.
    static func xet(for kind: SQLDriverKind) -> [String] {
        let (bytes, storage) =
            switch kind {
            case .sqlite: ("BLOB", "WITHOUT ROWID")
            case .postgresql: ("BYTEA", "")
            }
        return [
            """
            CREATE TABLE xorbs (
                hash TEXT NOT NULL PRIMARY KEY,
                oid TEXT NOT NULL,
                raw_offset BIGINT,
                stored_bytes BIGINT NOT NULL,
                raw_bytes BIGINT NOT NULL,
                chunks BIGINT NOT NULL,
                chunk_index \(bytes) NOT NULL,
                created_at BIGINT NOT NULL,
                used_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX xorbs_by_oid ON xorbs (oid)",
            "CREATE INDEX xorbs_by_use ON xorbs (used_at)",
            """
            CREATE TABLE xorb_scopes (
                scope TEXT NOT NULL,
                xorb_hash TEXT NOT NULL REFERENCES xorbs (hash) ON DELETE CASCADE,
                PRIMARY KEY (scope, xorb_hash)
            ) \(storage)
            """,
            "CREATE INDEX xorb_scopes_by_xorb ON xorb_scopes (xorb_hash)",
            """
            CREATE TABLE xet_files (
                hash TEXT NOT NULL PRIMARY KEY,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                terms \(bytes) NOT NULL,
                created_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX xet_files_by_oid ON xet_files (oid)",
            """
            CREATE TABLE xet_file_xorbs (
                file_hash TEXT NOT NULL REFERENCES xet_files (hash) ON DELETE CASCADE,
                xorb_hash TEXT NOT NULL REFERENCES xorbs (hash),
                PRIMARY KEY (file_hash, xorb_hash)
            ) \(storage)
            """,
            "CREATE INDEX xet_file_xorbs_by_xorb ON xet_file_xorbs (xorb_hash)",
            """
            CREATE TABLE xet_known_chunks (
                scope TEXT NOT NULL,
                chunk_hash TEXT NOT NULL,
                xorb_hash TEXT NOT NULL REFERENCES xorbs (hash) ON DELETE CASCADE,
                PRIMARY KEY (scope, chunk_hash)
            ) \(storage)
            """,
            "CREATE INDEX xet_known_chunks_by_xorb ON xet_known_chunks (xorb_hash)",
        ]
    }

    /// Version 15: xorbs that were sent to a repository and are in no file yet, which count as if they were.
    static func xorbUploads(for kind: SQLDriverKind) -> [String] {
        [
            """
            CREATE TABLE xorb_uploads (
                xorb_hash TEXT NOT NULL PRIMARY KEY REFERENCES xorbs (hash) ON DELETE CASCADE,
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                size BIGINT NOT NULL
            )
            """,
            "CREATE INDEX xorb_uploads_by_repository ON xorb_uploads (repository_id)",
        ]
    }

    /// Version 16: when a xorb last lost a file, so that less of it may be in use; null once that was looked at.
    ///
    /// Those that were there before may have lost some, so all are looked at.
    static func xorbLosses(for kind: SQLDriverKind) -> [String] {
        [
            "ALTER TABLE xorbs ADD COLUMN lost_file_at BIGINT",
            "UPDATE xorbs SET lost_file_at = created_at",
            "CREATE INDEX xorbs_by_loss ON xorbs (hash) WHERE lost_file_at IS NOT NULL",
        ]
    }
}
