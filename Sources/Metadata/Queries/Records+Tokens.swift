package import Access

extension Records {
    /// Adds a token.
    /// - Throws: `conflict` when the user has a valid token of that name, or the hash is known.
    package func insertToken(_ token: TokenRecord) throws(MetadataError) {
        try connection.run(
            """
            INSERT INTO access_tokens (id, user_id, name, hash, role, namespace_id, repository_id,
                created_at, expires_at, last_used_at, revoked_at)
            VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
            """,
            [
                .id(token.id), .id(token.userID), .text(token.name), .text(token.hash), .name(token.role),
                .id(token.namespaceID), .id(token.repositoryID), .time(token.createdAt), .time(token.expiresAt),
                .time(token.lastUsedAt), .time(token.revokedAt),
            ]
        )
    }

    /// The token with a hash, also one that is revoked or expired.
    package func token(hash: String) throws(MetadataError) -> TokenRecord? {
        guard let row = try connection.first("\(Self.tokenSelection) WHERE hash = $1", [.text(hash)]) else {
            return nil
        }
        return try TokenRecord(row: row)
    }

    /// The token with an id, also one that is revoked or expired.
    package func token(id: RecordID) throws(MetadataError) -> TokenRecord? {
        guard let row = try connection.first("\(Self.tokenSelection) WHERE id = $1", [.id(id)]) else { return nil }
        return try TokenRecord(row: row)
    }

    /// A user's tokens, or everybody's, oldest first, with those revoked or expired.
    package func tokens(userID: RecordID?) throws(MetadataError) -> [TokenRecord] {
        let rows =
            if let userID {
                try connection.query("\(Self.tokenSelection) WHERE user_id = $1 ORDER BY id", [.id(userID)])
            } else {
                try connection.query("\(Self.tokenSelection) ORDER BY id", [])
            }
        return try rows.map(TokenRecord.init(row:))
    }

    /// A user's token with a name: the valid one, or else the one made last of those revoked.
    package func token(userID: RecordID, named name: String) throws(MetadataError) -> TokenRecord? {
        let row = try connection.first(
            """
            \(Self.tokenSelection) WHERE user_id = $1 AND name = $2
            ORDER BY CASE WHEN revoked_at IS NULL THEN 0 ELSE 1 END, id DESC LIMIT 1
            """,
            [.id(userID), .text(name)]
        )
        guard let row else { return nil }
        return try TokenRecord(row: row)
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
        SELECT id, user_id, name, hash, role, namespace_id, repository_id, created_at, expires_at, last_used_at, revoked_at
        FROM access_tokens
        """
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
