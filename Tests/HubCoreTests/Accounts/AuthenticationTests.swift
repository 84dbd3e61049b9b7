import Access
import HubCore
import Metadata
import Testing

@Suite struct AuthenticationTests {
    private static let address = "192.0.2.7"
    private static let password = "correct horse battery"

    @Test func takesNoCredentialsForAnonymous() async throws {
        let world = try await World()
        #expect(try await world.accounts.authenticate(.none, from: Self.address) == .anonymous)
    }

    @Test func takesATokenWithEitherSchemeAndAnyUserName() async throws {
        let world = try await World()
        try await world.user("ada")
        let token = try await world.accounts.createToken(
            NewToken(userName: "ada", name: "laptop", role: .write),
            by: .operator
        )
        #expect(token.hasPrefix("gra_") && token.utf8.count == 47)
        let shown: [Credentials] = [
            .bearer(token), .basic(user: "ada", secret: token), .basic(user: "", secret: token),
            .basic(user: "somebody", secret: token),
        ]
        for credentials in shown {
            guard case .user(let user) = try await world.accounts.authenticate(credentials, from: Self.address) else {
                Issue.record("not a user")
                continue
            }
            #expect(user.name == "ada")
            #expect(user.scope == TokenScope(role: .write))
            #expect(user.tokenID != nil)
        }
    }

    @Test func takesAPasswordInAnyCaseOfTheName() async throws {
        let world = try await World()
        let ada = try await world.user("Ada", password: Self.password)
        let login = Credentials.basic(user: "aDA", secret: Self.password)
        #expect(try await world.accounts.authenticate(login, from: Self.address) == ada)
    }

    @Test func takesNoPasswordWhenTheyAreSwitchedOff() async throws {
        let world = try await World { $0.passwordLoginEnabled = false }
        try await world.user("ada", password: Self.password)
        await expectError(.unauthenticated) {
            _ = try await world.accounts.authenticate(.basic(user: "ada", secret: Self.password), from: Self.address)
        }
    }

    @Test(arguments: [
        Credentials.bearer(""), .bearer("gra_"), .bearer("hf_abc"), .bearer("gra_" + String(repeating: "A", count: 43)),
        .bearer("gra_" + String(repeating: "A", count: 44)), .basic(user: "ada", secret: ""),
        .basic(user: "ada", secret: "wrong password"), .basic(user: "nobody", secret: "correct horse battery"),
        .basic(user: "bob", secret: "correct horse battery"), .basic(user: "acme", secret: "correct horse battery"),
        .basic(user: "", secret: ""), .basic(user: "ada\u{0}", secret: "correct horse battery"),
        .basic(user: "ada", secret: String(repeating: "x", count: 5000)),
    ])
    func givesOneAnswerToAllWrongCredentials(credentials: Credentials) async throws {
        let world = try await World()
        try await world.user("ada", password: Self.password)
        try await world.user("bob")
        try await world.organization("acme")
        let error = await #expect(throws: HubError.self) {
            try await world.accounts.authenticate(credentials, from: Self.address)
        }
        #expect(error == HubError.badCredentials)
    }

    /// git starts so for each URL with a user name in it.
    @Test func countsAnEmptyPasswordAsNoGuess() async throws {
        let world = try await World()
        let ada = try await world.user("ada", password: Self.password)
        for _ in 0..<100 {
            await expectError(.unauthenticated) {
                _ = try await world.accounts.authenticate(.basic(user: "ada", secret: ""), from: Self.address)
            }
        }
        let login = Credentials.basic(user: "ada", secret: Self.password)
        #expect(try await world.accounts.authenticate(login, from: Self.address) == ada)
    }

    @Test func refusesTokensThatAreExpiredRevokedOrOfDisabledOwners() async throws {
        let world = try await World()
        try await world.user("ada")
        func token(_ name: String, expiresIn: Int64? = nil) async throws -> Credentials {
            let new = NewToken(userName: "ada", name: name, role: .read, expiresIn: expiresIn)
            return .bearer(try await world.accounts.createToken(new, by: .operator))
        }
        let short = try await token("short", expiresIn: 3600)
        let revoked = try await token("revoked")
        let lasting = try await token("lasting")
        _ = try await world.accounts.authenticate(short, from: Self.address)
        _ = try await world.accounts.authenticate(revoked, from: Self.address)
        world.clock.advance(seconds: 3600)
        try await world.accounts.revokeToken(userName: "ada", name: "revoked", by: .operator)
        for credentials in [short, revoked] {
            await expectError(.unauthenticated) {
                _ = try await world.accounts.authenticate(credentials, from: Self.address)
            }
        }
        _ = try await world.accounts.authenticate(lasting, from: Self.address)
        try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.authenticate(lasting, from: Self.address) }
        try await world.accounts.setDisabled(name: "ada", false, by: .operator)
        _ = try await world.accounts.authenticate(lasting, from: Self.address)
    }

    /// A right login is remembered for a minute; what happened to the account in the meantime counts all the same.
    @Test func seesChangesOfARememberedAccountAtOnce() async throws {
        let world = try await World()
        try await world.user("ada", password: Self.password)
        let old = Credentials.basic(user: "ada", secret: Self.password)
        _ = try await world.accounts.authenticate(old, from: Self.address)
        _ = try await world.accounts.authenticate(old, from: Self.address)
        try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.authenticate(old, from: Self.address) }
        try await world.accounts.setDisabled(name: "ada", false, by: .operator)
        try await world.accounts.setPassword(name: "ada", password: "another password", by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.authenticate(old, from: Self.address) }
        let new = Credentials.basic(user: "ada", secret: "another password")
        _ = try await world.accounts.authenticate(new, from: Self.address)
        try await world.accounts.setPassword(name: "ada", password: nil, by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.authenticate(new, from: Self.address) }
    }

    @Test func notesTheLastUseOfATokenOnceAMinute() async throws {
        let world = try await World()
        try await world.user("ada")
        let new = NewToken(userName: "ada", name: "laptop", role: .read)
        let token = try await world.accounts.createToken(new, by: .operator)
        func lastUse() async throws -> Timestamp? {
            try await world.accounts.tokens(userName: "ada", by: .operator).first?.lastUsedAt
        }
        #expect(try await lastUse() == nil)
        let first = world.clock.now
        _ = try await world.accounts.authenticate(.bearer(token), from: Self.address)
        #expect(try await lastUse() == first)
        world.clock.advance(seconds: 30)
        _ = try await world.accounts.authenticate(.bearer(token), from: Self.address)
        #expect(try await lastUse() == first)
        world.clock.advance(seconds: 30)
        _ = try await world.accounts.authenticate(.bearer(token), from: Self.address)
        #expect(try await lastUse() == world.clock.now)
    }

    @Test func doesNotPrintSecrets() {
        let credentials: [Credentials] = [.bearer("s3cret"), .basic(user: "ada", secret: "s3cret")]
        for credential in credentials {
            #expect(!"\(credential)".contains("s3cret"))
            #expect(!String(reflecting: credential).contains("s3cret"))
        }
    }

    /// The hash is all that a login costs; looking the account up and going home early would show.
    @Test func costsTheSameWorkForAccountsThatDoNotExist() async throws {
        let world = try await World { $0.passwordCostLogarithm = 10 }
        try await world.user("ada", password: Self.password)
        try await world.user("bob")
        for name in ["ada", "bob", "nobody"] {
            let before = await world.accounts.passwordHashesComputed
            for attempt in 0..<3 {
                let login = Credentials.basic(user: name, secret: "wrong password \(attempt)")
                _ = try? await world.accounts.authenticate(login, from: Self.address)
            }
            #expect(await world.accounts.passwordHashesComputed == before + 3, "\(name)")
        }
    }
}
