import Access
import HubCore
import Metadata

/// A user in `granary user list --json`.
struct UserRow: Encodable, Sendable {
    let id: String
    let name: String
    let email: String?
    let isAdmin: Bool
    let isDisabled: Bool
    let hasPassword: Bool
    let createdAt: String

    /// The row of an account.
    init(_ user: Account) {
        id = user.id.description
        name = user.name
        email = user.email
        isAdmin = user.isAdmin
        isDisabled = user.isDisabled
        hasPassword = user.hasPassword
        createdAt = user.createdAt.description
    }
}

/// An organisation in `granary org list --json`.
struct OrganizationRow: Encodable, Sendable {
    /// A member and what the member may do.
    struct Member: Encodable, Sendable {
        let user: String
        let role: String
    }

    let id: String
    let name: String
    let members: [Member]
    let createdAt: String

    /// The row of a record and its members.
    init(_ organization: NamespaceRecord, members: [MembershipRecord]) {
        id = organization.id.description
        name = organization.name
        self.members = members.map { Member(user: $0.userName, role: $0.role.rawValue) }
        createdAt = organization.createdAt.description
    }
}

/// A token in `granary token list --json`.
struct TokenRow: Encodable, Sendable {
    let id: String
    let user: String
    let name: String
    let role: String
    let namespace: String?
    let repository: String?
    let permissions: [Permission]?
    let managesAccount: Bool?
    let administersHub: Bool?
    let createdAt: String
    let expiresAt: String?
    let lastUsedAt: String?
    let revokedAt: String?

    /// What a fine-grained token may do somewhere.
    struct Permission: Encodable, Sendable {
        let place: String
        let verbs: [String]
    }

    /// The row of a token; neither the token nor its hash is in it.
    init(_ token: TokenSummary) {
        id = token.id.description
        user = token.userName
        name = token.name
        role = token.permissions == nil ? token.role.rawValue : "fineGrained"
        permissions = token.permissions?.entries.map {
            Permission(place: $0.place.description, verbs: $0.verbs.map(\.rawValue))
        }
        managesAccount = token.permissions?.managesAccount
        administersHub = token.permissions?.administersHub
        namespace = token.namespace
        repository = token.repository?.description
        createdAt = token.createdAt.description
        expiresAt = token.expiresAt?.description
        lastUsedAt = token.lastUsedAt?.description
        revokedAt = token.revokedAt?.description
    }

    /// Where it is good, on one line; empty for everywhere.
    var onlyFor: String {
        guard let permissions else { return namespace ?? repository ?? "" }
        let places = permissions.map { "\($0.place)=\($0.verbs.joined(separator: ","))" }
        let account = managesAccount == true ? ["account"] : []
        let hub = administersHub == true ? ["hub"] : []
        return (places + account + hub).joined(separator: " ")
    }
}

/// A key in `granary key list --json`.
struct KeyRow: Encodable, Sendable {
    /// Whose it is: "user", "repository" or "organization", and the name.
    struct Owner: Encodable, Sendable {
        let kind: String
        let name: String
    }

    let id: String
    let owner: Owner
    let role: String?
    let title: String
    let algorithm: String
    let fingerprint: String
    let createdAt: String
    let lastUsedAt: String?

    /// The row of a key; a user's has no role of its own.
    init(_ key: KeySummary) {
        let record = key.record
        id = record.id.description
        owner = Owner(kind: key.owner.kind, name: key.owner.name)
        role = record.owner.role?.rawValue
        title = record.title
        algorithm = record.algorithm
        fingerprint = record.fingerprint
        createdAt = record.createdAt.description
        lastUsedAt = record.lastUsedAt?.description
    }
}
