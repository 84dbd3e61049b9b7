import Access
import HubCore
import Metadata
import Testing

@Suite struct KeyTests {
    @Test func areAddedListedAndRemoved() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let fixture = KeyFixture.ed25519
        let key = try await world.accounts.addKey(userName: "ada", title: nil, openSSHText: fixture.line, by: ada)
        #expect(key.title == "ada@example ed25519")
        #expect(key.fingerprint == fixture.fingerprint)
        #expect(key.algorithm == "ssh-ed25519")
        #expect(fixture.line.contains(key.publicKey))
        #expect(try await world.accounts.keys(userName: "ada", by: ada) == [key])
        try await world.accounts.removeKey(fixture.fingerprint, by: ada)
        #expect(try await world.accounts.keys(userName: "ada", by: ada).isEmpty)
        let again = try await world.accounts.addKey(
            userName: "ada",
            title: "laptop",
            openSSHText: fixture.line,
            by: ada
        )
        #expect(again.title == "laptop")
        try await world.accounts.removeKey(again.id.text, by: .operator)
        await expectError(.notFound) { try await world.accounts.removeKey(again.id.text, by: .operator) }
    }

    @Test func belongToOneAccount() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let bob = try await world.user("bob")
        let line = KeyFixture.ed25519.line
        _ = try await world.accounts.addKey(userName: "ada", title: nil, openSSHText: line, by: ada)
        let error = await #expect(throws: HubError.self) {
            try await world.accounts.addKey(userName: "bob", title: nil, openSSHText: line, by: bob)
        }
        #expect(error?.kind == .conflict)
        #expect(error?.message.contains("ada") == false)
        await expectError(.notFound) { try await world.accounts.removeKey(KeyFixture.ed25519.fingerprint, by: bob) }
        await expectError(.unauthenticated) {
            try await world.accounts.removeKey(KeyFixture.ed25519.fingerprint, by: .anonymous)
        }
        await expectError(.forbidden) { _ = try await world.accounts.keys(userName: "ada", by: bob) }
    }

    @Test func areAddedByTheirOwnerOnly() async throws {
        let world = try await World()
        let eve = try await world.user("eve", isAdmin: true)
        try await world.user("ada")
        let narrow = try await world.tokenActor("ada", .write)
        for actor in [eve, narrow] {
            await expectError(.forbidden) {
                let line = KeyFixture.ed25519.line
                _ = try await world.accounts.addKey(userName: "ada", title: nil, openSSHText: line, by: actor)
            }
        }
        await expectError(.invalid) {
            _ = try await world.accounts.addKey(userName: "ada", title: nil, openSSHText: "ssh-rsa AAAA", by: .operator)
        }
        await expectError(.notFound) {
            let line = KeyFixture.ed25519.line
            _ = try await world.accounts.addKey(userName: "nobody", title: nil, openSSHText: line, by: .operator)
        }
    }
}
