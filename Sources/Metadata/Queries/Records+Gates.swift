package import Access

extension Records {
    /// Whether a user was let through a repository's gate.
    package func isLetIn(_ userID: RecordID, repositoryID: RecordID) throws(MetadataError) -> Bool {
        let row = try connection.first(
            """
            SELECT 1 AS there FROM access_requests
            WHERE repository_id = $1 AND user_id = $2 AND status = 'accepted'
            """,
            [.id(repositoryID), .id(userID)]
        )
        return row != nil
    }

    /// Puts a gate before a repository's files, or takes it away; who was let in stays so.
    /// - Throws: `notFound` when there is no such repository.
    package func setGate(repositoryID: RecordID, _ gate: Gate) throws(MetadataError) {
        try change("UPDATE repositories SET gate = $2 WHERE id = $1", [.id(repositoryID), .name(gate)])
    }

    /// Closes a repository for all but administrators of the hub, or opens it.
    /// - Throws: `notFound` when there is no such repository.
    package func setDisabled(repositoryID: RecordID, _ isDisabled: Bool) throws(MetadataError) {
        try change("UPDATE repositories SET is_disabled = $2 WHERE id = $1", [.id(repositoryID), .flag(isDisabled)])
    }

    /// Notes that a user asks, or is let in without asking; a request that there is keeps its id.
    /// - Throws: `conflict` when there is no such repository or user.
    package func setAccessRequest(
        id: RecordID,
        repositoryID: RecordID,
        userID: RecordID,
        status: AccessRequestRecord.Status,
        fields: String,
        at moment: Timestamp
    ) throws(MetadataError) {
        let decided: Timestamp? = status == .pending ? nil : moment
        try connection.run(
            """
            INSERT INTO access_requests (id, repository_id, user_id, status, fields, asked_at, decided_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7)
            ON CONFLICT (repository_id, user_id) DO UPDATE SET status = excluded.status, fields = excluded.fields,
                reason = NULL, decided_at = excluded.decided_at
            """,
            [
                .id(id), .id(repositoryID), .id(userID), .name(status), .text(fields), .time(moment), .time(decided),
            ]
        )
    }

    /// Decides about a request.
    /// - Parameter reason: why, for a rejection.
    package func decideAccessRequest(
        id: RecordID,
        _ status: AccessRequestRecord.Status,
        reason: String?,
        at moment: Timestamp
    ) throws(MetadataError) {
        let decided: Timestamp? = status == .pending ? nil : moment
        try change(
            "UPDATE access_requests SET status = $2, reason = $3, decided_at = $4 WHERE id = $1",
            [.id(id), .name(status), .text(orNull: reason), .time(decided)]
        )
    }

    /// What a user asked of a repository; nil when nothing.
    package func accessRequest(repositoryID: RecordID, userID: RecordID) throws(MetadataError) -> AccessRequestRecord? {
        let sql = "\(Self.accessRequestSelection) WHERE a.repository_id = $1 AND a.user_id = $2"
        return try connection.first(sql, [.id(repositoryID), .id(userID)]).map(AccessRequestRecord.init(row:))
    }

    /// A request of a repository by its id.
    package func accessRequest(repositoryID: RecordID, id: RecordID) throws(MetadataError) -> AccessRequestRecord? {
        let sql = "\(Self.accessRequestSelection) WHERE a.repository_id = $1 AND a.id = $2"
        return try connection.first(sql, [.id(repositoryID), .id(id)]).map(AccessRequestRecord.init(row:))
    }

    /// A page of a repository's requests of a status in the order of their ids.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func accessRequests(
        repositoryID: RecordID,
        status: AccessRequestRecord.Status,
        after: RecordID?,
        limit: Int
    ) throws(MetadataError) -> [AccessRequestRecord] {
        try connection.query(
            """
            \(Self.accessRequestSelection) WHERE a.repository_id = $1 AND a.status = $2 AND a.id > $3
            ORDER BY a.id LIMIT $4
            """,
            [.id(repositoryID), .name(status), .text(after?.description ?? ""), Self.page(limit)]
        ).map(AccessRequestRecord.init(row:))
    }

    private static let accessRequestSelection = """
        SELECT a.id, a.repository_id, a.user_id, n.name AS user_name, u.full_name, u.email, a.status, a.fields,
            a.reason, a.asked_at, a.decided_at
        FROM access_requests a JOIN users u ON u.id = a.user_id JOIN namespaces n ON n.id = a.user_id
        """
}
