import Access
import Testing

/// Every actor × action × visibility × role × token scope, against tables written by hand.
@Suite struct AccessPolicyTests {
    /// How a token stands to the resource that is asked about.
    enum Credential: CaseIterable {
        case password, read, write, admin
    }

    /// Effective roles, as 0 none, 1 read, 2 write, 3 admin, under password, read, write and admin token.
    ///
    /// The row is what namespace and grant give the account.
    static let ordinary: [[Int]] = [
        [0, 0, 0, 0],
        [1, 1, 1, 1],
        [2, 1, 2, 2],
        [3, 1, 2, 3],
    ]

    /// The same for an administrator of the hub: a read token has nothing of it.
    static let administrator: [[Int]] = [
        [3, 0, 2, 3],
        [3, 1, 2, 3],
        [3, 1, 2, 3],
        [3, 1, 2, 3],
    ]

    /// The level that each repository action needs.
    static let repositoryActions: [(Action, Int)] = [
        (.readRepository, 1), (.readContent, 1), (.writeRepository, 2), (.administerRepository, 3),
        (.deleteRepository, 3),
        (.moveRepository, 3),
    ]

    static let levels: [Role?] = [nil, .read, .write, .admin]

    /// One question about a repository with the answer that the tables give.
    struct Question {
        var actor: Actor
        var action: Action
        var facts: RepositoryFacts
        var expected: Decision
    }

    /// All questions that users can ask about one repository.
    static func userQuestions() throws -> [Question] {
        let ids = try Sample()
        var questions: [Question] = []
        for isAdmin in [false, true] {
            for (column, credential) in Credential.allCases.enumerated() {
                for (restriction, covers) in ids.restrictions(for: credential) {
                    for (namespaceLevel, namespaceRole) in levels.enumerated() {
                        for (grantLevel, grant) in levels.enumerated() {
                            let row = (isAdmin ? administrator : ordinary)[max(namespaceLevel, grantLevel)]
                            let level = covers ? row[column] : 0
                            let actor = ids.user(isAdmin: isAdmin, credential, restriction)
                            for visibility in Visibility.allCases {
                                let facts = RepositoryFacts(
                                    id: ids.repository,
                                    namespaceID: ids.namespace,
                                    visibility: visibility,
                                    namespaceRole: namespaceRole,
                                    grant: grant
                                )
                                questions += repositoryActions.map { action, needed in
                                    let isDisposal = action == .deleteRepository || action == .moveRepository
                                    let isOwn = max(namespaceLevel, grantLevel) == 3
                                    // Who owns a repository disposes of it with a write token, too.
                                    let reached = isDisposal && isOwn && level == 2 ? 3 : level
                                    let expected = answer(needed, reached, accountLevel: row[0], visibility)
                                    return Question(actor: actor, action: action, facts: facts, expected: expected)
                                }
                            }
                        }
                    }
                }
            }
        }
        return questions
    }

    private static func answer(_ needed: Int, _ level: Int, accountLevel: Int, _ visibility: Visibility) -> Decision {
        if level >= needed || (needed == 1 && visibility == .public) { return .allow }
        if level == 0 && visibility == .private { return .deny(.notVisible) }
        return .deny(accountLevel >= needed ? .insufficientScope : .insufficientRole)
    }

    @Test func answersUsersAboutRepositoriesAsTheTablesSay() throws {
        let questions = try Self.userQuestions()
        // 2 accounts × (1 password + 3 tokens × 5 restrictions) × 4 × 4 roles × 2 visibilities × 5 actions
        #expect(questions.count == 2 * 16 * 16 * 2 * 6)
        for question in questions {
            let decision = AccessPolicy.decide(question.actor, question.action, on: .repository(question.facts))
            #expect(decision == question.expected, "\(question)")
        }
    }

    @Test(arguments: Visibility.allCases)
    func letsTheAnonymousOnlyReadWhatIsPublic(visibility: Visibility) throws {
        let ids = try Sample()
        for (action, _) in Self.repositoryActions {
            for role in Self.levels {
                let facts = RepositoryFacts(
                    id: ids.repository,
                    namespaceID: ids.namespace,
                    visibility: visibility,
                    namespaceRole: role,
                    grant: role
                )
                let isAllowed = [.readRepository, .readContent].contains(action) && visibility == .public
                let expected: Decision = isAllowed ? .allow : .deny(.unauthenticated)
                #expect(AccessPolicy.decide(.anonymous, action, on: .repository(facts)) == expected)
            }
        }
    }

    @Test func answersAboutNamespacesAsTheTablesSay() throws {
        let ids = try Sample()
        for isAdmin in [false, true] {
            for (column, credential) in Credential.allCases.enumerated() {
                for (restriction, covers) in ids.restrictions(for: credential) {
                    for (level, role) in Self.levels.enumerated() {
                        let row = (isAdmin ? Self.administrator : Self.ordinary)[level]
                        // A token for one repository makes nothing and manages nobody, in its namespace either.
                        let isForNamespace = covers && restriction != .repository(ids.repository)
                        let effective = isForNamespace ? row[column] : 0
                        let actor = ids.user(isAdmin: isAdmin, credential, restriction)
                        let resource = Resource.namespace(NamespaceFacts(id: ids.namespace, role: role))
                        for (action, needed) in [
                            (Action.createRepository, 2), (.writeNamespace, 2), (.administerNamespace, 3),
                        ] {
                            let denial: Denial = row[0] >= needed ? .insufficientScope : .insufficientRole
                            let expected: Decision = effective >= needed ? .allow : .deny(denial)
                            #expect(AccessPolicy.decide(actor, action, on: resource) == expected)
                        }
                    }
                }
            }
        }
    }

    @Test func letsOnlyWholeAccountsAdministerTheHubAndThemselves() throws {
        let ids = try Sample()
        for credential in Credential.allCases {
            for (restriction, _) in ids.restrictions(for: credential) {
                let isWhole = credential == .password || (credential == .admin && restriction == .hub)
                let narrow: Decision = isWhole ? .allow : .deny(.insufficientScope)
                let administrator = ids.user(isAdmin: true, credential, restriction)
                let ordinary = ids.user(isAdmin: false, credential, restriction)
                #expect(AccessPolicy.decide(administrator, .administerHub, on: .hub) == narrow)
                #expect(AccessPolicy.decide(ordinary, .administerHub, on: .hub) == .deny(.insufficientRole))
                for actor in [administrator, ordinary] {
                    #expect(AccessPolicy.decide(actor, .readOwnAccount, on: .account(ids.userID)) == .allow)
                    #expect(AccessPolicy.decide(actor, .writeOwnAccount, on: .account(ids.userID)) == narrow)
                    for action in [Action.readOwnAccount, .writeOwnAccount] {
                        let others = AccessPolicy.decide(actor, action, on: .account(ids.elsewhere))
                        #expect(others == .deny(.insufficientRole))
                    }
                }
            }
        }
    }

    @Test func letsTheOperatorDoWhatHasAMeaning() throws {
        let ids = try Sample()
        for (action, resource) in ids.meaningful {
            #expect(AccessPolicy.decide(.operator, action, on: resource) == .allow)
        }
    }

    @Test(arguments: Action.allCases)
    func deniesEverybodyWhatHasNoMeaning(action: Action) throws {
        let ids = try Sample()
        let kinds = ids.meaningful.map(\.1)
        for resource in kinds where !ids.meaningful.contains(where: { $0.0 == action && $0.1 == resource }) {
            let user = ids.user(isAdmin: true, .password, .hub)
            #expect(AccessPolicy.decide(.operator, action, on: resource) == .deny(.notVisible))
            #expect(AccessPolicy.decide(user, action, on: resource) == .deny(.notVisible))
            #expect(
                AccessPolicy.decide(ids.key(.write, .repository(ids.repository)), action, on: resource)
                    == .deny(.notVisible)
            )
            #expect(AccessPolicy.decide(.anonymous, action, on: resource) == .deny(.unauthenticated))
        }
    }

    @Test func doesNotTellMissingFromInvisible() throws {
        let ids = try Sample()
        let facts = RepositoryFacts(id: ids.repository, namespaceID: ids.namespace, visibility: .private)
        let strangers = [
            Actor.anonymous, ids.user(isAdmin: false, .password, .hub), ids.key(.write, .repository(ids.elsewhere)),
        ]
        for actor in strangers {
            for (action, _) in Self.repositoryActions {
                let denial = AccessPolicy.denialOfMissing(to: actor)
                #expect(AccessPolicy.decide(actor, action, on: .repository(facts)) == .deny(denial))
            }
        }
    }
}
