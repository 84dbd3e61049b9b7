import Access
import GitCore
import HubCore
import Metadata
import Testing

@Suite("Discussions")
struct DiscussionTests {
    /// A public repository of ada, bob who may write there, and eve who may not.
    private struct Scene {
        let world: World
        let address: RepositoryAddress
        let ada: Actor
        let bob: Actor
        let eve: Actor

        init(_ visibility: Visibility = .public, hasGit: Bool = false) async throws {
            world = try await World(hasGit: hasGit)
            (ada, bob, eve) = try await (world.user("ada"), world.user("bob"), world.user("eve"))
            address = try await world.create("model/ada/tiny", visibility, initialize: hasGit, by: ada).address
            try await world.repositories.grant(address, userName: "bob", role: .write, by: .operator)
        }

        var discussions: Discussions { world.hub.discussions }

        func open(_ title: String = "Why?", by actor: Actor) async throws -> Int64 {
            try await discussions.open(title, description: "Because.", in: address, by: actor).discussion.num
        }

        func details(_ num: Int64, by actor: Actor = .anonymous) async throws -> Discussions.Details {
            try await discussions.details(of: num, in: address, wantsDiff: false, by: actor)
        }
    }

    @Test func aDiscussionTellsAllThatHappened() async throws {
        let scene = try await Scene()
        let num = try await scene.open(by: scene.eve)
        _ = try await scene.discussions.comment("Indeed.", on: num, of: scene.address, by: scene.ada)
        _ = try await scene.discussions.rename(num, to: " Why not? ", of: scene.address, by: scene.eve)
        _ = try await scene.discussions.setStatus(
            .closed,
            comment: "Done.",
            on: num,
            of: scene.address,
            by: scene.bob
        )
        let details = try await scene.details(num)
        #expect(details.topic.discussion.title == "Why not?" && details.topic.discussion.status == .closed)
        #expect(details.conflicts == nil && details.diff == nil)
        let events = details.events.map(\.event)
        #expect(events.map(\.kind) == [.comment, .comment, .titleChange, .comment, .statusChange])
        #expect(events.map(\.content) == ["Because.", "Indeed.", "Why not?", "Done.", "closed"])
        #expect(events.map(\.authorName) == ["eve", "ada", "eve", "bob", "bob"])
        #expect(events[2].detail == "Why?")
    }

    @Test func numbersAreSharedAndGoOn() async throws {
        let scene = try await Scene(hasGit: true)
        #expect(try await scene.open(by: scene.eve) == 1)
        let draft = try await scene.discussions.openPullRequest(
            "PR",
            description: nil,
            in: scene.address,
            by: scene.eve
        )
        #expect(draft.discussion.num == 2 && draft.discussion.status == .draft)
        #expect(draft.discussion.baseRef == "refs/heads/main")
        let numbers = try await withThrowingTaskGroup(of: Int64.self) { group in
            for _ in 0..<10 { group.addTask { try await scene.open(by: scene.ada) } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(3...12))
        let refs = try await scene.world.hub.files.refs(scene.address, by: scene.eve)
        let main = try #require(refs.first { $0.name.string == "refs/heads/main" })
        #expect(refs.first { $0.name.string == "refs/pr/2" }?.oid == main.oid)
    }

    @Test func everybodyWithAnAccountTakesPartInWhatIsPublic() async throws {
        let scene = try await Scene()
        await expectError(.unauthenticated) { _ = try await scene.open(by: .anonymous) }
        await expectError(.forbidden) { _ = try await scene.open(by: scene.world.tokenActor("eve", .read)) }
        await expectError(.forbidden) { _ = try await scene.open(by: .operator) }
        let num = try await scene.open(by: try await scene.world.tokenActor("eve", .write))
        await expectError(.unauthenticated) {
            _ = try await scene.discussions.comment("x", on: num, of: scene.address, by: .anonymous)
        }
        let hidden = try await Scene(.private)
        await expectError(.notFound) { _ = try await hidden.open(by: hidden.eve) }
        let own = try await hidden.open(by: hidden.bob)
        await expectError(.notFound) { _ = try await hidden.details(own, by: hidden.eve) }
        await expectError(.unauthenticated) { _ = try await hidden.details(own) }
    }

    @Test func wordsBelongToTheirAuthorsAndDecisionsToWriters() async throws {
        let scene = try await Scene()
        let num = try await scene.open(by: scene.eve)
        let (talks, address) = (scene.discussions, scene.address)
        let first = try #require(try await scene.details(num).events.first).event.id.text
        let stranger = try await scene.world.user("mallory")
        for actor in [scene.ada, scene.bob, stranger] {
            await expectError(.forbidden) { _ = try await talks.edit(first, to: "x", on: num, of: address, by: actor) }
        }
        await expectError(.forbidden) { _ = try await talks.hide(first, on: num, of: address, by: stranger) }
        await expectError(.forbidden) { _ = try await talks.rename(num, to: "x", of: address, by: stranger) }
        await expectError(.forbidden) {
            _ = try await talks.setStatus(.closed, comment: nil, on: num, of: address, by: stranger)
        }
        let edited = try await talks.edit(first.uppercased(), to: "Better.", on: num, of: address, by: scene.eve)
        #expect(edited.event.content == "Better." && edited.edits.map(\.content) == ["Because."])
        let hidden = try await talks.hide(first, on: num, of: address, by: scene.bob)
        #expect(hidden.event.isHidden && hidden.event.content.isEmpty && hidden.edits.isEmpty)
        await expectError(.conflict) { _ = try await talks.edit(first, to: "x", on: num, of: address, by: scene.eve) }
        await expectError(.notFound) {
            _ = try await talks.edit("0123", to: "x", on: num, of: address, by: scene.eve)
        }
        // A comment of another discussion is none of this one.
        let other = try await scene.open(by: scene.eve)
        await expectError(.notFound) { _ = try await talks.hide(first, on: other, of: address, by: scene.bob) }
    }

    @Test func statusesChangeOnlyToSomethingElse() async throws {
        let scene = try await Scene(hasGit: true)
        let num = try await scene.discussions.openPullRequest("PR", description: nil, in: scene.address, by: scene.eve)
            .discussion.num
        func set(_ status: DiscussionRecord.Status) async throws {
            _ = try await scene.discussions.setStatus(status, comment: nil, on: num, of: scene.address, by: scene.eve)
        }
        for status in [DiscussionRecord.Status.draft, .merged] { await expectError(.invalid) { try await set(status) } }
        try await set(.open)
        await expectError(.conflict) { try await set(.open) }
        try await set(.closed)
        await expectError(.conflict) { try await set(.closed) }
        try await set(.open)
        #expect(try await scene.details(num).topic.discussion.status == .open)
        #expect(try await scene.details(num).conflicts == .files([]))
    }

    @Test func textsAreChecked() async throws {
        let scene = try await Scene()
        for title in ["", " \n\t", "two\nlines", "bell\u{7}", "zero\0"] {
            await expectError(.invalid) { _ = try await scene.open(title, by: scene.eve) }
        }
        await expectError(.tooLarge) { _ = try await scene.open(String(repeating: "é", count: 257), by: scene.eve) }
        let num = try await scene.open(String(repeating: "é", count: 256), by: scene.eve)
        func comment(_ text: String) async throws {
            _ = try await scene.discussions.comment(text, on: num, of: scene.address, by: scene.eve)
        }
        for text in ["", "  \n", "zero\0"] { await expectError(.invalid) { try await comment(text) } }
        await expectError(.tooLarge) { try await comment(String(repeating: "x", count: (64 << 10) + 1)) }
        try await comment(String(repeating: "x", count: 64 << 10))
        await expectError(.notFound) {
            _ = try await scene.discussions.comment("x", on: 99, of: scene.address, by: scene.eve)
        }
    }

    @Test func discussionsAreBounded() async throws {
        let scene = try await Scene()
        let num = try await scene.open(by: scene.eve)
        let long = String(repeating: "x", count: 64 << 10)
        let first = try #require(try await scene.details(num).events.first).event.id.text
        for _ in 0..<63 {
            _ = try await scene.discussions.comment(long, on: num, of: scene.address, by: scene.eve)
        }
        await expectError(.conflict) {
            _ = try await scene.discussions.comment(long, on: num, of: scene.address, by: scene.eve)
        }
        await expectError(.conflict) {
            _ = try await scene.discussions.edit(first, to: long, on: num, of: scene.address, by: scene.eve)
        }
        // What is refused is not counted, and a decision still fits.
        _ = try await scene.discussions.setStatus(.closed, comment: nil, on: num, of: scene.address, by: scene.ada)
        for _ in 0..<DiscussionLimits.openPerAuthor { _ = try await scene.open(by: scene.eve) }
        await expectError(.conflict) { _ = try await scene.open(by: scene.eve) }
        _ = try await scene.open(by: scene.bob)
    }

    @Test func listsAreFiltered() async throws {
        let scene = try await Scene(hasGit: true)
        for actor in [scene.eve, scene.ada, scene.eve] { _ = try await scene.open(by: actor) }
        _ = try await scene.discussions.openPullRequest("PR", description: nil, in: scene.address, by: scene.eve)
        _ = try await scene.discussions.setStatus(.closed, comment: nil, on: 1, of: scene.address, by: scene.eve)
        func page(
            _ isPullRequest: Bool? = nil,
            _ statuses: [DiscussionRecord.Status] = [],
            author: String? = nil,
            number: Int = 0,
            limit: Int = 50
        ) async throws -> Discussions.Page {
            try await scene.discussions.page(
                of: scene.address,
                isPullRequest: isPullRequest,
                statuses: statuses,
                author: author,
                number: number,
                limit: limit,
                by: .anonymous
            )
        }
        let all = try await page()
        #expect(all.discussions.map(\.num) == [4, 3, 2, 1] && all.count == 4 && all.closedCount == 1)
        #expect(try await page(false, [.open, .draft]).discussions.map(\.num) == [3, 2])
        #expect(try await page(true, [.open, .draft]).discussions.map(\.num) == [4])
        #expect(try await page(author: "EVE").discussions.map(\.num) == [4, 3, 1])
        #expect(try await page(author: "nobody").count == 0)
        let second = try await page(number: 1, limit: 3)
        #expect(second.start == 3 && second.discussions.map(\.num) == [1])
        #expect(try await page(number: .max).discussions.isEmpty)
    }

    @Test func aRepositoryTakesItsDiscussionsAlong() async throws {
        let scene = try await Scene()
        let num = try await scene.open(by: scene.eve)
        let target = try RepositoryAddress(parsing: "model/ada/small")
        _ = try await scene.world.repositories.move(scene.address, to: target, by: scene.ada)
        let moved = try await scene.discussions.details(of: num, in: target, wantsDiff: false, by: .anonymous)
        #expect(moved.topic.discussion.num == num && moved.topic.repository.address == target)
        try await scene.world.repositories.delete(target, by: scene.ada)
        let again = try await scene.world.create("model/ada/small", .public, by: scene.ada)
        await expectError(.notFound) {
            _ = try await scene.discussions.details(of: num, in: again.address, wantsDiff: false, by: .anonymous)
        }
    }

    @Test func theJournalKnows() async throws {
        let scene = try await Scene()
        let num = try await scene.open(by: scene.eve)
        _ = try await scene.discussions.comment("x", on: num, of: scene.address, by: scene.eve)
        _ = try await scene.discussions.rename(num, to: "y", of: scene.address, by: scene.eve)
        let kinds = try await scene.world.hub.metadata.read { records in
            try records.events(after: nil, limit: 100).map(\.kind).filter { $0.hasPrefix("discussion.") }
        }
        #expect(kinds == ["discussion.create", "discussion.comment.create", "discussion.update"])
        #expect(try await scene.world.lastAudit().details.contains("\"num\":\"1\""))
    }
}
