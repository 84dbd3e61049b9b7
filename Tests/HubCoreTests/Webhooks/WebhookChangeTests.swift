import Access
import HubCore
import Metadata
import Testing

/// Making and changing webhooks.
@Suite struct WebhookChangeTests {
    @Test(arguments: [
        "http://127.0.0.1/", "http://[::1]:80/", "http://169.254.169.254/latest/meta-data", "http://10.0.0.1:8080/",
        "http://0.0.0.0/", "http://[::ffff:127.0.0.1]/", "http://2130706433/", "http://a.example:25/",
        "ftp://a.example/",
        "https://user:secret@a.example/", "nonsense", "",
    ])
    func refusesURLs(url: String) async throws {
        let world = try await WebhookWorld()
        await expectError(.invalid) { _ = try await world.hook([("user", "ada")], url: url) }
        let hook = try await world.hook([("user", "ada")])
        var change = WebhookChange(base: "")
        change.url = url
        let changed = change
        await expectError(.invalid) { _ = try await world.webhooks.update(hook.record.id.text, changed, by: world.ada) }
        #expect(try await world.now(hook).url == "https://hooks.example/x")
    }

    @Test func whatIsLeftOutStays() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada"), ("user", "ADA")], domains: ["repo"], secret: "hush")
        #expect(hook.watches.map(\.name) == ["ada"])
        let same = try await world.webhooks.update(
            hook.record.id.text,
            WebhookChange(base: "http://hub.example"),
            by: world.ada
        )
        #expect(same == hook)
        var change = WebhookChange(base: "http://other.example")
        change.secret = ""
        let open = try await world.webhooks.update(hook.record.id.text, change, by: world.ada)
        #expect(open.secret == nil && open.record.base == "http://other.example" && open.record.domains == [.repo])
    }

    @Test func nonsenseIsRefused() async throws {
        let world = try await WebhookWorld()
        try await world.world.organization("acme")
        for watched in [[], [("bucket", "ada/x")], [("", "")], Array(repeating: ("user", "ada"), count: 101)] {
            await expectError(.invalid) { _ = try await world.hook(watched.map { (type: $0.0, name: $0.1) }) }
        }
        for watched in [
            ("user", "nobody"), ("user", "acme"), ("org", "ada"), ("model", "ada"), ("model", "ada/x/y"),
            ("user", "a\0b"),
        ] {
            await expectError(.notFound) { _ = try await world.hook([(type: watched.0, name: watched.1)]) }
        }
        for domains in [[], ["repo", "jobs"]] {
            await expectError(.invalid) { _ = try await world.hook([("user", "ada")], domains: domains) }
        }
        for secret in ["two words", "zeilen\numbruch", "ü", String(repeating: "x", count: 257)] {
            await expectError(.invalid) { _ = try await world.hook([("user", "ada")], secret: secret) }
        }
        #expect(try await world.webhooks.list(by: world.ada).isEmpty)
    }

    @Test func anAccountHasOnlySoMany() async throws {
        let world = try await WebhookWorld()
        for _ in 0..<WebhookLimits.perAccount { _ = try await world.hook([("user", "ada")]) }
        await expectError(.conflict) { _ = try await world.hook([("user", "ada")]) }
        let first = try #require(try await world.webhooks.list(by: world.ada).first)
        try await world.webhooks.delete(first.record.id.text, by: world.ada)
        _ = try await world.hook([("user", "ada")])
    }
}
