import Access
import Testing

/// Gates, closed repositories, and taking part.
@Suite struct GateTests {
    private func facts(_ ids: Sample, _ change: (inout RepositoryFacts) -> Void = { _ in }) -> RepositoryFacts {
        var facts = RepositoryFacts(id: ids.repository, namespaceID: ids.namespace, visibility: .public, isGated: true)
        change(&facts)
        return facts
    }

    private func decide(_ actor: Actor, _ action: Action, _ facts: RepositoryFacts) -> Decision {
        AccessPolicy.decide(actor, action, on: .repository(facts))
    }

    @Test func showsGatedRepositoriesButNotTheirFiles() throws {
        let ids = try Sample()
        let stranger = ids.user(isAdmin: false, .password, .hub)
        for actor in [Actor.anonymous, stranger, ids.key(.write, .repository(ids.elsewhere))] {
            #expect(decide(actor, .readRepository, facts(ids)) == .allow)
        }
        #expect(decide(.anonymous, .readContent, facts(ids)) == .deny(.gatedUnauthenticated))
        #expect(decide(stranger, .readContent, facts(ids)) == .deny(.gated))
        #expect(decide(ids.key(.write, .repository(ids.elsewhere)), .readContent, facts(ids)) == .deny(.gated))
        #expect(decide(ids.key(.read, .repository(ids.repository)), .readContent, facts(ids)) == .allow)
    }

    @Test(arguments: AccessPolicyTests.Credential.allCases)
    func letsInWhoWasLetIn(credential: AccessPolicyTests.Credential) throws {
        let ids = try Sample()
        for (restriction, covers) in ids.restrictions(for: credential) {
            let actor = ids.user(isAdmin: false, credential, restriction)
            let expected: Decision = covers ? .allow : .deny(.gated)
            #expect(decide(actor, .readContent, facts(ids) { $0.isLetIn = true }) == expected)
            // Having a role is being let in.
            #expect(decide(actor, .readContent, facts(ids) { $0.grant = .read }) == expected)
            #expect(decide(actor, .writeRepository, facts(ids) { $0.isLetIn = true }) != .allow)
        }
    }

    @Test func opensAPrivateRepositoryToNobodyByItsGate() throws {
        let ids = try Sample()
        let hidden = facts(ids) { ($0.isLetIn, $0.visibility) = (true, .private) }
        #expect(decide(ids.user(isAdmin: false, .password, .hub), .readContent, hidden) == .deny(.notVisible))
        #expect(decide(.anonymous, .readContent, hidden) == .deny(.unauthenticated))
    }

    @Test(arguments: Action.allCases)
    func closesForAllButAdministrators(action: Action) throws {
        let ids = try Sample()
        guard ids.meaningful.contains(where: { $0.0 == action && $0.1.isRepository }) else { return }
        let closed = facts(ids) { ($0.isDisabled, $0.isGated, $0.namespaceRole) = (true, false, .admin) }
        let others = [
            ids.user(isAdmin: false, .password, .hub), ids.user(isAdmin: false, .admin, .hub),
            ids.key(.write, .repository(ids.repository)), .anonymous,
        ]
        for actor in others { #expect(decide(actor, action, closed) == .deny(.disabled)) }
        #expect(decide(ids.user(isAdmin: true, .password, .hub), action, closed) == .allow)
        #expect(decide(.operator, action, closed) == .allow)
        let hidden = facts(ids) { ($0.isDisabled, $0.visibility) = (true, .private) }
        #expect(decide(ids.user(isAdmin: false, .password, .hub), action, hidden) == .deny(.notVisible))
    }

    @Test(arguments: AccessPolicyTests.Credential.allCases)
    func letsWhoeverSeesItTakePart(credential: AccessPolicyTests.Credential) throws {
        let ids = try Sample()
        for (restriction, covers) in ids.restrictions(for: credential) {
            let actor = ids.user(isAdmin: false, credential, restriction)
            let isEnough = credential == .password || (credential != .read && covers)
            #expect(decide(actor, .participate, facts(ids)) == (isEnough ? .allow : .deny(.insufficientScope)))
        }
        #expect(decide(.anonymous, .participate, facts(ids)) == .deny(.unauthenticated))
        let key = ids.key(.write, .repository(ids.repository))
        #expect(decide(key, .participate, facts(ids)) == .deny(.insufficientKey))
    }
}

extension Resource {
    fileprivate var isRepository: Bool {
        if case .repository = self { true } else { false }
    }
}
