import Access
import GitCore
import HubCore
import Metadata
import Testing

@Suite struct SSHLoginTests {
    private let address = RepositoryAddress(type: .model, namespace: "ada", name: "tiny")
    private let lines = KeyFixture.all.map(\.line)

    @Test(arguments: ["git", "Ada", "ada", "ADA"])
    func takesTheSharedNameAndTheAccountsOwn(userName: String) async throws {
        let world = try await World()
        let ada = try await world.user("Ada", isAdmin: true)
        let key = try await world.userKey(lines[0], of: "ada")
        let login = try await world.accounts.login(keyFingerprint: key.fingerprint, userName: userName)
        // The whole account, as with a password, and the key that it came by.
        guard case .user(var user) = ada else { return }
        user.keyID = key.id
        let expected = SSHLogin(
            keyID: key.id,
            fingerprint: key.fingerprint,
            actor: .user(user),
            name: "Ada",
            gateClient: user.id.text
        )
        #expect(login == expected)
    }

    @Test func givesOneAnswerToAllWhoDoNotLogIn() async throws {
        let world = try await World()
        for name in ["ada", "bob"] { try await world.user(name) }
        try await world.repository("model/ada/tiny")
        try await world.organization("acme")
        let adas = try await world.userKey(lines[0], of: "ada").fingerprint
        let bobs = try await world.userKey(lines[1], of: "bob").fingerprint
        let deploy = try await world.deployKey(lines[2], to: address, .write).fingerprint
        let builder = try await world.organizationKey(lines[3], to: "acme", .write).fingerprint
        try await world.accounts.setDisabled(name: "bob", true, by: .operator)
        let attempts = [
            (adas, "bob"), (adas, "root"), (adas, ""), (adas, "GIT"), (adas, "git\u{0}"), (adas, "ada "), (bobs, "git"),
            (bobs, "bob"), (deploy, "ada"), (deploy, "deploy"), (builder, "acme"),
            (KeyFixture.all[4].fingerprint, "git"),
            ("", "git"), ("SHA256:", "git"), ("SHA256:\u{0}", "git"), (String(repeating: "A", count: 100_000), "git"),
        ]
        var answers: Set<String> = []
        for (fingerprint, userName) in attempts {
            let error = await #expect(throws: HubError.self, "\(fingerprint.prefix(60)) \(userName)") {
                try await world.accounts.login(keyFingerprint: fingerprint, userName: userName)
            }
            #expect(error?.kind == .unauthenticated)
            if let error { answers.insert("\(error)") }
        }
        #expect(answers.count == 1)
    }

    @Test func letsKeysOfRepositoriesAndOrganizationsActForThemselves() async throws {
        let world = try await World()
        try await world.user("ada")
        let repository = try await world.repository("model/ada/tiny")
        try await world.organization("acme")
        let deploy = try await world.deployKey(lines[0], to: address, .read)
        let builder = try await world.organizationKey(lines[1], to: "acme", .write)
        let first = try await world.accounts.login(keyFingerprint: deploy.fingerprint, userName: "git")
        #expect(first.name == "deploy")
        // Whoever makes many deploy keys is still one client.
        #expect(first.gateClient == repository.namespaceID.text)
        #expect(
            first.actor
                == .key(
                    KeyActor(
                        id: deploy.id,
                        fingerprint: deploy.fingerprint,
                        role: .read,
                        restriction: .repository(repository.id)
                    )
                )
        )
        let second = try await world.accounts.login(keyFingerprint: builder.fingerprint, userName: "git")
        #expect(second.name == "builder")
        #expect(second.gateClient == builder.owner.id.text)
        guard case .key(let actor) = second.actor else { throw UnexpectedActor() }
        #expect(actor.role == .write)
        #expect(actor.restriction == .namespace(builder.owner.id))
    }

    /// What each kind of key may do where.
    @Test func giveTheRightsOfTheirOwners() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.organization("acme", ["ada": .write])
        for name in ["ada/tiny", "acme/big", "acme/other"] { try await world.repository("model/\(name)") }
        try await world.repository("model/acme/open", .public)
        let keys = [
            try await world.userKey(lines[0], of: "ada"),
            try await world.deployKey(lines[1], to: address, .read),
            try await world.deployKey(lines[2], to: try RepositoryAddress(parsing: "model/acme/big"), .write),
            try await world.organizationKey(lines[3], to: "acme", .read),
            try await world.organizationKey(lines[4], to: "acme", .write),
        ]
        // Per key: what it may do in tiny, big, other and open: "-" nothing, "r" read, "w" write.
        let expected = ["wwww", "r--r", "-w-r", "-rrr", "-www"]
        let names = ["ada/tiny", "acme/big", "acme/other", "acme/open"]
        for (key, row) in zip(keys, expected) {
            let login = try await world.accounts.login(keyFingerprint: key.fingerprint, userName: "git")
            for (name, letter) in zip(names, row) {
                let address = try RepositoryAddress(parsing: "model/\(name)")
                let isReadable =
                    (try? await world.repositories.resolve(address, action: .readRepository, by: login.actor)) != nil
                let isWritable =
                    (try? await world.repositories.resolve(address, action: .writeRepository, by: login.actor)) != nil
                #expect((isWritable ? "w" : isReadable ? "r" : "-") == String(letter), "\(key.title) \(name)")
            }
            guard case .key = login.actor else { continue }
            await expectError(.forbidden) { _ = try await world.create("model/acme/new", by: login.actor) }
            let listed = try await world.repositories.list(RepositoryListing(), by: login.actor).map(\.name)
            #expect(listed.count == row.filter { $0 != "-" }.count)
        }
    }

    @Test(arguments: [(Role.read, false), (.write, true)])
    func opensForAPushWhatTheKeyMayWrite(role: Role, mayPush: Bool) async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/tiny")
        let login = try await world.login(try await world.deployKey(lines[0], to: address, role))
        func open(_ service: GitService) async throws {
            _ = try await world.hub.git.open(
                address,
                service: service,
                actor: login.actor,
                requestID: "1",
                followsRename: true
            )
        }
        try await open(.uploadPack)
        if mayPush {
            try await open(.receivePack)
        } else {
            let error = await #expect(throws: HubError.self) { try await open(.receivePack) }
            #expect(error?.message == "This key does not have the right to do this to this repository.")
        }
    }

    @Test func looksAgainAtEachCommand() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let key = try await world.userKey(lines[0], of: "ada")
        let login = try await world.accounts.login(keyFingerprint: key.fingerprint, userName: "git")
        #expect(try await world.accounts.refresh(login) == login)
        try await world.accounts.setAdministrator(name: "ada", true, by: .operator)
        guard case .user(let user) = try await world.accounts.refresh(login).actor else { throw UnexpectedActor() }
        #expect(user.isAdmin)
        try await world.user("root", isAdmin: true)
        try await world.accounts.setDisabled(name: "ada", true, by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.refresh(login) }
        try await world.accounts.setDisabled(name: "ada", false, by: .operator)
        _ = try await world.accounts.refresh(login)
        try await world.accounts.removeKey(key.fingerprint, by: ada)
        await expectError(.unauthenticated) { _ = try await world.accounts.refresh(login) }
        // The same key, added again, is another login.
        _ = try await world.userKey(lines[0], of: "ada")
        await expectError(.unauthenticated) { _ = try await world.accounts.refresh(login) }
    }

    @Test func endsWithTheRepositoryOfItsKey() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/tiny")
        let key = try await world.deployKey(lines[0], to: address, .read)
        let login = try await world.accounts.login(keyFingerprint: key.fingerprint, userName: "git")
        try await world.repositories.delete(address, by: .operator)
        await expectError(.unauthenticated) { _ = try await world.accounts.refresh(login) }
    }

    @Test func notesItsUseOnceAMinute() async throws {
        let world = try await World()
        try await world.user("ada")
        let key = try await world.userKey(lines[0], of: "ada")
        let login = try await world.accounts.login(keyFingerprint: key.fingerprint, userName: "git")
        func lastUse() async throws -> Timestamp? {
            try await world.accounts.keys(userName: "ada", by: .operator).first?.lastUsedAt
        }
        #expect(try await lastUse() == nil)
        let first = world.clock.now
        await world.accounts.noteUse(of: login)
        #expect(try await lastUse() == first)
        world.clock.advance(seconds: 59)
        await world.accounts.noteUse(of: login)
        #expect(try await lastUse() == first)
        world.clock.advance(seconds: 1)
        await world.accounts.noteUse(of: login)
        #expect(try await lastUse() == world.clock.now)
        try await world.accounts.removeKey(key.fingerprint, by: .operator)
        await world.accounts.noteUse(of: login)
    }

    @Test func isCountedAsAnAccountOrWhatItsKeyBelongsTo() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        guard let id = ada.userID else { throw UnexpectedActor() }
        let key = KeyActor(id: id, fingerprint: "SHA256:x", role: .read, restriction: .namespace(id))
        #expect(ada.gateClient(at: "192.0.2.1") == id.text)
        #expect(Actor.key(key).gateClient(at: "192.0.2.1") == id.text)
        #expect(Actor.anonymous.gateClient(at: "192.0.2.1") == "192.0.2.1")
    }
}

/// A login was somebody else's than expected.
struct UnexpectedActor: Error {}
