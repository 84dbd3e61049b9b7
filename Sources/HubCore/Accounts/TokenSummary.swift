package import Access
package import Metadata

/// A token as its owner sees it in a list: everything but what would let anybody in.
package struct TokenSummary: Sendable, Equatable {
    /// The token's id.
    package var id: RecordID
    /// The account it acts for.
    package var userName: String
    /// What its owner calls it.
    package var name: String
    /// The highest role it acts in.
    package var role: Role
    /// The only namespace it is good in, by name.
    package var namespace: String?
    /// The only repository it is good for, at its present address.
    package var repository: RepositoryAddress?
    /// What it may do if it is fine-grained, in place of role and restrictions; nil for other tokens.
    package var permissions: TokenPermissionList?
    /// When it was made.
    package var createdAt: Timestamp
    /// When it ends; nil for never.
    package var expiresAt: Timestamp?
    /// When it was last used, to about a minute.
    package var lastUsedAt: Timestamp?
    /// When it was revoked; nil while it is good.
    package var revokedAt: Timestamp?

    /// - Parameter records: where names are looked up.
    init(_ token: TokenRecord, in records: Records) throws {
        id = token.id
        userName = try records.user(id: token.userID)?.name ?? ""
        name = token.name
        role = token.role
        namespace = try token.namespaceID.flatMap { try records.namespace(id: $0)?.name }
        repository = try token.repositoryID.flatMap { try records.repository(id: $0)?.address }
        permissions = try token.permissions.map { try TokenPermissionList($0, in: records) }
        createdAt = token.createdAt
        expiresAt = token.expiresAt
        lastUsedAt = token.lastUsedAt
        revokedAt = token.revokedAt
    }
}
