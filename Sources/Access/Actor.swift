/// Whoever asks for something, after authentication.
package enum Actor: Sendable, Equatable {
    /// No credentials were shown.
    case anonymous
    /// A person with an account, by password, token or key.
    case user(UserActor)
    /// The person at the server's own command line, who can read the database and every file anyway.
    case `operator`

    /// The name for audit rows and logs: the user's, or "anonymous" or "operator" in angle brackets, which no name has.
    package var auditName: String {
        switch self {
        case .anonymous: "<anonymous>"
        case .user(let user): user.name
        case .operator: "<operator>"
        }
    }

    /// The account behind the actor; nil for the other two.
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

    /// A user as authentication found it.
    package init(id: RecordID, name: String, isAdmin: Bool, scope: TokenScope? = nil, tokenID: RecordID? = nil) {
        self.id = id
        self.name = name
        self.isAdmin = isAdmin
        self.scope = scope
        self.tokenID = tokenID
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

    /// A scope of `role`, everywhere unless restricted.
    package init(role: Role, restriction: Restriction = .hub) {
        self.role = role
        self.restriction = restriction
    }
}
