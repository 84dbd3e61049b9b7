extension Migration {
    /// Version 3: large files, their locks, quotas, uploads in progress, and what garbage collection set aside.
    ///
    /// Object ids are 64 lower-case hexadecimal digits. Without a row in `lfs_objects` an object is not there for a
    /// repository, whatever the object store holds.
    static func largeFiles(for kind: SQLDriverKind) -> [String] {
        let storage =
            switch kind {
            case .sqlite: "WITHOUT ROWID"
            case .postgresql: ""
            }
        return objects(storage) + uploads(storage) + locks + collection(storage)
    }

    /// Usage is counted in the transactions that change rows, because adding up a million sizes for each batch would
    /// cost more than the batch.
    private static func objects(_ storage: String) -> [String] {
        [
            "ALTER TABLE repositories ADD COLUMN lfs_pointers TEXT NOT NULL DEFAULT 'enforce'",
            """
            CREATE TABLE lfs_objects (
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                removed_at BIGINT,
                PRIMARY KEY (repository_id, oid)
            ) \(storage)
            """,
            "CREATE INDEX lfs_objects_by_oid ON lfs_objects (oid)",
            """
            CREATE TABLE lfs_usage (
                repository_id TEXT NOT NULL PRIMARY KEY REFERENCES repositories (id) ON DELETE CASCADE,
                objects BIGINT NOT NULL,
                bytes BIGINT NOT NULL,
                removals BIGINT NOT NULL DEFAULT 0,
                quota_bytes BIGINT
            )
            """,
            """
            CREATE TABLE lfs_namespace_quotas (
                namespace_id TEXT NOT NULL PRIMARY KEY REFERENCES namespaces (id) ON DELETE CASCADE,
                quota_bytes BIGINT NOT NULL
            )
            """,
        ]
    }

    private static func uploads(_ storage: String) -> [String] {
        [
            """
            CREATE TABLE lfs_reservations (
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                expires_at BIGINT NOT NULL,
                PRIMARY KEY (repository_id, oid)
            ) \(storage)
            """,
            "CREATE INDEX lfs_reservations_by_expiry ON lfs_reservations (expires_at)",
            """
            CREATE TABLE lfs_uploads (
                id TEXT NOT NULL PRIMARY KEY,
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                part_size BIGINT NOT NULL,
                store_upload TEXT NOT NULL,
                created_at BIGINT NOT NULL,
                expires_at BIGINT NOT NULL
            )
            """,
            "CREATE INDEX lfs_uploads_by_repository ON lfs_uploads (repository_id)",
            "CREATE INDEX lfs_uploads_by_expiry ON lfs_uploads (expires_at)",
            "CREATE INDEX lfs_uploads_by_oid ON lfs_uploads (oid)",
        ]
    }

    /// An owner is a user or a key, so there is no foreign key; the name is the one at the time of locking.
    private static let locks = [
        """
        CREATE TABLE lfs_locks (
            id TEXT NOT NULL PRIMARY KEY,
            repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
            path TEXT NOT NULL,
            owner_id TEXT NOT NULL,
            owner_name TEXT NOT NULL,
            refname TEXT,
            locked_at BIGINT NOT NULL,
            UNIQUE (repository_id, path)
        )
        """,
        "CREATE INDEX lfs_locks_by_repository ON lfs_locks (repository_id, id)",
    ]

    /// What `undo` needs: rows that were taken away, and objects whose bytes are out of sight.
    private static func collection(_ storage: String) -> [String] {
        [
            """
            CREATE TABLE lfs_collected (
                repository_id TEXT NOT NULL REFERENCES repositories (id) ON DELETE CASCADE,
                oid TEXT NOT NULL,
                size BIGINT NOT NULL,
                created_at BIGINT NOT NULL,
                collected_at BIGINT NOT NULL,
                PRIMARY KEY (repository_id, oid)
            ) \(storage)
            """,
            """
            CREATE TABLE lfs_condemned (
                oid TEXT NOT NULL PRIMARY KEY,
                size BIGINT NOT NULL,
                condemned_at BIGINT NOT NULL
            ) \(storage)
            """,
        ]
    }
}
