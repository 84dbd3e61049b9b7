import Access
import HubCore
import Metadata
import Testing

@Suite struct FineGrainedTokenUseTests {
    private func token(
        _ world: World,
        of user: String = "ada",
        _ entries: [(String, [TokenVerb])] = [],
        account: Bool = false,
        hub: Bool = false,
        expiresIn: Int64? = nil,
        by actor: Actor = .operator
    ) async throws -> Actor {
        let list = TokenPermissionList(
            entries: try entries.map { .init(place: try TokenPlace(parsing: $0.0), verbs: $0.1) },
            managesAccount: account,
            administersHub: hub
        )
        let name = "t\(try HubEnvironment.system().newID())"
        let new = NewToken(userName: user, name: name, permissions: list, expiresIn: expiresIn)
        let text = try await world.accounts.createToken(new, by: actor)
        return try await world.accounts.authenticate(.bearer(text), from: "192.0.2.1")
    }

    private func canRead(_ world: World, _ address: String, _ actor: Actor) async throws -> Bool {
        let address = try RepositoryAddress(parsing: address)
        do {
            _ = try await world.repositories.resolve(address, action: .readContent, by: actor)
            return true
        } catch is HubError { return false }
    }

    @Test func actsWhereItSaysAndNowhereElse() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.organization("acme", ["ada": .admin])
        for address in ["model/ada/one", "model/ada/two", "dataset/acme/three"] { try await world.repository(address) }
        let actor = try await token(world, [("ada/one", [.read]), ("acme", [.discussions, .write])])
        #expect(try await canRead(world, "model/ada/one", actor))
        #expect(try await canRead(world, "dataset/acme/three", actor))
        #expect(try await !canRead(world, "model/ada/two", actor))
        try await world.create("model/acme/new", by: actor)
        await expectError(.forbidden) { try await world.create("model/ada/new", by: actor) }
        // It cannot carry away what it may only write, nor bring anything where it may not.
        let (three, one) = (
            RepositoryAddress(type: .dataset, namespace: "acme", name: "three"),
            RepositoryAddress(type: .model, namespace: "ada", name: "one")
        )
        await expectError(.forbidden) { try await world.repositories.delete(three, by: actor) }
        await expectError(.forbidden) { _ = try await world.repositories.move(three, to: three, by: actor) }
        await expectError(.forbidden) { _ = try await world.repositories.move(one, to: one, by: actor) }
        let listed = try await world.repositories.list(RepositoryListing(), by: actor).map(\.address.name)
        #expect(listed == ["one", "three", "new"])
    }

    @Test func followsItsRepositoryAndGoesEmptyWithIt() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.organization("acme", ["ada": .admin])
        let one = try await world.repository("model/ada/one").address
        let actor = try await token(world, [("ada/one", [.read])])
        let moved = RepositoryAddress(type: .model, namespace: "acme", name: "one")
        _ = try await world.repositories.move(one, to: moved, by: .operator)
        #expect(try await canRead(world, "model/acme/one", actor))
        try await world.repositories.delete(moved, by: .operator)
        try await world.repository("model/ada/one")
        // What is left is a token that may do nothing, not one that is unrestricted.
        #expect(try await !canRead(world, "model/ada/one", actor))
        let listed = try #require(try await world.accounts.tokens(userName: "ada", by: .operator).first)
        #expect(listed.permissions == TokenPermissionList())
        let identity = try await world.accounts.identity(of: actor)
        #expect(identity.token?.isRestricted == true && identity.token?.permissions?.entries == [])
    }

    @Test func isTold() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("dataset/ada/data")
        let actor = try await token(world, [("*", [.read]), ("datasets/ada/data", [.administer])], account: true)
        let permissions = try await world.accounts.identity(of: actor).token?.permissions
        #expect(permissions?.entries.map(\.place.description) == ["*", "dataset/ada/data"])
        #expect(permissions?.entries.map(\.verbs) == [[.read], [.read, .write, .administer]])
        #expect(permissions?.managesAccount == true && permissions?.administersHub == false)
    }

    // MARK: Escalation

    @Test func makesOnlyTokensThatMayDoNoMore() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/one")
        try await world.repository("model/ada/two")
        let maker = try await token(world, [("ada/one", [.write])], account: true)
        _ = try await token(world, [("ada/one", [.read])], by: maker)
        for (entries, account, hub) in [
            ([("ada/two", [.read])], false, false), ([("ada/one", [.administer])], false, false),
            ([("*", [.read])], false, false), ([("ada", [.read])], false, false), ([], false, true),
        ] as [([(String, [TokenVerb])], Bool, Bool)] {
            await expectAnyError { _ = try await token(world, entries, account: account, hub: hub, by: maker) }
        }
        for role in Role.allCases {
            let plain = NewToken(userName: "ada", name: "plain \(role)", role: role)
            await expectError(.forbidden) { _ = try await world.accounts.createToken(plain, by: maker) }
        }
        let silent = try await token(world, [("*", TokenVerb.allCases)])
        await expectError(.forbidden) { _ = try await token(world, [("ada/one", [.read])], by: silent) }
        await expectError(.forbidden) { _ = try await world.accounts.tokens(userName: "ada", by: silent) }
    }

    @Test func comesToNoKeyAndNoPassword() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.repository("model/ada/one")
        for maker in try await [
            token(world, [("*", TokenVerb.allCases)], account: true), token(world, [], account: true),
            token(world, [("*", TokenVerb.allCases)]),
        ] {
            await expectError(.forbidden) {
                _ = try await world.accounts.addKey(
                    userName: "ada",
                    title: nil,
                    openSSHText: KeyFixture.ed25519.line,
                    by: maker
                )
            }
            await expectError(.forbidden) {
                try await world.accounts.setPassword(name: "ada", password: "a new password", by: maker)
            }
        }
        let everything = try await token(world, [("*", TokenVerb.allCases)], account: true, hub: true)
        let key = try await world.accounts.addKey(
            userName: "ada",
            title: nil,
            openSSHText: KeyFixture.ed25519.line,
            by: everything
        )
        try await world.accounts.removeKey(key.id.text, by: try await token(world, [], account: true))
        _ = ada
    }

    @Test func makesNothingThatOutlivesIt() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/one")
        let fine = try await token(
            world,
            [("*", TokenVerb.allCases)],
            account: true,
            hub: true,
            expiresIn: 3_600
        )
        let new = NewToken(userName: "ada", name: "plain", role: .admin, expiresIn: 3_600)
        let plain = try await world.accounts.authenticate(
            .bearer(try await world.accounts.createToken(new, by: .operator)),
            from: "192.0.2.1"
        )
        for maker in [fine, plain] {
            for seconds in [nil, 3_601, 86_400] as [Int64?] {
                await expectError(.forbidden) {
                    _ = try await token(world, [("ada/one", [.read])], expiresIn: seconds, by: maker)
                }
            }
            _ = try await token(world, [("ada/one", [.read])], expiresIn: 3_000, by: maker)
            await expectError(.forbidden) {
                _ = try await world.accounts.addKey(
                    userName: "ada",
                    title: nil,
                    openSSHText: KeyFixture.ed25519.line,
                    by: maker
                )
            }
            await expectError(.forbidden) {
                _ = try await world.accounts.addDeployKey(
                    to: RepositoryAddress(type: .model, namespace: "ada", name: "one"),
                    role: .read,
                    title: nil,
                    openSSHText: KeyFixture.ed25519.line,
                    by: maker
                )
            }
        }
        world.clock.advance(seconds: 3_601)
        await expectError(.unauthenticated) {
            _ = try await token(world, [("ada/one", [.read])], expiresIn: 1, by: fine)
        }
    }

    @Test func cannotTouchOthers() async throws {
        let world = try await World()
        let eve = try await world.user("eve")
        try await world.user("ada", isAdmin: true)
        let manager = try await token(world, [], account: true)
        let list = TokenPermissionList(managesAccount: true)
        let forEve = NewToken(userName: "eve", name: "x", permissions: list)
        await expectError(.forbidden) { _ = try await world.accounts.createToken(forEve, by: manager) }
        await expectError(.forbidden) { _ = try await world.accounts.tokens(userName: "eve", by: manager) }
        await expectError(.forbidden) { _ = try await world.accounts.tokens(userName: nil, by: manager) }
        await expectError(.forbidden) { _ = try await world.accounts.users(by: manager) }
        // By id: a token of somebody else is not there.
        let eves = try #require(
            try await {
                _ = try await world.accounts.createToken(NewToken(userName: "eve", name: "own", role: .read), by: eve)
                return try await world.accounts.tokens(userName: "eve", by: eve).first
            }()
        )
        await expectError(.notFound) {
            try await world.accounts.revokeToken(userName: "ada", id: eves.id, by: manager)
        }
        #expect(try await world.accounts.tokens(userName: "eve", by: eve).first?.revokedAt == nil)
    }

    // MARK: Rules

    @Test(arguments: ["", "/", "a/b/c/d", "rocket/a/b", "a/b c", "*/x", "a//b"])
    func refusesPlacesThatCannotBe(text: String) async throws {
        let world = try await World()
        try await world.user("ada")
        await expectAnyError { _ = try await token(world, [(text, [.read])]) }
    }

    @Test func refusesNothingAndTooMuch() async throws {
        let world = try await World()
        try await world.user("ada")
        await expectError(.invalid) { _ = try await token(world, []) }
        await expectError(.invalid) { _ = try await token(world, [("ada", [])]) }
        let many = Array(repeating: ("ada", [TokenVerb.read]), count: TokenPermissionList.largestCount)
        _ = try await token(world, many)
        await expectError(.invalid) { _ = try await token(world, many + [("ada", [.read])]) }
        await expectError(.notFound) { _ = try await token(world, [("nobody", [.read])]) }
    }

    @Test func tokensDoNotPileUp() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        for number in 0..<Accounts.mostEndedTokens + 20 {
            _ = try await world.accounts.createToken(
                NewToken(userName: "ada", name: "\(number)", role: .read),
                by: ada
            )
            try await world.accounts.revokeToken(userName: "ada", name: "\(number)", by: ada)
        }
        #expect(try await world.accounts.tokens(userName: "ada", by: ada).count <= Accounts.mostEndedTokens + 1)
        for number in 0..<Accounts.mostTokens {
            _ = try await world.accounts.createToken(
                NewToken(userName: "ada", name: "good \(number)", role: .read, expiresIn: 60),
                by: ada
            )
        }
        let more = NewToken(userName: "ada", name: "more", role: .read)
        await expectError(.conflict) { _ = try await world.accounts.createToken(more, by: ada) }
        world.clock.advance(seconds: 61)
        _ = try await world.accounts.createToken(more, by: ada)
    }
}

/// Expects a use case, or reading what it is given, to fail with an error for the client.
func expectAnyError(sourceLocation: SourceLocation = #_sourceLocation, _ body: () async throws -> Void) async {
    do {
        try await body()
        Issue.record("expected an error, nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as HubError {
        #expect([.invalid, .forbidden, .notFound].contains(error.kind), "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected a HubError, not \(error)", sourceLocation: sourceLocation)
    }
}
