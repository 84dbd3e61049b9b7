import Access
import HubCore
import Metadata
import Testing

@Suite struct TokenTests {
    @Test func saysWhoItsBearerIs() async throws {
        let world = try await World()
        try await world.user("ada")
        let actor = try await world.tokenActor("ada", .write)
        let identity = try await world.accounts.identity(of: actor)
        #expect(identity.account.name == "ada")
        #expect(identity.token?.role == .write)
        #expect(identity.token?.isRestricted == false)
        await expectError(.unauthenticated) { _ = try await world.accounts.identity(of: .anonymous) }
        await expectError(.invalid) { _ = try await world.accounts.identity(of: .operator) }
    }

    @Test func cannotMakeStrongerOnes() async throws {
        let world = try await World()
        let ada = try await world.user("ada", isAdmin: true)
        let bob = try await world.user("bob")
        let new = NewToken(userName: "bob", name: "new", role: .admin)
        for narrow in try await [
            world.tokenActor("bob", .read), world.tokenActor("bob", .write),
            world.tokenActor("bob", .admin, .namespace("bob")),
        ] {
            await expectError(.forbidden) { _ = try await world.accounts.createToken(new, by: narrow) }
            await expectError(.forbidden) {
                _ = try await world.accounts.tokens(userName: "bob", by: narrow)
            }
        }
        // Administering the hub is not being somebody else.
        await expectError(.forbidden) { _ = try await world.accounts.createToken(new, by: ada) }
        await expectError(.unauthenticated) { _ = try await world.accounts.createToken(new, by: .anonymous) }
        _ = try await world.accounts.createToken(new, by: bob)
        _ = try await world.accounts.createToken(
            NewToken(userName: "bob", name: "newer", role: .admin),
            by: world.tokenActor("bob", .admin)
        )
        #expect(try await world.lastAudit().details.contains("\"tokenID\""))
    }

    @Test func isNarrowedToWhatItWasMadeFor() async throws {
        let world = try await World()
        try await world.user("ada")
        let acme = try await world.accounts.createOrganization(name: "acme", by: .operator)
        let repository = try await world.repository("model/ada/tiny")
        let inOrganization = try await world.tokenActor("ada", .write, .namespace("ACME"))
        let inRepository = try await world.tokenActor("ada", .admin, .repository(repository.address))
        guard case .user(let first) = inOrganization, case .user(let second) = inRepository else {
            Issue.record("not users")
            return
        }
        #expect(first.scope == TokenScope(role: .write, restriction: .namespace(acme.id)))
        #expect(second.scope == TokenScope(role: .admin, restriction: .repository(repository.id)))
        #expect(try await world.accounts.identity(of: inRepository).token?.isRestricted == true)
        let tokens = try await world.accounts.tokens(userName: "ada", by: .operator)
        #expect(tokens.map(\.namespace) == ["acme", nil])
        #expect(tokens.map(\.repository) == [nil, repository.address])
        // With the repository the token goes, instead of becoming good for everything.
        try await world.repositories.delete(repository.address, by: .operator)
        #expect(try await world.accounts.tokens(userName: "ada", by: .operator).count == 1)
    }

    @Test func cannotProbeForRepositories() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.user("bob")
        let hidden = try await world.repository("model/bob/hidden").address
        for address in [hidden, RepositoryAddress(type: .model, namespace: "bob", name: "nothing")] {
            let new = NewToken(userName: "ada", name: "probe", role: .read, restriction: .repository(address))
            await expectError(.notFound) { _ = try await world.accounts.createToken(new, by: ada) }
        }
    }

    @Test(arguments: [
        NewToken(userName: "ada", name: "", role: .read), NewToken(userName: "ada", name: "a\u{7}", role: .read),
        NewToken(userName: "ada", name: String(repeating: "x", count: 256), role: .read),
        NewToken(userName: "ada", name: "x", role: .read, expiresIn: 0),
        NewToken(userName: "ada", name: "x", role: .read, expiresIn: -5),
        NewToken(userName: "ada", name: "x", role: .read, expiresIn: .max),
    ])
    func refusesWhatIsAgainstTheRules(new: NewToken) async throws {
        let world = try await World()
        try await world.user("ada")
        await expectError(.invalid) { _ = try await world.accounts.createToken(new, by: .operator) }
    }

    @Test func hasANameOfItsOwnWhileItIsGood() async throws {
        let world = try await World()
        try await world.user("ada")
        let new = NewToken(userName: "ada", name: "ci", role: .read, expiresIn: 60)
        _ = try await world.accounts.createToken(new, by: .operator)
        await expectError(.conflict) { _ = try await world.accounts.createToken(new, by: .operator) }
        world.clock.advance(seconds: 61)
        _ = try await world.accounts.createToken(new, by: .operator)
        try await world.accounts.revokeToken(userName: "ada", name: "ci", by: .operator)
        await expectError(.notFound) {
            try await world.accounts.revokeToken(userName: "ada", name: "ci", by: .operator)
        }
        _ = try await world.accounts.createToken(new, by: .operator)
        #expect(try await world.accounts.tokens(userName: nil, by: .operator).count == 3)
    }

    @Test func canBeRevokedByItsOwnerAndAdministrators() async throws {
        let world = try await World()
        let ada = try await world.user("ada", isAdmin: true)
        let bob = try await world.user("bob")
        let eve = try await world.user("eve")
        for name in ["one", "two"] {
            _ = try await world.accounts.createToken(NewToken(userName: "bob", name: name, role: .read), by: bob)
        }
        await expectError(.forbidden) { try await world.accounts.revokeToken(userName: "bob", name: "one", by: eve) }
        await expectError(.forbidden) { try await world.accounts.revokeToken(userName: "none", name: "one", by: eve) }
        try await world.accounts.revokeToken(userName: "bob", name: "one", by: bob)
        try await world.accounts.revokeToken(userName: "bob", name: "two", by: ada)
    }
}
