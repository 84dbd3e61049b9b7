import Access
import HubCore
import Metadata
import Testing

/// Keys of repositories and organisations: who adds, sees and removes them.
@Suite struct OwnedKeyTests {
    private let address = RepositoryAddress(type: .model, namespace: "ada", name: "tiny")
    private let lines = KeyFixture.all.map(\.line)

    @Test func areAddedListedAndRemovedByWhoAdministersTheRepository() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let repository = try await world.repository("model/ada/tiny")
        let key = try await world.accounts.addDeployKey(
            to: address,
            role: .read,
            title: "ci",
            openSSHText: lines[0],
            by: ada
        )
        #expect(key.owner == .repository(repository.id, role: .read))
        #expect(key.title == "ci")
        let added = try await world.lastAudit()
        #expect(added.action == "repository.key.added" && added.subject == "model/ada/tiny")
        #expect(added.details.contains(key.fingerprint) && added.details.contains(#""role":"read""#))
        let listed = try await world.accounts.keys(of: .repository(address), by: ada)
        #expect(listed.map(\.record) == [key])
        #expect(listed.map(\.owner) == [.repository(address)])
        try await world.accounts.removeKey(key.fingerprint, by: ada)
        #expect(try await world.lastAudit().action == "repository.key.removed")
        #expect(try await world.accounts.keys(of: .repository(address), by: ada).isEmpty)
    }

    @Test func areAddedListedAndRemovedByWhoAdministersTheOrganization() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.organization("Acme", ["ada": .admin])
        let key = try await world.accounts.addOrganizationKey(
            to: "acme",
            role: .write,
            title: nil,
            openSSHText: lines[0],
            by: ada
        )
        let added = try await world.lastAudit()
        #expect(added.action == "organization.key.added" && added.subject == "Acme")
        let listed = try await world.accounts.keys(of: .organization("ACME"), by: ada)
        #expect(listed.map(\.record) == [key])
        #expect(listed.map(\.owner) == [.organization("Acme")])
        #expect(listed.map(\.record.owner.role) == [.write])
        try await world.accounts.removeKey(key.id.text, by: ada)
        #expect(try await world.lastAudit().action == "organization.key.removed")
    }

    /// Writers, readers, strangers, nobody, narrow tokens, and keys.
    @Test func areNothingToOthers() async throws {
        let world = try await World()
        try await world.user("ada")
        let (bob, eve) = (try await world.user("bob"), try await world.user("eve"))
        let repository = try await world.repository("model/ada/tiny")
        try await world.organization("acme", ["bob": .write])
        try await world.repositories.grant(address, userName: "bob", role: .write, by: .operator)
        let deploy = try await world.deployKey(lines[0], to: address, .write)
        let builder = try await world.organizationKey(lines[1], to: "acme", .write)
        let itself = Actor.key(
            KeyActor(
                id: deploy.id,
                fingerprint: deploy.fingerprint,
                role: .write,
                restriction: .repository(repository.id)
            )
        )
        let narrow = try await world.tokenActor("ada", .write)
        let actors: [(Actor, HubError.Kind, HubError.Kind)] = [
            (bob, .forbidden, .forbidden), (eve, .notFound, .forbidden),
            (.anonymous, .unauthenticated, .unauthenticated),
            (narrow, .forbidden, .forbidden), (itself, .forbidden, .forbidden),
        ]
        for (actor, ofRepository, ofOrganization) in actors {
            await expectError(ofRepository) { _ = try await world.deployKey(lines[2], to: address, .read, by: actor) }
            await expectError(ofRepository) { _ = try await world.accounts.keys(of: .repository(address), by: actor) }
            await expectError(ofOrganization) {
                _ = try await world.organizationKey(lines[2], to: "acme", .read, by: actor)
            }
            await expectError(ofOrganization) {
                _ = try await world.accounts.keys(of: .organization("acme"), by: actor)
            }
            for key in [deploy, builder] {
                let removal: HubError.Kind = actor == .anonymous ? .unauthenticated : .notFound
                await expectError(removal) { try await world.accounts.removeKey(key.fingerprint, by: actor) }
            }
            await expectError(actor == .anonymous ? .unauthenticated : .forbidden) {
                _ = try await world.accounts.keys(of: nil, by: actor)
            }
        }
        #expect(try await world.accounts.keys(of: nil, by: .operator).map(\.record) == [deploy, builder])
    }

    @Test func areUniqueInTheHubAndNeverAdministrators() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.repository("model/ada/tiny")
        try await world.organization("acme")
        _ = try await world.deployKey(lines[0], to: address, .read)
        await expectError(.conflict) { _ = try await world.organizationKey(lines[0], to: "acme", .read) }
        await expectError(.conflict) {
            _ = try await world.accounts.addKey(userName: "ada", title: nil, openSSHText: lines[0], by: ada)
        }
        await expectError(.invalid) { _ = try await world.deployKey(lines[1], to: address, .admin) }
        await expectError(.invalid) { _ = try await world.organizationKey(lines[1], to: "acme", .admin) }
        await expectError(.invalid) { _ = try await world.deployKey("ssh-rsa AAAA", to: address, .read) }
        await expectError(.notFound) { _ = try await world.organizationKey(lines[1], to: "ada", .read) }
        await expectError(.notFound) { _ = try await world.organizationKey(lines[1], to: "nobody", .read) }
    }

    @Test func followTheirRepositoryAndGoWithIt() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.organization("acme")
        try await world.repository("model/ada/tiny")
        let key = try await world.deployKey(lines[0], to: address, .read)
        let moved = RepositoryAddress(type: .model, namespace: "acme", name: "small")
        _ = try await world.repositories.move(address, to: moved, by: .operator)
        #expect(
            try await world.accounts.keys(of: .repository(moved), by: .operator).map(\.owner) == [.repository(moved)]
        )
        try await world.repositories.delete(moved, by: .operator)
        await expectError(.notFound) { try await world.accounts.removeKey(key.fingerprint, by: .operator) }
    }
}

extension World {
    /// Adds a deploy key.
    func deployKey(
        _ line: String,
        to address: RepositoryAddress,
        _ role: Role,
        by actor: Actor = .operator
    ) async throws -> KeyRecord {
        try await accounts.addDeployKey(to: address, role: role, title: "deploy", openSSHText: line, by: actor)
    }

    /// Adds an organisation's key.
    func organizationKey(
        _ line: String,
        to organization: String,
        _ role: Role,
        by actor: Actor = .operator
    ) async throws -> KeyRecord {
        try await accounts.addOrganizationKey(
            to: organization,
            role: role,
            title: "builder",
            openSSHText: line,
            by: actor
        )
    }

    /// Adds a user's key.
    func userKey(_ line: String, of name: String) async throws -> KeyRecord {
        try await accounts.addKey(userName: name, title: nil, openSSHText: line, by: .operator)
    }
}
