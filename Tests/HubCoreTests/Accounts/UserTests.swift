import Access
import HubCore
import Metadata
import Testing

@Suite struct UserTests {
    @Test func makesUsersAndListsThemWithoutTheirHashes() async throws {
        let world = try await World()
        let new = NewUser(
            name: "Ada",
            email: "ada@example.org",
            fullName: "Ada L.",
            isAdmin: true,
            password: "long enough"
        )
        let ada = try await world.accounts.createUser(new, by: .operator)
        try await world.user("bob")
        let users = try await world.accounts.users(by: .operator)
        #expect(users.map(\.name) == ["Ada", "bob"])
        #expect(users.first == ada)
        #expect(users.map(\.hasPassword) == [true, false])
        #expect(users.map(\.isAdmin) == [true, false])
    }

    @Test(arguments: [
        NewUser(name: "api"), NewUser(name: "-x"), NewUser(name: ""), NewUser(name: "ada", email: "nobody"),
        NewUser(name: "ada", email: "a@b@c"), NewUser(name: "ada", email: "a b@c"), NewUser(name: "ada", email: "@"),
        NewUser(name: "ada", fullName: "a\nb"), NewUser(name: "ada", password: "short"),
        NewUser(name: "ada", password: String(repeating: "x", count: 1025)),
        NewUser(name: "ada", password: "gra_" + String(repeating: "A", count: 43)),
    ])
    func refusesWhatIsAgainstTheRules(new: NewUser) async throws {
        let world = try await World()
        await expectError(.invalid) { _ = try await world.accounts.createUser(new, by: .operator) }
        #expect(try await world.accounts.users(by: .operator).isEmpty)
    }

    @Test func sharesNamesBetweenUsersAndOrganizationsInAnyCase() async throws {
        let world = try await World()
        try await world.user("Ada")
        try await world.organization("Acme")
        for name in ["ada", "ADA", "acme"] {
            await expectError(.conflict) { try await world.user(name) }
            await expectError(.conflict) { try await world.organization(name) }
        }
    }

    @Test func keepsTheLastEnabledAdministrator() async throws {
        let world = try await World()
        try await world.user("ada", isAdmin: true)
        try await world.user("bob", isAdmin: true)
        try await world.user("eve")
        try await world.accounts.setDisabled(name: "eve", true, by: .operator)
        try await world.accounts.setDisabled(name: "bob", true, by: .operator)
        await expectError(.conflict) { try await world.accounts.setDisabled(name: "ada", true, by: .operator) }
        await expectError(.conflict) { try await world.accounts.setAdministrator(name: "ada", false, by: .operator) }
        // Disabling twice changes nothing.
        try await world.accounts.setDisabled(name: "bob", true, by: .operator)
        try await world.accounts.setDisabled(name: "bob", false, by: .operator)
        try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        #expect(try await world.accounts.users(by: .operator).first?.isDisabled == true)
    }

    @Test func letsOnlyAdministratorsManageUsers() async throws {
        let world = try await World()
        let ada = try await world.user("ada", isAdmin: true)
        let bob = try await world.user("bob")
        let narrow = try await world.tokenActor("ada", .write)
        _ = try await world.accounts.users(by: ada)
        for (actor, kind) in [(bob, HubError.Kind.forbidden), (narrow, .forbidden), (.anonymous, .unauthenticated)] {
            await expectError(kind) { _ = try await world.accounts.users(by: actor) }
            await expectError(kind) { _ = try await world.accounts.createUser(NewUser(name: "eve"), by: actor) }
            await expectError(kind) { try await world.accounts.setDisabled(name: "nobody", true, by: actor) }
            await expectError(kind) { try await world.accounts.setAdministrator(name: "bob", true, by: actor) }
            await expectError(kind) { _ = try await world.accounts.createOrganization(name: "acme", by: actor) }
            await expectError(kind) { try await world.accounts.setPassword(name: "nobody", password: nil, by: actor) }
            await expectError(kind) { _ = try await world.accounts.tokens(userName: nil, by: actor) }
        }
        await expectError(.notFound) { try await world.accounts.setDisabled(name: "nobody", true, by: ada) }
        try await world.accounts.setPassword(name: "bob", password: "long enough", by: bob)
    }

    @Test func writesAnAuditRowWithoutSecrets() async throws {
        let world = try await World()
        let ada = try await world.user("ada", isAdmin: true)
        let new = NewUser(name: "bob", password: "very secret words")
        _ = try await world.accounts.createUser(new, by: ada)
        let line = try await world.lastAudit()
        #expect(line.action == "user.created")
        #expect(line.subject == "bob")
        #expect(line.actor == "ada")
        #expect(line.actorID == ada.userID)
        #expect(line.details == #"{"isAdmin":"false"}"#)
    }

    @Test func beginsWithOneAdministratorWhoseSecretsWork() async throws {
        let world = try await World()
        let first = try #require(try await world.accounts.bootstrapAdministrator())
        #expect(first.name == "admin")
        #expect(try await world.accounts.bootstrapAdministrator() == nil)
        let byPassword = try await world.accounts.authenticate(
            .basic(user: first.name, secret: first.password),
            from: "192.0.2.1"
        )
        let byToken = try await world.accounts.authenticate(.bearer(first.token), from: "192.0.2.1")
        for actor in [byPassword, byToken] { _ = try await world.accounts.users(by: actor) }
        #expect(try await world.accounts.identity(of: byToken).token?.name == "first")
        // The name is reserved for this account alone, which can use its namespace.
        try await world.create("model/admin/first", by: byToken)
        await expectError(.invalid) { try await world.user("admin") }
    }

    @Test func beginsNothingWhereThereIsAUser() async throws {
        let world = try await World()
        try await world.user("ada")
        #expect(try await world.accounts.bootstrapAdministrator() == nil)
    }
}
