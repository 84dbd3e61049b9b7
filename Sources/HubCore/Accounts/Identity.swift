package import Access
package import Metadata

/// Who an actor is, in full: the answer to "whoami".
package struct Identity: Sendable, Equatable {
    /// The role in one organisation.
    package struct Organization: Sendable, Equatable {
        /// The organisation's id.
        package var id: RecordID
        /// Its name.
        package var name: String
        /// The user's role there.
        package var role: Role
    }

    /// The token that was shown.
    package struct Token: Sendable, Equatable {
        /// What its owner calls it.
        package var name: String
        /// The highest role it acts in.
        package var role: Role
        /// Whether it is good in one namespace or repository only; Hugging Face calls such tokens fine-grained.
        package var isRestricted: Bool
        /// What it may do if it is fine-grained; nil for other tokens.
        package var permissions: TokenPermissionList?
        /// When it was made.
        package var createdAt: Timestamp
        /// When it ends; nil for never.
        package var expiresAt: Timestamp?
    }

    /// The account, without its secrets.
    package var account: Account
    /// The user's organisations, by name.
    package var organizations: [Organization]
    /// Nil for a password login.
    package var token: Token?
}

/// A user's account as others may see it: without the password's hash.
package struct Account: Sendable, Equatable {
    /// The account's id, and that of its namespace.
    package var id: RecordID
    /// Its name in its own spelling.
    package var name: String
    /// An address for mail.
    package var email: String?
    /// The person's name.
    package var fullName: String?
    /// Whether it administers the hub.
    package var isAdmin: Bool
    /// Whether all ways to log in are closed.
    package var isDisabled: Bool
    /// Whether it can log in with a password.
    package var hasPassword: Bool
    /// When it was made.
    package var createdAt: Timestamp

    init(_ user: UserRecord) {
        id = user.id
        name = user.name
        email = user.email
        fullName = user.fullName
        isAdmin = user.isAdmin
        isDisabled = user.isDisabled
        hasPassword = user.passwordHash != nil
        createdAt = user.createdAt
    }
}

extension Accounts {
    /// Who the actor is.
    ///
    /// - Throws: `HubError.unauthenticated` for the anonymous; `.invalid` for the operator and for keys, which have no
    ///   account.
    package func identity(of actor: Actor) async throws -> Identity {
        let user: UserActor
        switch actor {
        case .user(let asking): user = asking
        case .anonymous: throw HubError(.unauthenticated, "Authentication is required.")
        case .operator: throw HubError(.invalid, "The operator has no account.")
        case .key: throw HubError(.invalid, "This key belongs to no account.")
        }
        try AccessPolicy.decide(actor, .readOwnAccount, on: .account(user.id)).require("account")
        return try await database.read { records in
            guard let record = try records.user(id: user.id) else { throw HubError.badCredentials }
            let organizations = try records.memberships(userID: user.id).map {
                Identity.Organization(id: $0.organizationID, name: $0.organizationName, role: $0.role)
            }
            let token = try user.tokenID.flatMap { try records.token(id: $0) }
            return Identity(
                account: Account(record),
                organizations: organizations,
                token: try token.map { try Identity.Token($0, in: records) }
            )
        }
    }
}

extension Identity.Token {
    fileprivate init(_ token: TokenRecord, in records: Records) throws {
        self.init(
            name: token.name,
            role: token.role,
            isRestricted: token.namespaceID != nil || token.repositoryID != nil || token.permissions != nil,
            permissions: try token.permissions.map { try TokenPermissionList($0, in: records) },
            createdAt: token.createdAt,
            expiresAt: token.expiresAt
        )
    }
}
