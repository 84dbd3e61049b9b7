/// Whoever asks for something, after authentication.
package enum Actor: Sendable, Equatable {
    /// No credentials were shown.
    case anonymous
    /// A person with an account, by password, token or key.
    case user(UserActor)
    /// A program, by a key that belongs to a repository or an organisation.
    case key(KeyActor)
    /// The person at the server's own command line, who can read the database and every file anyway.
    case `operator`

    /// The name for audit rows and logs: the user's, or something in angle brackets, which no name has: "anonymous",
    /// "operator", or "key" and its fingerprint.
    package var auditName: String {
        switch self {
        case .anonymous: "<anonymous>"
        case .user(let user): user.name
        case .key(let key): "<key \(key.fingerprint)>"
        case .operator: "<operator>"
        }
    }

    /// The account behind the actor; nil for all but users.
    package var userID: RecordID? {
        if case .user(let user) = self { user.id } else { nil }
    }
}

/// A person with an account, and how much of its power the credentials carry.
package struct UserActor: Sendable, Equatable {
    /// The account, which is also the id of the user's own namespace.
    package var id: RecordID
    /// The account's name in its own spelling.
    package var name: String
    /// Whether the account administers the hub.
    package var isAdmin: Bool
    /// What the token is narrowed to; nil for a password or an SSH key, which carry the whole account.
    package var scope: TokenScope?
    /// The token that was shown; nil for a password or an SSH key.
    package var tokenID: RecordID?
    /// The SSH key that logged in; nil without one.
    package var keyID: RecordID?

    /// A user as authentication found it.
    package init(
        id: RecordID,
        name: String,
        isAdmin: Bool,
        scope: TokenScope? = nil,
        tokenID: RecordID? = nil,
        keyID: RecordID? = nil
    ) {
        self.id = id
        self.name = name
        self.isAdmin = isAdmin
        self.scope = scope
        self.tokenID = tokenID
        self.keyID = keyID
    }
}

/// A deploy key or an organisation's key: a program, not a person.
package struct KeyActor: Sendable, Equatable {
    /// The key.
    package var id: RecordID
    /// "SHA256:" and the unpadded base64 of its digest.
    package var fingerprint: String
    /// What it may do in what it covers: read or write; more counts as write.
    package var role: Role
    /// What it covers: the repositories of a namespace, or one repository; never the hub.
    package var restriction: TokenScope.Restriction

    /// A key as authentication found it.
    package init(id: RecordID, fingerprint: String, role: Role, restriction: TokenScope.Restriction) {
        self.id = id
        self.fingerprint = fingerprint
        self.role = role
        self.restriction = restriction
    }
}

/// What a token may do at most.
///
/// A scope only takes away: its owner's own roles are the upper bound.
package struct TokenScope: Sendable, Equatable {
    /// Where a token is good for more than reading what everybody may read.
    package enum Restriction: Sendable, Equatable {
        /// Everywhere its owner is.
        case hub
        /// In the repositories of one user or organisation.
        case namespace(RecordID)
        /// In one repository.
        case repository(RecordID)
    }

    /// The highest role the token acts in.
    package var role: Role
    /// Where it does.
    package var restriction: Restriction
    /// Whether it is no token but a grant of some minutes, which the hub made itself out of a login with the whole account.
    ///
    /// A *read* grant reads what an administrator's login reads, as it comes from that; and no grant disposes of a
    /// repository.
    package var isGrant: Bool
    /// What a fine-grained token may do, in place of role and restriction; nil for other tokens.
    package var permissions: TokenPermissions?

    /// A scope of `role`, everywhere unless restricted.
    package init(role: Role, restriction: Restriction = .hub, isGrant: Bool = false) {
        self.role = role
        self.restriction = restriction
        self.isGrant = isGrant
    }

    /// The scope of a fine-grained token.
    package init(_ permissions: TokenPermissions) {
        self.init(role: .read)
        self.permissions = permissions
    }
}
