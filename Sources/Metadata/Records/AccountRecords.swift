package import Access

/// A user's or an organisation's place for repositories: the first part of their addresses.
package struct NamespaceRecord: Sendable, Equatable {
    /// Who stands behind a namespace.
    package enum Kind: String, Sendable {
        case user
        case organization
    }

    /// The id of the namespace, equal to that of its user or organisation.
    package var id: RecordID
    /// The name as its owner writes it; unique without regard to case.
    package var name: String
    /// Whether a user or an organisation has it.
    package var kind: Kind
    /// When it was made.
    package var createdAt: Timestamp

    /// A namespace from its parts.
    package init(id: RecordID, name: String, kind: Kind, createdAt: Timestamp) {
        self.id = id
        self.name = name
        self.kind = kind
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        name = try row.text("name")
        kind = try row.named("kind")
        createdAt = try row.time("created_at")
    }
}

/// A person or a machine that can have tokens, keys and repositories.
package struct UserRecord: Sendable, Equatable {
    /// The id of the user and of the namespace of the same name.
    package var id: RecordID
    /// The name as the user writes it; unique among all namespaces without regard to case.
    package var name: String
    /// An address for messages; not unique, not verified.
    package var email: String?
    /// The name shown to people.
    package var fullName: String?
    /// Whether the user administers the hub.
    package var isAdmin: Bool
    /// Whether all ways to sign in are closed.
    package var isDisabled: Bool
    /// The salted hash with its parameters; nil when the user has no password.
    package var passwordHash: String?
    /// When the user was made.
    package var createdAt: Timestamp

    /// A user from its parts.
    package init(
        id: RecordID,
        name: String,
        email: String? = nil,
        fullName: String? = nil,
        isAdmin: Bool = false,
        isDisabled: Bool = false,
        passwordHash: String? = nil,
        createdAt: Timestamp
    ) {
        self.id = id
        self.name = name
        self.email = email
        self.fullName = fullName
        self.isAdmin = isAdmin
        self.isDisabled = isDisabled
        self.passwordHash = passwordHash
        self.createdAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        name = try row.text("name")
        email = try row.optionalText("email")
        fullName = try row.optionalText("full_name")
        isAdmin = try row.flag("is_admin")
        isDisabled = try row.flag("is_disabled")
        passwordHash = try row.optionalText("password_hash")
        createdAt = try row.time("created_at")
    }
}

/// A user's role in an organisation.
package struct MembershipRecord: Sendable, Equatable {
    /// The organisation's namespace.
    package var organizationID: RecordID
    /// The organisation's name.
    package var organizationName: String
    /// The member.
    package var userID: RecordID
    /// The member's name.
    package var userName: String
    /// What the member may do in the organisation's repositories.
    package var role: Role

    /// A membership from its parts.
    package init(
        organizationID: RecordID,
        organizationName: String,
        userID: RecordID,
        userName: String,
        role: Role
    ) {
        self.organizationID = organizationID
        self.organizationName = organizationName
        self.userID = userID
        self.userName = userName
        self.role = role
    }

    init(row: SQLRow) throws(MetadataError) {
        organizationID = try row.id("organization_id")
        organizationName = try row.text("organization_name")
        userID = try row.id("user_id")
        userName = try row.text("user_name")
        role = try row.named("role")
    }
}
