import Access
import HubCore
import JSON
import Metadata
import NIOCore
import OpenSSLKit
import Outbound
import Testing

/// What is sent, how often, and when not any more.
@Suite struct WebhookSendingTests {
    @Test func tellsOfARepositorysLife() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        let made = try await world.world.create("dataset/ada/things", .private, by: world.ada)
        let created = try #require(await world.sent().first)
        #expect(created.scope == "repo" && created.action == "create")
        #expect(created.body["webhook"] == ["id": .string(hook.record.id.text), "version": 3])
        let repo = try #require(created.body["repo"])
        #expect(repo["type"] == "dataset" && repo["name"] == "ada/things" && repo["private"] == true)
        #expect(repo["id"]?.text == made.id.text && repo["owner"]?["id"]?.text == world.ada.userID?.text)
        #expect(repo["url"]?["web"] == "http://hub.example/datasets/ada/things")
        #expect(repo["url"]?["api"] == "http://hub.example/api/datasets/ada/things")
        try await world.setVisibility("dataset/ada/things", .public)
        let shown = try #require(await world.sent().first)
        #expect(shown.scope == "repo.config" && shown.body["updatedConfig"] == ["private": false])
        let target = try world.address("dataset/ada/others")
        _ = try await world.world.repositories.move(made.address, to: target, by: world.ada)
        let moved = try #require(await world.sent().first)
        #expect(moved.action == "move" && moved.body["repo"]?["name"] == "ada/things")
        #expect(moved.body["movedTo"]?["name"] == "ada/others")
        try await world.world.repositories.delete(target, by: world.ada)
        let deleted = try #require(await world.sent().first)
        #expect(deleted.action == "delete" && deleted.body["repo"]?["name"] == "ada/others")
    }

    @Test func tellsOnlyOfItsDomainsAndWhatItWatches() async throws {
        let world = try await WebhookWorld()
        try await world.world.create("model/ada/a", .public, by: world.ada)
        try await world.world.create("model/ada/b", .public, by: world.ada)
        _ = try await world.hook([("model", "ada/a")], domains: ["discussions"])
        for name in ["a", "b"] {
            let address = try world.address("model/ada/\(name)")
            _ = try await world.world.hub.discussions.open("Hello", description: "there", in: address, by: world.ada)
        }
        try await world.setVisibility("model/ada/a", .private)
        let letters = await world.sent()
        #expect(letters.map(\.scope) == ["discussion"])
        let body = try #require(letters.first?.body)
        #expect(body["repo"]?["name"] == "ada/a" && body["repo"]?["headSha"] == nil)
        #expect(body["discussion"]?["title"] == "Hello" && body["discussion"]?["num"] == 1)
        #expect(body["discussion"]?["url"]?["web"] == "http://hub.example/ada/a/discussions/1")
        #expect(body["comment"]?["content"] == "there" && body["comment"]?["hidden"] == false)
    }

    @Test func aCommentThatWasHiddenMeanwhileIsNotTold() async throws {
        let world = try await WebhookWorld()
        try await world.world.create("model/ada/a", .public, by: world.ada)
        let address = try world.address("model/ada/a")
        _ = try await world.world.hub.discussions.open("Hello", description: nil, in: address, by: world.ada)
        let hook = try await world.hook([("model", "ada/a")], domains: ["discussion"])
        let event = try await world.world.hub.discussions.comment("my password", on: 1, of: address, by: world.ada)
        world.receiver.answer(500)
        #expect(await world.sent().first?.text.contains("my password") == true)
        _ = try await world.world.hub.discussions.hide(event.event.id.text, on: 1, of: address, by: world.ada)
        world.world.clock.advance(seconds: 60)
        for letter in await world.sent() {
            #expect(!letter.text.contains("my password") && letter.body["comment"]?["hidden"] == true)
        }
        for line in try await world.log(hook) {
            let details = try await world.webhooks.delivery(
                line.record.id.text,
                of: hook.record.id.text,
                by: world.ada
            )
            #expect(!String(buffer: details.body.encoded()).contains("my password"))
        }
    }

    @Test func isSignedWithTheSecretAndTheTime() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")], secret: "hush")
        try await world.world.create("model/ada/a", .public, by: world.ada)
        let letter = try #require(await world.sent().first)
        #expect(letter.fields["X-Webhook-Secret"] == "hush")
        let seconds = world.world.clock.now.seconds
        let code = try HMACSHA256.authenticationCode(
            for: Array("\(seconds).\(letter.text)".utf8),
            key: Array("hush".utf8)
        )
        #expect(letter.fields["X-Granary-Signature"] == "t=\(seconds),v1=\(Hex.encode(code))")
        #expect(letter.fields["X-Granary-Event"] == "repo.create")
        let kept = try await world.now(hook)
        #expect(kept.sealedSecret?.contains("hush") == false)
        let line = try #require(try await world.log(hook).first)
        #expect(letter.fields["X-Granary-Delivery"] == line.record.id.text)
        let details = try await world.webhooks.delivery(line.record.id.text, of: hook.record.id.text, by: world.ada)
        #expect(!details.fields.contains { $0.value.text?.contains("hush") == true })
        var change = WebhookChange(base: "http://hub.example")
        change.secretMode = "signature"
        _ = try await world.webhooks.update(hook.record.id.text, change, by: world.ada)
        try await world.world.create("model/ada/b", .public, by: world.ada)
        let signed = try #require(await world.sent().first)
        #expect(signed.fields["X-Webhook-Secret"] == nil && signed.fields["X-Granary-Signature"] != nil)
    }

    @Test func isTriedAgainForAboutADay() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        world.receiver.alwaysAnswer(.success(OutboundAnswer(status: 500, isInner: false)))
        #expect(await world.sent().count == 1)
        for wait in [10, 60, 300, 1_800, 7_200, 21_600, 43_200] as [Int64] {
            world.world.clock.advance(seconds: wait - 1)
            #expect(await world.sent().isEmpty, "before \(wait) s")
            world.world.clock.advance(seconds: wait / 4 + 2)
            #expect(await world.sent().count == 1, "after \(wait) s")
        }
        let line = try #require(try await world.log(hook).first?.record)
        #expect(line.state == .failed && line.attempts == 8 && line.status == 500)
        #expect(line.error == "The answer was 500.")
        world.world.clock.advance(seconds: 1_000_000)
        #expect(await world.sent().isEmpty)
        #expect(try await world.now(hook).failures == 8)
    }

    @Test(arguments: [400, 404, 302])
    func whatIsNotWantedIsSentThreeTimes(status: Int) async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        world.receiver.alwaysAnswer(.success(OutboundAnswer(status: status, isInner: false)))
        var count = 0
        for _ in 0..<6 {
            count += await world.sent().count
            world.world.clock.advance(seconds: 400)
        }
        #expect(count == 3)
        #expect(try await world.log(hook).first?.record.state == .failed)
    }

    @Test func waitsAsLongAsTheReceiverAsks() async throws {
        let world = try await WebhookWorld()
        _ = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        world.receiver.answer(429, retryAfter: 1_000)
        #expect(await world.sent().count == 1)
        world.world.clock.advance(seconds: 990)
        #expect(await world.sent().isEmpty)
        world.world.clock.advance(seconds: 11)
        world.receiver.answer(503, retryAfter: .max)
        #expect(await world.sent().count == 1)
        world.world.clock.advance(seconds: 3_601)
        #expect(await world.sent().count == 1)
    }

    @Test func aReceiverThatIsGoneIsLeftAlone() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        for name in ["a", "b", "c"] { try await world.world.create("model/ada/\(name)", .public, by: world.ada) }
        world.receiver.answer(410)
        #expect(await world.sent().count == 1)
        #expect(try await world.now(hook).disabled == .gone)
        #expect(try await world.log(hook).map(\.record.state) == [.dropped, .dropped, .failed])
        world.world.clock.advance(seconds: 100_000)
        try await world.world.create("model/ada/d", .public, by: world.ada)
        #expect(await world.sent().isEmpty)
        _ = try await world.webhooks.setEnabled(hook.record.id.text, true, by: world.ada)
        try await world.world.create("model/ada/e", .public, by: world.ada)
        #expect(await world.sent().map { $0.body["repo"]?["name"]?.text } == ["ada/e"])
    }

    @Test func daysOfFailuresSilenceAWebhook() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        world.receiver.alwaysAnswer(.failure(.unreachable))
        for day in 0..<7 {
            #expect(try await world.now(hook).disabled == nil || day > 5, "day \(day)")
            try await world.world.create("model/ada/day-\(day)", .public, by: world.ada)
            for _ in 0..<24 {
                _ = await world.sent()
                world.world.clock.advance(seconds: 3_600)
            }
        }
        #expect(try await world.now(hook).disabled == .failing)
        #expect(
            try await world.world.hub.metadata.read {
                try $0.pendingWebhookDeliveries(webhookID: hook.record.id, upTo: 9)
            } == 0
        )
    }

    /// While nobody answers, what else is to be sent waits, in its order.
    @Test func orderIsKeptWhileNobodyAnswers() async throws {
        let world = try await WebhookWorld()
        _ = try await world.hook([("user", "ada")])
        for name in ["a", "b", "c"] { try await world.world.create("model/ada/\(name)", .public, by: world.ada) }
        world.receiver.fail(.timedOut)
        #expect(await world.sent().count == 1)
        world.world.clock.advance(seconds: 13)
        #expect(await world.sent().map { $0.body["repo"]?["name"]?.text } == ["ada/a", "ada/b", "ada/c"])
    }

    @Test func isSentAgainWhenItsOwnerAsks() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        let first = try #require(await world.sent().first)
        let line = try #require(try await world.log(hook).first).record.id.text
        _ = try await world.webhooks.replay(line, of: hook.record.id.text, by: world.ada)
        let again = try #require(await world.sent().first)
        #expect(again.text == first.text && again.fields["X-Granary-Replay"] == "1")
        #expect(again.fields["X-Granary-Delivery"] == first.fields["X-Granary-Delivery"])
        #expect(try await world.log(hook).map(\.record.state) == [.delivered])
        _ = try await world.webhooks.setEnabled(hook.record.id.text, false, by: world.ada)
        await expectError(.conflict) {
            _ = try await world.webhooks.replay(line, of: hook.record.id.text, by: world.ada)
        }
        await expectError(.notFound) {
            _ = try await world.webhooks.replay("x", of: hook.record.id.text, by: world.ada)
        }
    }

    @Test func aDisabledWebhookDropsWhatItHas() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        world.receiver.answer(500)
        #expect(await world.sent().count == 1)
        _ = try await world.webhooks.setEnabled(hook.record.id.text, false, by: world.ada)
        _ = try await world.webhooks.setEnabled(hook.record.id.text, true, by: world.ada)
        world.world.clock.advance(seconds: 100_000)
        #expect(await world.sent().isEmpty)
        #expect(try await world.log(hook).map(\.record.state) == [.dropped])
    }

    @Test func oldLinesAreForgotten() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        #expect(await world.sent().count == 1)
        let runner = Task { await world.world.hub.jobs.run() }
        for _ in 0..<500 {
            let jobs = try await world.world.hub.metadata.read { try $0.jobs(failed: false, after: nil, limit: 100) }
            if jobs.contains(where: { $0.kind == "webhook.forget" }) { break }
            try await Task.sleep(for: .milliseconds(10))
        }
        runner.cancel()
        await runner.value
        world.world.clock.advance(seconds: 29 * 86_400)
        await world.world.hub.jobs.runDue()
        #expect(try await world.log(hook).count == 1)
        world.world.clock.advance(seconds: 2 * 86_400)
        await world.world.hub.jobs.runDue()
        #expect(try await world.log(hook).isEmpty)
    }

    @Test func tooMuchIsDroppedAndCounted() async throws {
        let world = try await WebhookWorld()
        let hook = try await world.hook([("user", "ada")])
        var busy = hook.record
        (busy.day, busy.dayCount) = (world.world.clock.now.seconds / 86_400, WebhookLimits.perDay - 1)
        let written = busy
        try await world.world.hub.metadata.transaction { try $0.updateWebhook(written) }
        for name in ["a", "b", "c"] { try await world.world.create("model/ada/\(name)", .public, by: world.ada) }
        #expect(await world.sent().count == 1)
        #expect(try await world.now(hook).dropped == 2)
        world.world.clock.advance(seconds: 86_400)
        try await world.world.create("model/ada/d", .public, by: world.ada)
        #expect(await world.sent().count == 1)
    }

    /// A hub that stops in the middle of a try forgets nothing.
    @Test func isToldOnceThoughTheEventIsLookedAtTwice() async throws {
        let world = try await WebhookWorld()
        _ = try await world.hook([("user", "ada")])
        try await world.world.create("model/ada/a", .public, by: world.ada)
        let job = try #require(
            try await world.world.hub.metadata.read { try $0.jobs(failed: false, after: nil, limit: 10) }
                .first { $0.kind == "webhook.event" }
        )
        #expect(await world.sent().count == 1)
        let again = JobRequest(kind: job.kind, key: job.key, payload: job.payload, at: job.runAt)
        try await world.world.hub.metadata.transaction { try $0.enqueue(again, id: job.id, at: job.runAt) }
        #expect(await world.sent().isEmpty)
    }
}
