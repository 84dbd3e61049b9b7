package import Access
package import Metadata

/// Users and organisations as everybody sees them, and who follows whom.
package struct Profiles: Sendable {
    private let database: Database
    private let environment: HubEnvironment

    package static let largestPage = 1_000
    /// The most users and organisations that one user follows.
    package static let mostFollows = 10_000

    /// Profiles of the accounts in `metadata`.
    init(metadata: MetadataStore, environment: HubEnvironment) {
        database = Database(store: metadata)
        self.environment = environment
    }

    /// A user or an organisation in numbers.
    package struct Overview: Sendable {
        package let name: String
        package let fullName: String?
        package let createdAt: Timestamp
        /// Repositories that the asker may see, by type.
        package let repositories: [RepositoryType: Int]
        package let followers: Int
        package let isFollowing: Bool
        /// What only users have.
        package var likes = 0
        package var following = 0
        package var organizations: [String] = []
        /// What only organisations have.
        package var members = 0
    }

    /// What everybody may know of a user.
    ///
    /// - Throws: `HubError.notFound` without such a user, and for one that is disabled.
    package func user(_ name: String, by actor: Actor) async throws -> Overview {
        try await database.read { records in
            let user = try Self.user(name, for: actor, in: records)
            guard let namespace = try records.namespace(id: user.id) else { throw Self.noUser }
            var overview = try overview(namespace, fullName: user.fullName, actor, records)
            overview.likes = try records.publicLikeCount(userID: user.id)
            overview.following = try records.followingCount(userID: user.id)
            overview.organizations = try records.memberships(userID: user.id).map(\.organizationName)
            return overview
        }
    }

    /// What everybody may know of an organisation.
    package func organization(_ name: String, by actor: Actor) async throws -> Overview {
        try await database.read { records in
            let namespace = try Self.organization(name, records)
            var overview = try overview(namespace, fullName: nil, actor, records)
            overview.members = try records.memberCount(organizationID: namespace.id)
            return overview
        }
    }

    private func overview(
        _ namespace: NamespaceRecord,
        fullName: String?,
        _ actor: Actor,
        _ records: Records
    ) throws -> Overview {
        // Whoever may see any private repository here may see all of them.
        let role = try records.facts(of: namespace, for: actor).role
        let facts = RepositoryFacts(
            id: try environment.newID(),
            namespaceID: namespace.id,
            visibility: .private,
            namespaceRole: role
        )
        let seesAll = AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow
        return Overview(
            name: namespace.name,
            fullName: fullName,
            createdAt: namespace.createdAt,
            repositories: try records.repositoryCounts(namespaceID: namespace.id, publicOnly: !seesAll),
            followers: try records.followerCount(namespaceID: namespace.id),
            isFollowing: try actor.userID.map { try records.follows(userID: $0, namespaceID: namespace.id) } ?? false
        )
    }

    /// Lists of people.
    package enum List: Sendable {
        case members(organization: String)
        case followersOfOrganization(String)
        case followers(user: String)
        case following(user: String)
    }

    /// A page of a list of people, for whoever has an account.
    package func people(_ list: List, after: String?, limit: Int, by actor: Actor) async throws -> [PersonRecord] {
        guard actor != .anonymous else {
            throw HubError(.unauthenticated, "Authentication is required to do this.")
        }
        return try await database.read { records in
            switch list {
            case .members(let name):
                let id = try Self.organization(name, records).id
                return try records.memberPeople(organizationID: id, after: after, limit: limit)
            case .followersOfOrganization(let name):
                let id = try Self.organization(name, records).id
                return try records.followers(namespaceID: id, after: after, limit: limit)
            case .followers(let name):
                let id = try Self.user(name, for: actor, in: records).id
                return try records.followers(namespaceID: id, after: after, limit: limit)
            case .following(let name):
                let id = try Self.user(name, for: actor, in: records).id
                return try records.following(userID: id, after: after, limit: limit)
            }
        }
    }

    /// Notes whether the actor follows a user or an organisation; saying it again changes nothing.
    ///
    /// - Throws: `HubError` unless the credentials carry the whole account.
    package func setFollow(_ follows: Bool, _ name: String, isUser: Bool, by actor: Actor) async throws {
        guard let userID = actor.userID else {
            throw HubError(.unauthenticated, "Authentication is required to do this.")
        }
        try AccessPolicy.decide(actor, .writeOwnAccount, on: .account(userID)).require("account")
        try await database.transaction { records in
            let id = try isUser ? Self.user(name, for: actor, in: records).id : Self.organization(name, records).id
            guard id != userID else { throw HubError.invalid("Nobody follows themselves.") }
            guard follows else { return try records.deleteFollow(namespaceID: id, userID: userID) }
            guard try records.followCount(userID: userID) < Self.mostFollows else {
                throw HubError(.invalid, "An account follows at most \(Self.mostFollows) others.")
            }
            try records.insertFollow(
                id: try environment.newID(),
                namespaceID: id,
                userID: userID,
                at: environment.now()
            )
        }
    }

    /// A user as others see them: one that is disabled is there for administrators of the hub alone.
    static func user(_ name: String, for actor: Actor, in records: Records) throws -> UserRecord {
        guard let user = try records.user(byName: name) else { throw noUser }
        if user.isDisabled, AccessPolicy.decide(actor, .administerHub, on: .hub) != .allow { throw noUser }
        return user
    }

    private static func organization(_ name: String, _ records: Records) throws -> NamespaceRecord {
        guard let namespace = try records.namespace(byName: name), namespace.kind == .organization else {
            throw HubError(.notFound, "There is no such organization.")
        }
        return namespace
    }

    private static let noUser = HubError(.notFound, "There is no such user.")
}
