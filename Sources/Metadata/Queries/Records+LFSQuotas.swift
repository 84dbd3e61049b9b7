package import Access

extension Records {
    /// What a repository's large files amount to, and its quota.
    package func lfsUsage(repositoryID: RecordID) throws(MetadataError) -> LFSUsage {
        let row = try connection.first(
            "SELECT objects, bytes, quota_bytes FROM lfs_usage WHERE repository_id = $1",
            [.id(repositoryID)]
        )
        guard let row else { return LFSUsage() }
        return try usage(row)
    }

    /// What the large files of all repositories of a namespace amount to, and its quota.
    package func lfsUsage(namespaceID: RecordID) throws(MetadataError) -> LFSUsage {
        let row = try connection.first(
            """
            SELECT CAST(coalesce(sum(u.objects), 0) AS BIGINT) AS objects,
                CAST(coalesce(sum(u.bytes), 0) AS BIGINT) AS bytes,
                (SELECT q.quota_bytes FROM lfs_namespace_quotas q WHERE q.namespace_id = $1) AS quota_bytes
            FROM repositories r JOIN lfs_usage u ON u.repository_id = r.id WHERE r.namespace_id = $1
            """,
            [.id(namespaceID)]
        )
        guard let row else { return LFSUsage() }
        return try usage(row)
    }

    /// What the large files of all repositories amount to, each counted as often as repositories have it.
    package func lfsUsage() throws(MetadataError) -> LFSUsage {
        let row = try connection.first(
            """
            SELECT CAST(coalesce(sum(objects), 0) AS BIGINT) AS objects,
                CAST(coalesce(sum(bytes), 0) AS BIGINT) AS bytes, NULL AS quota_bytes
            FROM lfs_usage
            """,
            []
        )
        guard let row else { return LFSUsage() }
        return try usage(row)
    }

    /// A namespace's quota; nil for none.
    package func lfsQuota(namespaceID: RecordID) throws(MetadataError) -> Int64? {
        let sql = "SELECT quota_bytes FROM lfs_namespace_quotas WHERE namespace_id = $1"
        return try connection.first(sql, [.id(namespaceID)])?.integer("quota_bytes")
    }

    /// Bounds the large files of a repository; nil lifts the bound.
    /// - Throws: `conflict` when there is no such repository.
    package func setLFSQuota(repositoryID: RecordID, bytes: Int64?) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO lfs_usage (repository_id, objects, bytes, quota_bytes) VALUES ($1, 0, 0, $2)
            ON CONFLICT (repository_id) DO UPDATE SET quota_bytes = excluded.quota_bytes
            """,
            [.id(repositoryID), bytes.map(SQLValue.integer) ?? .null]
        )
    }

    /// Bounds the large files of all repositories of a namespace together; nil lifts the bound.
    /// - Throws: `conflict` when there is no such namespace.
    package func setLFSQuota(namespaceID: RecordID, bytes: Int64?) throws(MetadataError) {
        guard let bytes else {
            try connection.run("DELETE FROM lfs_namespace_quotas WHERE namespace_id = $1", [.id(namespaceID)])
            return
        }
        try connection.run(
            """
            INSERT INTO lfs_namespace_quotas (namespace_id, quota_bytes) VALUES ($1, $2)
            ON CONFLICT (namespace_id) DO UPDATE SET quota_bytes = excluded.quota_bytes
            """,
            [.id(namespaceID), .integer(bytes)]
        )
    }

    /// Bytes that uploads in progress may still bring to a repository: those for which room is reserved, and those in parts
    /// that are open, each of which lies in the store by itself.
    package func lfsReserved(repositoryID: RecordID, at moment: Timestamp) throws(MetadataError) -> Int64 {
        try sum(
            """
            SELECT CAST(coalesce(sum(coming.size), 0) AS BIGINT) AS total FROM (
                SELECT size FROM lfs_reservations WHERE repository_id = $1 AND expires_at > $2
                UNION ALL SELECT size FROM lfs_uploads WHERE repository_id = $1 AND expires_at > $2
                UNION ALL SELECT size FROM xorb_uploads WHERE repository_id = $1
            ) AS coming
            """,
            [.id(repositoryID), .time(moment)]
        )
    }

    /// Bytes that uploads in progress may still bring to the repositories of a namespace, counted likewise.
    package func lfsReserved(namespaceID: RecordID, at moment: Timestamp) throws(MetadataError) -> Int64 {
        try sum(
            """
            SELECT CAST(coalesce(sum(coming.size), 0) AS BIGINT) AS total FROM (
                SELECT v.size FROM repositories r JOIN lfs_reservations v ON v.repository_id = r.id
                WHERE r.namespace_id = $1 AND v.expires_at > $2
                UNION ALL SELECT u.size FROM repositories r JOIN lfs_uploads u ON u.repository_id = r.id
                WHERE r.namespace_id = $1 AND u.expires_at > $2
                UNION ALL SELECT x.size FROM repositories r JOIN xorb_uploads x ON x.repository_id = r.id
                WHERE r.namespace_id = $1
            ) AS coming
            """,
            [.id(namespaceID), .time(moment)]
        )
    }

    /// The objects among these for which room in a repository is reserved, and how much.
    package func lfsReservations(
        repositoryID: RecordID,
        oids: some Collection<String>,
        at moment: Timestamp
    ) throws(MetadataError) -> [String: Int64] {
        var found: [String: Int64] = [:]
        for chunk in IDChunks(oids) {
            let sql = """
                SELECT oid, size FROM lfs_reservations
                WHERE repository_id = $1 AND expires_at > $2 AND oid IN \(chunk.placeholders(from: 3))
                """
            for row in try connection.query(sql, [.id(repositoryID), .time(moment)] + chunk.values) {
                found[try row.text("oid")] = try row.integer("size")
            }
        }
        return found
    }

    /// Reserves room for an object, or keeps it reserved for longer.
    package func reserveLFS(
        repositoryID: RecordID,
        oid: String,
        size: Int64,
        until moment: Timestamp
    ) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO lfs_reservations (repository_id, oid, size, expires_at) VALUES ($1, $2, $3, $4)
            ON CONFLICT (repository_id, oid) DO UPDATE SET size = excluded.size,
                expires_at = CASE WHEN excluded.expires_at > lfs_reservations.expires_at
                    THEN excluded.expires_at ELSE lfs_reservations.expires_at END
            """,
            [.id(repositoryID), .text(oid), .integer(size), .time(moment)]
        )
    }

    /// Gives the room free that is reserved for an object: it came, or an open upload in parts counts for it from now on.
    package func releaseLFS(repositoryID: RecordID, oid: String) throws(MetadataError) {
        try connection.run(
            "DELETE FROM lfs_reservations WHERE repository_id = $1 AND oid = $2",
            [.id(repositoryID), .text(oid)]
        )
    }

    /// Forgets reservations whose time is over.
    package func dropExpiredLFSReservations(at moment: Timestamp) throws(MetadataError) {
        try connection.run("DELETE FROM lfs_reservations WHERE expires_at <= $1", [.time(moment)])
    }

    private func usage(_ row: SQLRow) throws(MetadataError) -> LFSUsage {
        let quota = try row.value("quota_bytes") == .null ? nil : try row.integer("quota_bytes")
        return LFSUsage(objects: try row.integer("objects"), bytes: try row.integer("bytes"), quota: quota)
    }

    /// The number in the column `total` of a result with one row.
    private func sum(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> Int64 {
        guard let row = try connection.first(sql, parameters) else { throw .corrupt("a sum without a row") }
        return try row.integer("total")
    }
}
