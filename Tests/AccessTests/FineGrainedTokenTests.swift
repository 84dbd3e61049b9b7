import Access
import Testing

/// Fine-grained tokens: verbs in places, beside the tables for tokens with a role.
@Suite struct FineGrainedTokenTests {
    private let ids: Sample

    init() throws { ids = try Sample() }

    private func user(_ permissions: TokenPermissions, isAdmin: Bool = false) -> Actor {
        .user(UserActor(id: ids.userID, name: "ada", isAdmin: isAdmin, scope: TokenScope(permissions)))
    }

    private func user(_ verbs: [TokenVerb], at place: TokenScope.Restriction, isAdmin: Bool = false) -> Actor {
        user(TokenPermissions(entries: [.init(place: place, verbs: verbs)]), isAdmin: isAdmin)
    }

    private func facts(_ visibility: Visibility, _ role: Role?, isGated: Bool = false) -> RepositoryFacts {
        RepositoryFacts(
            id: ids.repository,
            namespaceID: ids.namespace,
            visibility: visibility,
            namespaceRole: role,
            isGated: isGated,
            isLetIn: isGated
        )
    }

    /// What each verb lets an owner do to a private repository.
    static let owners: [(TokenVerb, Set<Action>)] = [
        (.read, [.readRepository, .readContent]),
        (.write, [.readRepository, .readContent, .writeRepository]),
        (
            .administer,
            [
                .readRepository, .readContent, .writeRepository, .administerRepository, .deleteRepository,
                .moveRepository,
            ]
        ),
        (.discussions, [.readRepository, .participate]),
    ]

    private static let actions = Action.allCases.filter {
        ![
            .createRepository, .writeNamespace, .administerNamespace, .administerHub, .readOwnAccount,
            .writeOwnAccount,
        ].contains($0)
    }

    @Test(arguments: owners)
    func doesWhatItsVerbsSay(verb: TokenVerb, allowed: Set<Action>) {
        for place in [.hub, .namespace(ids.namespace), .repository(ids.repository)] as [TokenScope.Restriction] {
            for action in Self.actions {
                let decision = AccessPolicy.decide(
                    user([verb], at: place),
                    action,
                    on: .repository(facts(.private, .admin))
                )
                let expected: Decision = allowed.contains(action) ? .allow : .deny(.insufficientScope)
                #expect(decision == expected, "\(verb) \(action) \(place)")
            }
        }
        for place in [.namespace(ids.elsewhere), .repository(ids.elsewhere)] as [TokenScope.Restriction] {
            for action in Self.actions {
                let actor = user(TokenVerb.allCases, at: place)
                let hidden = AccessPolicy.decide(actor, action, on: .repository(facts(.private, .admin)))
                #expect(hidden == .deny(.notVisible), "\(action)")
                let open = AccessPolicy.decide(actor, action, on: .repository(facts(.public, .admin)))
                let isReading = [.readRepository, .readContent].contains(action)
                #expect(open == (isReading ? .allow : .deny(.insufficientScope)), "\(action)")
            }
        }
    }

    @Test func givesNothingThatTheAccountHasNot() {
        let strong = user(.everything)
        #expect(
            AccessPolicy.decide(strong, .readRepository, on: .repository(facts(.private, nil))) == .deny(.notVisible)
        )
        #expect(
            AccessPolicy.decide(strong, .writeRepository, on: .repository(facts(.private, .read)))
                == .deny(.insufficientRole)
        )
        let discussing = user([.discussions], at: .hub)
        #expect(
            AccessPolicy.decide(discussing, .participate, on: .repository(facts(.private, nil))) == .deny(.notVisible)
        )
        #expect(AccessPolicy.decide(discussing, .participate, on: .repository(facts(.public, nil))) == .allow)
    }

    @Test func opensAGateOnlyWithAVerbForFilesThere() {
        let gated = Resource.repository(facts(.public, nil, isGated: true))
        #expect(AccessPolicy.decide(user([.read], at: .hub), .readContent, on: gated) == .allow)
        #expect(
            AccessPolicy.decide(user([.read], at: .repository(ids.repository)), .readContent, on: gated) == .allow
        )
        for actor in [user([.discussions], at: .hub), user([.read], at: .repository(ids.elsewhere))] {
            #expect(AccessPolicy.decide(actor, .readContent, on: gated) == .deny(.gated))
        }
    }

    @Test func makesRepositoriesWhereItWrites() {
        for (place, isThere) in [
            (.hub, true), (.namespace(ids.namespace), true), (.namespace(ids.elsewhere), false),
            (.repository(ids.repository), false),
        ] as [(TokenScope.Restriction, Bool)] {
            let resource = Resource.namespace(NamespaceFacts(id: ids.namespace, role: .admin))
            let writer = AccessPolicy.decide(user([.write], at: place), .createRepository, on: resource)
            #expect(writer == (isThere ? .allow : .deny(.insufficientScope)))
            let reader = AccessPolicy.decide(user([.read, .discussions], at: place), .createRepository, on: resource)
            #expect(reader == .deny(.insufficientScope))
            let manager = AccessPolicy.decide(user([.administer], at: place), .administerNamespace, on: resource)
            #expect(manager == (isThere ? .allow : .deny(.insufficientScope)))
        }
    }

    /// What is attached to a comment is attached nowhere yet: the verb counts wherever it is for.
    @Test(arguments: TokenVerb.allCases)
    func takesPartInTheHubWhereverItTakesPart(verb: TokenVerb) {
        for place in [.hub, .namespace(ids.namespace), .repository(ids.repository)] as [TokenScope.Restriction] {
            let decision = AccessPolicy.decide(user([verb], at: place), .participate, on: .hub)
            #expect(decision == (verb == .discussions ? .allow : .deny(.insufficientScope)), "\(verb) \(place)")
        }
    }

    @Test func hasNothingOfAnAdministratorUnlessItSays() {
        let foreign = Resource.repository(facts(.private, nil))
        let narrow = user(TokenVerb.allCases, at: .hub, isAdmin: true)
        for action in Self.actions {
            #expect(AccessPolicy.decide(narrow, action, on: foreign) == .deny(.notVisible), "\(action)")
        }
        #expect(AccessPolicy.decide(narrow, .administerHub, on: .hub) == .deny(.insufficientScope))
        let broad = user(TokenPermissions(administersHub: true), isAdmin: true)
        #expect(AccessPolicy.decide(broad, .administerHub, on: .hub) == .allow)
        // Administering the hub is one thing, acting in its repositories another.
        #expect(AccessPolicy.decide(broad, .readContent, on: foreign) == .deny(.notVisible))
        let powerless = user(TokenPermissions(administersHub: true))
        #expect(AccessPolicy.decide(powerless, .administerHub, on: .hub) == .deny(.insufficientRole))
    }

    @Test func managesItsAccountOnlyWhenToldSo() {
        let everywhere = user(TokenVerb.allCases, at: .hub)
        #expect(
            AccessPolicy.decide(everywhere, .writeOwnAccount, on: .account(ids.userID)) == .deny(.insufficientScope)
        )
        let manager = user(TokenPermissions(managesAccount: true))
        #expect(AccessPolicy.decide(manager, .writeOwnAccount, on: .account(ids.userID)) == .allow)
        #expect(
            AccessPolicy.decide(manager, .writeOwnAccount, on: .account(ids.elsewhere)) == .deny(.insufficientRole)
        )
    }

    // MARK: Making credentials

    @Test func makesNothingBroader() {
        let own = TokenPermissions(
            entries: [
                .init(place: .namespace(ids.namespace), verbs: [.write]),
                .init(place: .repository(ids.repository), verbs: [.read, .discussions]),
            ],
            managesAccount: true
        )
        func decision(_ entries: [TokenPermissions.Entry], account: Bool = false, hub: Bool = false) -> Decision {
            let wanted = TokenPermissions(entries: entries, managesAccount: account, administersHub: hub)
            return AccessPolicy.decideCredential(TokenScope(wanted), by: user(own))
        }
        #expect(decision([.init(place: .namespace(ids.namespace), verbs: [.read])], account: true) == .allow)
        #expect(decision([.init(place: .repository(ids.repository), verbs: [.discussions])]) == .allow)
        let broader: [TokenPermissions.Entry] = [
            .init(place: .namespace(ids.namespace), verbs: [.administer]),
            .init(place: .namespace(ids.namespace), verbs: [.discussions]),
            .init(place: .namespace(ids.elsewhere), verbs: [.read]),
            .init(place: .hub, verbs: [.read]),
            // In the namespace today, somewhere else tomorrow.
            .init(place: .repository(ids.elsewhere), verbs: [.read]),
            .init(place: .repository(ids.repository), verbs: [.write]),
        ]
        for entry in broader { #expect(decision([entry]) == .deny(.insufficientScope), "\(entry)") }
        #expect(decision([], hub: true) == .deny(.insufficientScope))
        // Tokens with a role, keys and passwords are written in no verbs.
        for role in Role.allCases {
            for place in [.hub, .repository(ids.repository)] as [TokenScope.Restriction] {
                let scope = TokenScope(role: role, restriction: place)
                #expect(AccessPolicy.decideCredential(scope, by: user(own)) == .deny(.insufficientScope))
            }
        }
        #expect(AccessPolicy.decideCredential(nil, by: user(own)) == .deny(.insufficientScope))
        #expect(AccessPolicy.decideCredential(nil, by: user(.everything)) == .allow)
    }

    @Test func makesNothingWithoutManagingTheAccount() {
        let own = TokenPermissions(entries: [.init(place: .hub, verbs: TokenVerb.allCases)])
        #expect(AccessPolicy.decideCredential(TokenScope(own), by: user(own)) == .deny(.insufficientScope))
        for role in Role.allCases {
            let plain = Actor.user(
                UserActor(id: ids.userID, name: "ada", isAdmin: true, scope: TokenScope(role: role))
            )
            let expected: Decision = role == .admin ? .allow : .deny(.insufficientScope)
            #expect(AccessPolicy.decideCredential(TokenScope(own), by: plain) == expected)
            #expect(AccessPolicy.decideCredential(nil, by: plain) == expected)
        }
        #expect(AccessPolicy.decideCredential(nil, by: .anonymous) == .deny(.unauthenticated))
        #expect(AccessPolicy.decideCredential(nil, by: .operator) == .allow)
    }

    /// What one set of permissions includes can do nothing that the other cannot, wherever repositories are.
    @Test func includesOnlyWhatItCanDoItself() {
        var random = SystemRandomNumberGenerator()
        var included = 0
        for _ in 0..<3_000 {
            let (first, second) = (permissions(using: &random), permissions(using: &random))
            guard first.includes(second) else { continue }
            included += 1
            for isAdmin in [false, true] {
                let (maker, made) = (user(first, isAdmin: isAdmin), user(second, isAdmin: isAdmin))
                for (action, resource) in questions()
                where AccessPolicy.decide(made, action, on: resource) == .allow {
                    let answer = AccessPolicy.decide(maker, action, on: resource)
                    #expect(answer == .allow, "\(first) includes \(second), but not \(action) on \(resource)")
                }
            }
        }
        #expect(included > 50)
    }

    private func permissions(using random: inout some RandomNumberGenerator) -> TokenPermissions {
        let places: [TokenScope.Restriction] = [
            .hub, .namespace(ids.namespace), .namespace(ids.elsewhere), .repository(ids.repository),
        ]
        let entries = (0..<Int.random(in: 0...3, using: &random)).map { _ in
            let verbs = TokenVerb.allCases.filter { _ in Bool.random(using: &random) }
            return TokenPermissions.Entry(place: places.randomElement(using: &random) ?? .hub, verbs: verbs)
        }
        return TokenPermissions(
            entries: entries,
            managesAccount: Bool.random(using: &random),
            administersHub: Bool.random(using: &random)
        )
    }

    private func questions() -> [(Action, Resource)] {
        var resources: [Resource] = [.hub, .account(ids.userID)]
        for namespace in [ids.namespace, ids.elsewhere] {
            for role in [nil] + Role.allCases.map(Optional.some) {
                resources.append(.namespace(NamespaceFacts(id: namespace, role: role)))
                for visibility in Visibility.allCases {
                    for isGated in [false, true] {
                        var facts = facts(visibility, role, isGated: isGated)
                        facts.namespaceID = namespace
                        resources.append(.repository(facts))
                    }
                }
            }
        }
        return resources.flatMap { resource in Action.allCases.map { ($0, resource) } }
    }
}
