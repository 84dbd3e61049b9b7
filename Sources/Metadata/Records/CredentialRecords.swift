package import Access

/// An access token: what is left of it after it was shown once.
package struct TokenRecord: Sendable, Equatable {
    /// The id of the token.
    package var id: RecordID
    /// The user it signs in.
    package var userID: RecordID
    /// What the user calls it; unique among the user's tokens that are not revoked.
    package var name: String
    /// SHA-256 of the token in lower-case hexadecimal digits; the token itself is stored nowhere.
    package var hash: String
    /// The most it may do.
    package var role: Role
    /// The only namespace it may be used in; nil for no such restriction.
    package var namespaceID: RecordID?
    /// The only repository it may be used for; nil for no such restriction.
    ///
    /// The token goes when the repository goes.
    package var repositoryID: RecordID?
    /// What it may do if it is fine-grained, in place of role and restrictions; nil for other tokens.
    package var permissions: TokenPermissions?
    /// When it was made.
    package var createdAt: Timestamp
    /// From when on it is refused; nil for never.
    package var expiresAt: Timestamp?
    /// When it was last used, to about a minute.
    package var lastUsedAt: Timestamp?
    /// When it was revoked; nil while it is valid.
    package var revokedAt: Timestamp?

    /// A token from its parts.
    package init(
        id: RecordID,
        userID: RecordID,
        name: String,
        hash: String,
        role: Role,
        namespaceID: RecordID? = nil,
        repositoryID: RecordID? = nil,
        permissions: TokenPermissions? = nil,
        createdAt: Timestamp,
        expiresAt: Timestamp? = nil,
        lastUsedAt: Timestamp? = nil,
        revokedAt: Timestamp? = nil
    ) {
        self.id = id
        self.userID = userID
        self.name = name
        self.hash = hash
        self.role = role
        self.namespaceID = namespaceID
        self.repositoryID = repositoryID
        self.permissions = permissions
        self.createdAt = createdAt
        self.expiresAt = expiresAt
        self.lastUsedAt = lastUsedAt
        self.revokedAt = revokedAt
    }

    /// All but the entries of the permissions, which are in another table.
    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        userID = try row.id("user_id")
        name = try row.text("name")
        hash = try row.text("hash")
        role = try row.named("role")
        namespaceID = try row.optionalID("namespace_id")
        repositoryID = try row.optionalID("repository_id")
        if try row.flag("is_fine_grained") {
            permissions = TokenPermissions(
                managesAccount: try row.flag("manages_account"),
                administersHub: try row.flag("administers_hub")
            )
        }
        createdAt = try row.time("created_at")
        expiresAt = try row.optionalTime("expires_at")
        lastUsedAt = try row.optionalTime("last_used_at")
        revokedAt = try row.optionalTime("revoked_at")
    }
}
