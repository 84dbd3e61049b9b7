import Access
import HubCore
import Metadata
import Testing

/// What spaces are given to run with.
@Suite struct SpaceTests {
    private func world() async throws -> (World, Actor, RepositoryAddress) {
        let world = try await World { $0.signingKey = Array(repeating: 7, count: 32) }
        let ada = try await world.user("ada")
        try await world.create("space/ada/app", .public, by: ada)
        return (world, ada, try RepositoryAddress(parsing: "space/ada/app"))
    }

    private func set(
        _ name: String,
        _ value: String,
        _ kind: SpaceValueRecord.Kind,
        _ world: World,
        _ space: RepositoryAddress,
        by actor: Actor
    ) async throws {
        _ = try await world.hub.spaces.set(name, to: value, description: nil, kind, of: space, by: actor)
    }

    @Test func secretsAreSealed() async throws {
        let (world, ada, space) = try await world()
        try await set("KEY", "hush-hush", .secret, world, space, by: ada)
        try await set("OTHER", "hush-hush", .secret, world, space, by: ada)
        let kept = try await world.hub.spaces.values(space, .secret, by: ada)
        #expect(kept.map(\.name) == ["KEY", "OTHER"])
        #expect(Set(kept.map(\.value)).count == 2 && !kept.contains { $0.value.contains("hush") })
        // Without the installation's secret nothing is kept rather than kept open.
        let bare = try await World()
        let bob = try await bare.user("bob")
        try await bare.create("space/bob/app", .public, by: bob)
        await #expect(throws: (any Error).self) {
            try await set("KEY", "x", .secret, bare, try RepositoryAddress(parsing: "space/bob/app"), by: bob)
        }
    }

    @Test func whoMayWriteReadsAndWhoAdministersChanges() async throws {
        let (world, ada, space) = try await world()
        let (bob, eve) = (try await world.user("bob"), try await world.user("eve"))
        try await world.repositories.grant(space, userName: "bob", role: .write, by: .operator)
        try await set("MODE", "fast", .variable, world, space, by: ada)
        #expect(try await world.hub.spaces.values(space, .variable, by: bob).map(\.value) == ["fast"])
        await expectError(.forbidden) { try await set("MODE", "slow", .variable, world, space, by: bob) }
        await expectError(.forbidden) { _ = try await world.hub.spaces.remove("MODE", .variable, of: space, by: bob) }
        await expectError(.forbidden) { _ = try await world.hub.spaces.values(space, .variable, by: eve) }
        await expectError(.unauthenticated) { _ = try await world.hub.spaces.values(space, .secret, by: .anonymous) }
    }

    @Test func nonsenseAndTooMuchAreRefused() async throws {
        let (world, ada, space) = try await world()
        for name in ["", "1A", "A-B", "A B", "Ä", "A\0", String(repeating: "A", count: 129)] {
            await expectError(.invalid) { try await set(name, "x", .variable, world, space, by: ada) }
        }
        await expectError(.tooLarge) {
            try await set("A", String(repeating: "x", count: Spaces.valueBytes + 1), .secret, world, space, by: ada)
        }
        for number in 0..<Spaces.mostValues { try await set("A\(number)", "x", .variable, world, space, by: ada) }
        await expectError(.conflict) { try await set("MORE", "x", .variable, world, space, by: ada) }
        try await set("A0", "again", .variable, world, space, by: ada)
        await expectError(.conflict) { try await set("A0", "x", .secret, world, space, by: ada) }
        await expectError(.notFound) { _ = try await world.hub.spaces.remove("A0", .secret, of: space, by: ada) }
    }
}
