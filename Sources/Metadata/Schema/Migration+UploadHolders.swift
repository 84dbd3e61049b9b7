extension Migration {
    /// Version 6: who began an upload in parts, so that who asks again goes on with it; locks by holder and by ref.
    static func uploadHolders(for kind: SQLDriverKind) -> [String] {
        [
            "ALTER TABLE lfs_uploads ADD COLUMN holder TEXT NOT NULL DEFAULT ''",
            "DROP INDEX lfs_uploads_by_repository",
            "CREATE INDEX lfs_uploads_by_repository ON lfs_uploads (repository_id, oid, holder)",
            "CREATE INDEX lfs_locks_by_owner ON lfs_locks (repository_id, owner_id)",
            "CREATE INDEX lfs_locks_by_ref ON lfs_locks (repository_id, refname)",
        ]
    }
}
