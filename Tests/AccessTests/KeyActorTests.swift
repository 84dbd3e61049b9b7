import Access
import Testing

/// Keys of repositories and organisations, and grants that come from keys.
@Suite struct KeyActorTests {
    /// A key and what it can do in the repository that is asked about: 0 nothing, 1 read, 2 write.
    struct Standing {
        var key: Actor
        var level: Int
    }

    static func standings() throws -> [Standing] {
        let ids = try Sample()
        // A key never has more than write, and one for the whole hub is none of ours.
        let roles: [(Role, Int)] = [(.read, 1), (.write, 2), (.admin, 2)]
        let restrictions: [(TokenScope.Restriction, Bool)] = [
            (.repository(ids.repository), true), (.namespace(ids.namespace), true),
            (.repository(ids.elsewhere), false), (.namespace(ids.elsewhere), false), (.hub, false),
        ]
        return roles.flatMap { role, level in
            restrictions.map { Standing(key: ids.key(role, $0), level: $1 ? level : 0) }
        }
    }

    /// A public repository is readable; a private one that is not covered does not exist; all else takes a role.
    private static func answer(_ action: Action, _ level: Int, _ visibility: Visibility) -> Decision {
        if level == 0 && visibility == .private { return .deny(.notVisible) }
        switch action {
        case .readRepository, .readContent: return .allow
        case .writeRepository: return level >= 2 ? .allow : .deny(.insufficientKey)
        default: return .deny(.insufficientKey)
        }
    }

    @Test(arguments: Visibility.allCases)
    func answersKeysAboutRepositoriesAsTheTableSays(visibility: Visibility) throws {
        let ids = try Sample()
        for standing in try Self.standings() {
            // What the facts say of people adds nothing.
            for role in AccessPolicyTests.levels {
                let facts = RepositoryFacts(
                    id: ids.repository,
                    namespaceID: ids.namespace,
                    visibility: visibility,
                    namespaceRole: role,
                    grant: role
                )
                for (action, _) in AccessPolicyTests.repositoryActions {
                    let decision = AccessPolicy.decide(standing.key, action, on: .repository(facts))
                    #expect(decision == Self.answer(action, standing.level, visibility), "\(standing.key) \(action)")
                }
            }
        }
    }

    @Test func letsKeysDoNothingElse() throws {
        let ids = try Sample()
        for standing in try Self.standings() {
            for (action, resource) in ids.meaningful {
                if case .repository = resource { continue }
                #expect(AccessPolicy.decide(standing.key, action, on: resource) == .deny(.insufficientKey))
            }
        }
    }

    @Test func knowsTheRoleThatProtectedRefsAskFor() throws {
        let ids = try Sample()
        let facts = RepositoryFacts(id: ids.repository, namespaceID: ids.namespace, visibility: .public)
        for standing in try Self.standings() {
            guard case .key(let key) = standing.key else { continue }
            let roles: [Role?] = [nil, .read, .write]
            #expect(AccessPolicy.effectiveRole(of: key, in: facts) == roles[standing.level], "\(key)")
        }
    }

    @Test func isNamedByItsFingerprint() throws {
        let key = try Sample().key(.read, .hub)
        #expect(key.auditName == "<key SHA256:x>")
        #expect(key.userID == nil)
        #expect(AccessPolicy.denialOfMissing(to: key) == .notVisible)
    }

    /// What an account without a role, a member and an administrator can do by a grant: 0 nothing, 1 read, 2 write.
    @Test(
        arguments: [
            (false, nil, Role.read, 0), (false, nil, .write, 0), (false, .read, .read, 1), (false, .read, .write, 1),
            (false, .admin, .read, 1), (false, .admin, .write, 2), (true, nil, .read, 1), (true, nil, .write, 2),
        ] as [(Bool, Role?, Role, Int)]
    )
    func narrowsGrantsButKeepsWhatAdministratorsRead(isAdmin: Bool, role: Role?, granted: Role, level: Int) throws {
        let ids = try Sample()
        let facts = RepositoryFacts(
            id: ids.repository,
            namespaceID: ids.namespace,
            visibility: .private,
            namespaceRole: role
        )
        let scope = TokenScope(role: granted, restriction: .repository(ids.repository), isGrant: true)
        let actor = Actor.user(UserActor(id: ids.userID, name: "ada", isAdmin: isAdmin, scope: scope))
        for (action, needed) in AccessPolicyTests.repositoryActions {
            let isAllowed = AccessPolicy.decide(actor, action, on: .repository(facts)) == .allow
            #expect(isAllowed == (level >= needed), "\(action)")
        }
        let elsewhere = RepositoryFacts(id: ids.elsewhere, namespaceID: ids.namespace, visibility: .private)
        #expect(AccessPolicy.decide(actor, .readRepository, on: .repository(elsewhere)) == .deny(.notVisible))
        #expect(AccessPolicy.decide(actor, .administerHub, on: .hub) != .allow)
        #expect(AccessPolicy.decide(actor, .writeOwnAccount, on: .account(ids.userID)) != .allow)
    }
}
