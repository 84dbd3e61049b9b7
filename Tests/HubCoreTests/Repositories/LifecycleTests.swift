import Access
import HubCore
import Metadata
import Synchronization
import Testing

@Suite struct RepositoryLifecycleTests {
    @Test func makesOnesOwn() async throws {
        let world = try await World()
        let ada = try await world.user("Ada")
        let made = try await world.create("dataset/ada/Squad", .public, initialize: true, by: ada)
        #expect(made.address.description == "dataset/Ada/Squad")
        #expect(made.headTarget == "refs/heads/main")
        #expect(world.storage.directories == [made.id])
        #expect(world.storage.state.withLock { $0.initialCommits } == [made.id: "Ada"])
        let found = try await world.repositories.resolve(made.address, action: .readRepository, by: .anonymous)
        #expect(found == made)
        #expect(try await world.lastAudit().action == "repository.created")
        let events = try await world.hub.metadata.read { try $0.events(after: nil, limit: 10) }
        #expect(events.map(\.kind) == ["repository.created"])
        #expect(events.first?.payload == #"{"address":"dataset/Ada/Squad","visibility":"public"}"#)
        let directory = world.repositories.directory(of: made.id)
        #expect(directory.hasSuffix("/repositories/\(made.id.text.suffix(2))/\(made.id).git"))
    }

    @Test func makesNoneWhereOneMayNotWrite() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.user("bob")
        try await world.organization("acme", ["ada": .read])
        // Also in a namespace that does not exist, with the same words.
        var messages: Set<String> = []
        for namespace in ["bob", "acme", "nothing", "api"] {
            await expectError(.forbidden) { try await world.create("model/\(namespace)/x", by: ada) }
            await expectError(.unauthenticated) { try await world.create("model/\(namespace)/x", by: .anonymous) }
            do { try await world.create("model/\(namespace)/x", by: ada) } catch { messages.insert("\(error)") }
        }
        #expect(messages.count == 1)
        await expectError(.notFound) { try await world.create("model/nothing/x", by: .operator) }
        for narrow in try await [
            world.tokenActor("ada", .read), world.tokenActor("ada", .write, .namespace("acme")),
        ] {
            await expectError(.forbidden) { try await world.create("model/ada/x", by: narrow) }
        }
        #expect(world.storage.directories.isEmpty)
    }

    @Test func givesItsMakerInAnOrganizationTheRoleOfAdmin() async throws {
        let world = try await World()
        let writer = try await world.user("writer")
        let admin = try await world.user("boss")
        try await world.organization("acme", ["writer": .write, "boss": .admin])
        let first = try await world.create("model/acme/first", by: writer)
        let second = try await world.create("model/acme/second", by: admin)
        #expect(try await world.repositories.grants(first.address, by: admin).map(\.role) == [.admin])
        #expect(try await world.repositories.grants(second.address, by: admin).isEmpty)
        await expectError(.forbidden) { try await world.repositories.delete(second.address, by: writer) }
        try await world.repositories.delete(first.address, by: writer)
        try await world.repositories.delete(second.address, by: admin)
        #expect(world.storage.directories.isEmpty)
    }

    @Test func sharesNoNameWithinATypeInAnyCase() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.create("model/ada/Tiny", by: ada)
        await expectError(.conflict) { try await world.create("model/ADA/tiny", by: ada) }
        try await world.create("dataset/ada/tiny", by: ada)
        #expect(world.storage.directories.count == 2)
    }

    @Test func leavesNothingWhenStorageFails() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        world.storage.state.withLock { $0.failsToCreate = true }
        await expectError(.internalFailure) { try await world.create("model/ada/tiny", by: ada) }
        world.storage.state.withLock {
            $0.failsToCreate = false
            $0.failsToCommit = true
        }
        await expectError(.internalFailure) { try await world.create("model/ada/tiny", initialize: true, by: ada) }
        #expect(world.storage.directories.isEmpty)
        #expect(try await world.repositories.list(RepositoryListing(), by: .operator).isEmpty)
        world.storage.state.withLock { $0.failsToCommit = false }
        try await world.create("model/ada/tiny", initialize: true, by: ada)
    }

    @Test func isGoneForEverybodyEvenWhenItsFilesAreNot() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let address = try await world.create("model/ada/tiny", .public, by: ada).address
        world.storage.state.withLock { $0.failsToRemove = true }
        try await world.repositories.delete(address, by: ada)
        await expectError(.notFound) { try await world.repositories.delete(address, by: ada) }
        await expectError(.unauthenticated) {
            _ = try await world.repositories.resolve(address, action: .readRepository, by: .anonymous)
        }
        #expect(try await world.lastAudit().action == "repository.deleted")
    }

    /// Texts behind a NUL must neither be cut off nor come back as the hub's own fault.
    @Test func knowsNothingByNamesThatCannotBe() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        try await world.create("model/ada/tiny", .public, by: ada)
        for (namespace, name) in [("ada", "tiny\u{0}x"), ("ada\u{0}", "tiny"), ("..", "tiny"), ("", "")] {
            let address = RepositoryAddress(type: .model, namespace: namespace, name: name)
            await expectError(.notFound) {
                _ = try await world.repositories.resolve(address, action: .readRepository, by: ada)
            }
            await expectError(.unauthenticated) {
                _ = try await world.repositories.resolve(address, action: .readRepository, by: .anonymous)
            }
        }
        await expectError(.forbidden) {
            let address = RepositoryAddress(type: .model, namespace: "ada\u{0}", name: "tiny")
            let new = NewRepository(address: address, visibility: .public, initialize: false)
            _ = try await world.repositories.create(new, by: ada)
        }
        #expect(try await world.repositories.list(RepositoryListing(namespace: "ada\u{0}"), by: ada).isEmpty)
        await expectError(.notFound) { try await world.accounts.setDisabled(name: "ada\u{0}", true, by: .operator) }
    }

    @Test func isDeletedByItsAdminsOnly() async throws {
        let world = try await World()
        let bob = try await world.user("bob")
        try await world.user("ada")
        let shown = try await world.repository("model/ada/shown", .public).address
        let hidden = try await world.repository("model/ada/hidden", .private).address
        await expectError(.forbidden) { try await world.repositories.delete(shown, by: bob) }
        await expectError(.notFound) { try await world.repositories.delete(hidden, by: bob) }
        for address in [shown, hidden] {
            await expectError(.unauthenticated) { try await world.repositories.delete(address, by: .anonymous) }
            try await world.repositories.grant(address, userName: "bob", role: .write, by: .operator)
            await expectError(.forbidden) { try await world.repositories.delete(address, by: bob) }
            try await world.repositories.grant(address, userName: "bob", role: .admin, by: .operator)
            await expectError(.forbidden) {
                try await world.repositories.delete(address, by: world.tokenActor("bob", .read))
            }
            // A write token is enough for what its owner administers.
            try await world.repositories.delete(address, by: world.tokenActor("bob", .write))
        }
    }
}
