package import Access

extension Records {
    /// Adds a token, with the entries of its permissions.
    /// - Throws: `conflict` when the user has a valid token of that name, or the hash is known.
    package func insertToken(_ token: TokenRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO access_tokens (id, user_id, name, hash, role, namespace_id, repository_id, is_fine_grained,
                manages_account, administers_hub, created_at, expires_at, last_used_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
            """,
            [
                .id(token.id), .id(token.userID), .text(token.name), .text(token.hash), .name(token.role),
                .id(token.namespaceID), .id(token.repositoryID), .flag(token.permissions != nil),
                .flag(token.permissions?.managesAccount == true), .flag(token.permissions?.administersHub == true),
                .time(token.createdAt), .time(token.expiresAt), .time(token.lastUsedAt), .time(token.revokedAt),
            ]
        )
        for (position, entry) in (token.permissions?.entries ?? []).enumerated() {
            try insert(entry, at: position, of: token.id)
        }
    }

    private func insert(
        _ entry: TokenPermissions.Entry,
        at position: Int,
        of tokenID: RecordID
    ) throws(MetadataError) {
        var (namespaceID, repositoryID): (RecordID?, RecordID?)
        switch entry.place {
        case .hub: break
        case .namespace(let id): namespaceID = id
        case .repository(let id): repositoryID = id
        }
        try connection.run(
            """
            INSERT INTO token_permissions (token_id, position, namespace_id, repository_id, role, participates)
            VALUES ($1, $2, $3, $4, $5, $6)
            """,
            [
                .id(tokenID), .integer(Int64(position)), .id(namespaceID), .id(repositoryID), .name(entry.role),
                .flag(entry.participates),
            ]
        )
    }

    /// The token with a hash, also one that is revoked or expired.
    package func token(hash: String) throws(MetadataError) -> TokenRecord? {
        try token("WHERE hash = $1", [.text(hash)])
    }

    /// The token with an id, also one that is revoked or expired.
    package func token(id: RecordID) throws(MetadataError) -> TokenRecord? {
        try token("WHERE id = $1", [.id(id)])
    }

    /// A user's token with a name: the valid one, or else the one made last of those revoked.
    package func token(userID: RecordID, named name: String) throws(MetadataError) -> TokenRecord? {
        try token(
            """
            WHERE user_id = $1 AND name = $2
            ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 1
            """,
            [.id(userID), .text(name)]
        )
    }

    /// A user's tokens, or everybody's, oldest first, with those revoked or expired.
    package func tokens(userID: RecordID?) throws(MetadataError) -> [TokenRecord] {
        if let userID { return try tokens("WHERE user_id = $1 ORDER BY id", [.id(userID)]) }
        return try tokens("ORDER BY id", [])
    }

    /// A page of everybody's tokens, oldest first, with those revoked or expired.
    /// - Parameters:
    ///   - after: the last id of the page before; nil for the first page.
    ///   - limit: 1 through `largestPage`; other values are moved into that range.
    package func tokens(after: RecordID?, limit: Int) throws(MetadataError) -> [TokenRecord] {
        try tokens("WHERE id > $1 ORDER BY id LIMIT $2", [.text(after?.description ?? ""), Self.page(limit)])
    }

    /// How many tokens of a user are neither revoked nor expired.
    package func goodTokenCount(userID: RecordID, at moment: Timestamp) throws(MetadataError) -> Int {
        try count(
            """
            SELECT count(*) AS count FROM access_tokens
            WHERE user_id = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > $2)
            """,
            [.id(userID), .time(moment)]
        )
    }

    /// Forgets a user's tokens that are revoked or expired, but for those made last.
    package func forgetEndedTokens(userID: RecordID, keeping count: Int, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            DELETE FROM access_tokens WHERE user_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                AND id NOT IN (
                    SELECT id FROM access_tokens
                    WHERE user_id = $1 AND (revoked_at IS NOT NULL OR expires_at <= $2)
                    ORDER BY id DESC LIMIT $3
                )
            """,
            [.id(userID), .time(moment), .integer(Int64(max(count, 0)))]
        )
    }

    /// Revokes a token; one that is revoked already keeps its time.
    /// - Throws: `notFound` when there is no such token.
    package func revokeToken(id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try change(
            "UPDATE access_tokens SET revoked_at = coalesce(revoked_at, $2) WHERE id = $1",
            [.id(id), .time(moment)]
        )
    }

    /// Notes that a token was used, unless that was noted less than a minute before.
    ///
    /// Ask `TokenRecord.needsTouch(at:)` first: a transaction that changes nothing still waits for the writers.
    package func touchToken(id: RecordID, at moment: Timestamp) throws(MetadataError) {
        try connection.run(
            """
            UPDATE access_tokens SET last_used_at = $2
            WHERE id = $1 AND (last_used_at IS NULL OR last_used_at <= $3)
            """,
            [.id(id), .time(moment), .time(moment.adding(seconds: -touchInterval))]
        )
    }

    private static let tokenSelection = """
        SELECT id, user_id, name, hash, role, namespace_id, repository_id, is_fine_grained, manages_account,
            administers_hub, created_at, expires_at, last_used_at, revoked_at
        FROM access_tokens
        """

    private func token(_ condition: String, _ parameters: [SQLValue]) throws(MetadataError) -> TokenRecord? {
        guard let row = try connection.first("\(Self.tokenSelection) \(condition)", parameters) else { return nil }
        return try complete(TokenRecord(row: row))
    }

    private func tokens(_ condition: String, _ parameters: [SQLValue]) throws(MetadataError) -> [TokenRecord] {
        var tokens: [TokenRecord] = []
        for row in try connection.query("\(Self.tokenSelection) \(condition)", parameters) {
            tokens.append(try complete(TokenRecord(row: row)))
        }
        return tokens
    }

    /// The token with the entries of its permissions, if it is fine-grained.
    private func complete(_ token: TokenRecord) throws(MetadataError) -> TokenRecord {
        guard token.permissions != nil else { return token }
        var token = token
        let rows = try connection.query(
            """
            SELECT namespace_id, repository_id, role, participates FROM token_permissions
            WHERE token_id = $1 ORDER BY position
            """,
            [.id(token.id)]
        )
        token.permissions?.entries = try rows.map(TokenPermissions.Entry.init(row:))
        return token
    }
}

extension TokenPermissions.Entry {
    fileprivate init(row: SQLRow) throws(MetadataError) {
        let place: TokenScope.Restriction =
            switch (try row.optionalID("namespace_id"), try row.optionalID("repository_id")) {
            case (nil, nil): .hub
            case (let id?, nil): .namespace(id)
            case (nil, let id?): .repository(id)
            default: throw .corrupt("token_permissions has an entry with two places")
            }
        self.init(place: place, role: try row.optionallyNamed("role"), participates: try row.flag("participates"))
    }
}

extension TokenRecord {
    /// Whether `touchToken` would write: the last use was noted a minute ago or more, or never.
    package func needsTouch(at moment: Timestamp) -> Bool {
        guard let lastUsedAt else { return true }
        return lastUsedAt <= moment.adding(seconds: -touchInterval)
    }
}

/// For how many seconds the time of a use is not noted again.
private let touchInterval: Int64 = 60
