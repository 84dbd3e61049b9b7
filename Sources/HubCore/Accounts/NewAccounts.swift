package import Access

/// An account to be made.
package struct NewUser: Sendable {
    /// The name, checked by the use case.
    package var name: String
    /// An address for mail, if known.
    package var email: String?
    /// The person's name, if known.
    package var fullName: String?
    /// Whether the account administers the hub.
    package var isAdmin: Bool
    /// Without one the account has tokens and keys only.
    package var password: String?

    /// An account without a password and without power, unless said otherwise.
    package init(
        name: String,
        email: String? = nil,
        fullName: String? = nil,
        isAdmin: Bool = false,
        password: String? = nil
    ) {
        self.name = name
        self.email = email
        self.fullName = fullName
        self.isAdmin = isAdmin
        self.password = password
    }
}

/// A token to be made.
package struct NewToken: Sendable {
    /// Where the token is good for more than reading what everybody may read, by names.
    package enum Restriction: Sendable, Equatable {
        case none
        case namespace(String)
        case repository(RepositoryAddress)
    }

    /// The account it acts for.
    package var userName: String
    /// Its own name, unique within the account.
    package var name: String
    /// The highest role it acts in.
    package var role: Role
    /// Seconds from now until it stops being good; nil for never.
    package var expiresIn: Int64?
    /// Where it is good.
    package var restriction: Restriction
    /// What it may do if it is to be fine-grained, in place of role and restriction; nil for other tokens.
    package var permissions: TokenPermissionList?

    /// A token that never expires and is good everywhere, unless said otherwise.
    package init(
        userName: String,
        name: String,
        role: Role,
        expiresIn: Int64? = nil,
        restriction: Restriction = .none
    ) {
        self.userName = userName
        self.name = name
        self.role = role
        self.expiresIn = expiresIn
        self.restriction = restriction
    }

    /// A fine-grained token that never expires, unless said otherwise.
    package init(
        userName: String,
        name: String,
        permissions: TokenPermissionList,
        expiresIn: Int64? = nil
    ) {
        self.init(userName: userName, name: name, role: .read, expiresIn: expiresIn)
        self.permissions = permissions
    }
}

/// The account that a new hub begins with.
///
/// Shown once; the secrets are stored as hashes only.
package struct FirstAdministrator: Sendable {
    /// The account's name.
    package var name: String
    /// Its password.
    package var password: String
    /// An unrestricted token of role admin, named "first".
    package var token: String
}
