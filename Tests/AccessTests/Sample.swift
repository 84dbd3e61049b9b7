import Access
import Testing

/// Ids and actors for questions.
struct Sample {
    let userID: RecordID
    let namespace: RecordID
    let repository: RecordID
    let elsewhere: RecordID

    init() throws {
        userID = try #require(RecordID("00000000000000000000000000000001"))
        namespace = try #require(RecordID("00000000000000000000000000000002"))
        repository = try #require(RecordID("00000000000000000000000000000003"))
        elsewhere = try #require(RecordID("00000000000000000000000000000004"))
    }

    /// Every restriction that a credential can have, and whether it covers the repository asked about.
    func restrictions(for credential: AccessPolicyTests.Credential) -> [(TokenScope.Restriction, Bool)] {
        guard credential != .password else { return [(.hub, true)] }
        return [
            (.hub, true), (.namespace(namespace), true), (.repository(repository), true),
            (.namespace(elsewhere), false), (.repository(elsewhere), false),
        ]
    }

    /// A user with that credential.
    func user(
        isAdmin: Bool,
        _ credential: AccessPolicyTests.Credential,
        _ restriction: TokenScope.Restriction
    ) -> Actor {
        let role: Role? =
            switch credential {
            case .password: nil
            case .read: .read
            case .write: .write
            case .admin: .admin
            }
        let scope = role.map { TokenScope(role: $0, restriction: restriction) }
        return .user(UserActor(id: userID, name: "ada", isAdmin: isAdmin, scope: scope))
    }

    /// A key that belongs to a repository or an organisation.
    func key(_ role: Role, _ restriction: TokenScope.Restriction) -> Actor {
        .key(KeyActor(id: elsewhere, fingerprint: "SHA256:x", role: role, restriction: restriction))
    }

    /// The pairs of action and resource that go together.
    var meaningful: [(Action, Resource)] {
        let facts = RepositoryFacts(id: repository, namespaceID: namespace, visibility: .private)
        let place = Resource.namespace(NamespaceFacts(id: namespace))
        return AccessPolicyTests.repositoryActions.map { ($0.0, Resource.repository(facts)) } + [
            (.participate, Resource.repository(facts)), (.createRepository, place), (.writeNamespace, place),
            (.administerNamespace, place), (.administerHub, .hub), (.participate, .hub),
            (.readOwnAccount, .account(userID)), (.writeOwnAccount, .account(userID)),
        ]
    }
}
