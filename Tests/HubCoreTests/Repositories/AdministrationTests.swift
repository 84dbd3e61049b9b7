import Access
import HubCore
import Metadata
import Testing

@Suite struct RepositoryAdministrationTests {
    /// A hub with one public repository of ada's, and bob who may write to it.
    private static func world() async throws -> (World, RepositoryAddress, ada: Actor, bob: Actor) {
        let world = try await World()
        let ada = try await world.user("ada")
        let bob = try await world.user("bob")
        let address = try await world.create("model/ada/tiny", .public, by: ada).address
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        return (world, address, ada, bob)
    }

    @Test func isForAdminsOnly() async throws {
        let (world, address, _, bob) = try await Self.world()
        for (actor, kind) in [(bob, HubError.Kind.forbidden), (.anonymous, .unauthenticated)] {
            await expectError(kind) {
                try await world.repositories.grant(address, userName: "bob", role: .admin, by: actor)
            }
            await expectError(kind) { _ = try await world.repositories.grants(address, by: actor) }
            await expectError(kind) { try await world.repositories.setVisibility(address, .private, by: actor) }
            await expectError(kind) {
                try await world.repositories.setSettings(address, RepositorySettings(denyDeletes: true), by: actor)
            }
            await expectError(kind) {
                try await world.repositories.setHead(address, target: "refs/heads/x", by: actor)
            }
            await expectError(kind) {
                try await world.repositories.protectRef(
                    address,
                    pattern: "main",
                    pushRole: .admin,
                    forcePushRole: nil,
                    deleteRole: nil,
                    by: actor
                )
            }
            await expectError(kind) { try await world.repositories.unprotectRef(address, pattern: "main", by: actor) }
            await expectError(kind) { _ = try await world.repositories.protectedRefs(address, by: actor) }
        }
    }

    @Test func grantsAndTakesRoles() async throws {
        let (world, address, ada, bob) = try await Self.world()
        _ = try await world.repositories.resolve(address, action: .writeRepository, by: bob)
        try await world.repositories.grant(address, userName: "BOB", role: nil, by: ada)
        await expectError(.forbidden) {
            _ = try await world.repositories.resolve(address, action: .writeRepository, by: bob)
        }
        await expectError(.notFound) {
            try await world.repositories.grant(address, userName: "nobody", role: .read, by: ada)
        }
    }

    @Test func hidesARepository() async throws {
        let (world, address, ada, _) = try await Self.world()
        try await world.repositories.setVisibility(address, .private, by: ada)
        await expectError(.unauthenticated) {
            _ = try await world.repositories.resolve(address, action: .readRepository, by: .anonymous)
        }
        #expect(try await world.lastAudit().details == #"{"visibility":"private"}"#)
    }

    @Test func changesSettingsAndHead() async throws {
        let (world, address, ada, _) = try await Self.world()
        let settings = RepositorySettings(denyNonFastForward: true, denyDeletes: true)
        try await world.repositories.setSettings(address, settings, by: ada)
        try await world.repositories.setHead(address, target: "refs/heads/develop", by: ada)
        let record = try await world.repositories.resolve(address, action: .readRepository, by: ada)
        #expect(record.settings == settings)
        #expect(record.headTarget == "refs/heads/develop")
        for target in [
            "", "main", "refs/tags/v1", "refs/heads/", "refs/heads/-x", "refs/heads/a..b", "refs/heads/a\nb",
        ] {
            await expectError(.invalid) { try await world.repositories.setHead(address, target: target, by: ada) }
        }
    }

    @Test func protectsRefs() async throws {
        let (world, address, ada, _) = try await Self.world()
        func protect(_ pattern: String, _ role: Role) async throws {
            try await world.repositories.protectRef(
                address,
                pattern: pattern,
                pushRole: role,
                forcePushRole: nil,
                deleteRole: .admin,
                by: ada
            )
        }
        try await protect("release/*", .write)
        try await protect("refs/heads/release/*", .admin)
        let rules = try await world.repositories.protectedRefs(address, by: ada)
        #expect(rules.map(\.pattern) == ["refs/heads/release/*"])
        #expect(rules.map(\.pushRole) == [.admin])
        await expectError(.invalid) { try await protect("a..b", .admin) }
        try await world.repositories.unprotectRef(address, pattern: "release/*", by: ada)
        await expectError(.notFound) {
            try await world.repositories.unprotectRef(address, pattern: "release/*", by: ada)
        }
    }
}
