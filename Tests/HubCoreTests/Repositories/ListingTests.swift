import Access
import HubCore
import Metadata
import Testing

@Suite struct RepositoryListingTests {
    /// A hub with repositories of every standing: ada's own, of her organisation, granted to her, and strange ones.
    private static func world() async throws -> World {
        let world = try await World()
        try await world.user("ada")
        try await world.user("bob")
        try await world.organization("acme", ["ada": .read])
        try await world.repository("model/ada/own")
        try await world.repository("dataset/acme/ours")
        let granted = try await world.repository("model/bob/granted")
        try await world.repository("model/bob/hidden")
        try await world.repository("model/bob/shown", .public)
        try await world.repositories.grant(granted.address, userName: "ada", role: .read, by: .operator)
        return world
    }

    private func names(
        _ listing: RepositoryListing = RepositoryListing(),
        by actor: Actor,
        in world: World
    ) async throws -> [String] {
        try await world.repositories.list(listing, by: actor).map(\.name)
    }

    @Test func showsWhatOneMaySee() async throws {
        let world = try await Self.world()
        let everything = ["own", "ours", "granted", "hidden", "shown"]
        let visible = ["own", "ours", "granted", "shown"]
        #expect(try await names(by: .operator, in: world) == everything)
        #expect(try await names(by: .anonymous, in: world) == ["shown"])
        #expect(try await names(by: world.tokenActor("ada", .read), in: world) == visible)
        let inOrganization = try await world.tokenActor("ada", .write, .namespace("acme"))
        #expect(try await names(by: inOrganization, in: world) == ["ours", "shown"])
        let eve = try await world.user("eve", isAdmin: true)
        #expect(try await names(by: eve, in: world) == everything)
        #expect(try await names(by: world.tokenActor("eve", .write), in: world) == everything)
        #expect(try await names(by: world.tokenActor("eve", .read), in: world) == ["shown"])
    }

    @Test func agreesWithResolve() async throws {
        let world = try await Self.world()
        let all = try await world.repositories.list(RepositoryListing(), by: .operator)
        let actors = try await [
            .anonymous, world.user("eve"), world.tokenActor("ada", .admin), world.tokenActor("bob", .read),
            world.tokenActor("bob", .read, .namespace("ada")),
        ]
        for actor in actors {
            var readable: [RepositoryRecord] = []
            for repository in all {
                let found = try? await world.repositories.resolve(
                    repository.address,
                    action: .readRepository,
                    by: actor
                )
                if let found { readable.append(found) }
            }
            #expect(try await world.repositories.list(RepositoryListing(), by: actor) == readable)
        }
    }

    @Test func narrowsToNamespaceAndType() async throws {
        let world = try await Self.world()
        #expect(try await names(RepositoryListing(namespace: "BOB"), by: .anonymous, in: world) == ["shown"])
        #expect(try await names(RepositoryListing(type: .dataset), by: .operator, in: world) == ["ours"])
        #expect(try await names(RepositoryListing(namespace: "nothing"), by: .operator, in: world) == [])
    }

    /// Pages are full although most candidates are hidden from the one who asks.
    @Test func fillsItsPages() async throws {
        let world = try await World()
        try await world.user("ada", isAdmin: true)
        try await world.user("bob")
        for number in 0..<20 {
            try await world.repository("model/bob/r\(number)", number % 5 == 4 ? .public : .private)
        }
        let actor = try await world.tokenActor("ada", .read)
        var pages: [[String]] = []
        var listing = RepositoryListing(limit: 3)
        repeat {
            let page = try await world.repositories.list(listing, by: actor)
            pages.append(page.map(\.name))
            listing.after = page.last?.id
        } while pages.last?.count == 3
        #expect(pages == [["r4", "r9", "r14"], ["r19"]])
        for limit in [0, -1, 1001] {
            await expectError(.invalid) {
                _ = try await world.repositories.list(RepositoryListing(limit: limit), by: actor)
            }
        }
    }
}
