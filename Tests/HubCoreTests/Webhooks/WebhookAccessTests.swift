import Access
import HubCore
import JSON
import Metadata
import Testing

/// Who is told what.
@Suite struct WebhookAccessTests {
    @Test func aStrangersPrivateRepositoryTellsNothing() async throws {
        let world = try await WebhookWorld()
        let eve = try await world.world.user("eve")
        _ = try await world.hook([("user", "ada")], by: eve)
        try await world.world.create("model/ada/secret", .private, by: world.ada)
        try await world.world.repositories.delete(try world.address("model/ada/secret"), by: world.ada)
        #expect(await world.sent().isEmpty)
        try await world.world.create("model/ada/open", .public, by: world.ada)
        #expect(await world.sent().map { $0.body["repo"]?["name"]?.text } == ["ada/open"])
        try await world.setVisibility("model/ada/open", .private)
        #expect(await world.sent().isEmpty)
        await expectError(.notFound) { _ = try await world.hook([("model", "ada/open")], by: eve) }
    }

    /// A message that waits is not sent to who may not see it any more, and its log says nothing.
    @Test func whatMayNotBeSeenAnyMoreIsNotTold() async throws {
        let world = try await WebhookWorld()
        let eve = try await world.world.user("eve")
        let hook = try await world.hook([("user", "ada")], by: eve)
        try await world.world.create("model/ada/open", .public, by: world.ada)
        world.receiver.answer(500)
        #expect(await world.sent().count == 1)
        #expect(try await world.log(hook, by: eve).count == 1)
        try await world.setVisibility("model/ada/open", .private)
        #expect(try await world.log(hook, by: eve).isEmpty)
        world.world.clock.advance(seconds: 60)
        #expect(await world.sent().isEmpty)
        try await world.setVisibility("model/ada/open", .public)
        _ = await world.sent()
        #expect(try await world.log(hook, by: eve).map(\.event.scope) == ["repo.config"])
    }

    @Test func whoHasARoleIsToldAlsoThatItIsGone() async throws {
        let world = try await WebhookWorld()
        let bob = try await world.world.user("bob")
        let carol = try await world.world.user("carol")
        try await world.world.organization("acme", ["bob": .read])
        for (name, visibility) in [("a", Visibility.private), ("b", .public)] {
            try await world.world.repository("model/acme/\(name)", visibility)
            let address = try world.address("model/acme/\(name)")
            try await world.world.repositories.grant(address, userName: "carol", role: .read, by: .operator)
        }
        _ = try await world.hook([("org", "acme")], url: "https://bob.example/", by: bob)
        _ = try await world.hook([("org", "acme")], url: "https://carol.example/", by: carol)
        _ = try await world.hook([("org", "acme")], url: "https://ada.example/")
        for name in ["a", "b"] {
            try await world.world.repositories.delete(try world.address("model/acme/\(name)"), by: .operator)
            let told = Set(await world.sent().map(\.url))
            let members: Set = ["https://bob.example/", "https://carol.example/"]
            #expect(told == (name == "a" ? members : members.union(["https://ada.example/"])))
        }
    }

    /// Webhooks outlive sessions and speak to strangers, so they have nothing of their owner's being an administrator.
    @Test func anAdministratorsWebhookSeesWhatTheAccountSees() async throws {
        let world = try await WebhookWorld()
        let root = try await world.world.user("root", isAdmin: true)
        _ = try await world.hook([("user", "ada")], by: root)
        try await world.world.create("model/ada/secret", .private, by: world.ada)
        #expect(await world.sent().isEmpty)
    }

    @Test func tokensMakeWebhooksOnlyIfTheyMaySeeAsMuch() async throws {
        let world = try await WebhookWorld()
        for role in [Role.read, .write] {
            let actor = try await world.world.tokenActor("ada", role)
            await expectError(.forbidden) { _ = try await world.hook([("user", "ada")], by: actor) }
            await expectError(.forbidden) { _ = try await world.webhooks.list(by: actor) }
        }
        func user(_ permissions: TokenPermissions) throws -> Actor {
            .user(
                UserActor(
                    id: try #require(world.ada.userID),
                    name: "ada",
                    isAdmin: false,
                    scope: TokenScope(permissions)
                )
            )
        }
        let narrow = try user(TokenPermissions(entries: [], managesAccount: true))
        await expectError(.forbidden) { _ = try await world.hook([("user", "ada")], by: narrow) }
        let wide = TokenPermissions(
            entries: [.init(place: .hub, role: .read, participates: true)],
            managesAccount: true
        )
        _ = try await world.hook([("user", "ada")], by: try user(wide))
        await expectError(.unauthenticated) { _ = try await world.webhooks.list(by: .anonymous) }
    }

    @Test func anothersWebhookIsNotThere() async throws {
        let world = try await WebhookWorld()
        let eve = try await world.world.user("eve", isAdmin: true)
        let id = try await world.hook([("user", "ada")]).record.id.text
        let change = WebhookChange(base: "")
        await expectError(.notFound) { _ = try await world.webhooks.get(id, by: eve) }
        await expectError(.notFound) { _ = try await world.webhooks.update(id, change, by: eve) }
        await expectError(.notFound) { _ = try await world.webhooks.setEnabled(id, false, by: eve) }
        await expectError(.notFound) { _ = try await world.webhooks.delete(id, by: eve) }
        await expectError(.notFound) { _ = try await world.webhooks.deliveries(of: id, before: nil, limit: 1, by: eve) }
        await expectError(.notFound) { _ = try await world.webhooks.replay(id, of: id, by: eve) }
        #expect(try await world.webhooks.list(by: eve).isEmpty)
    }

    @Test func aDisabledAccountIsToldNothing() async throws {
        let world = try await WebhookWorld()
        let eve = try await world.world.user("eve")
        _ = try await world.hook([("user", "ada")], by: eve)
        try await world.world.accounts.setDisabled(name: "eve", true, by: .operator)
        try await world.world.create("model/ada/open", .public, by: world.ada)
        #expect(await world.sent().isEmpty)
    }
}
