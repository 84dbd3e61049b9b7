import Foundation
import GranaryTesting
import Testing

/// Copies of repositories have everything that was there, and nothing that was hidden.
@Suite("Duplicates", .serialized, .sharedServer)
struct Duplicates {
    private func duplicate(
        _ story: Story,
        to id: String,
        _ more: [String: any Sendable] = [:],
        as person: Person? = nil
    ) async throws -> HTTPAnswer {
        let body = ["repository": id as any Sendable].merging(more) { $1 }
        let path = "/api/models/alice/\(story.repository.name)/duplicate"
        return try await story.server.curl.json("POST", path, body, token: (person ?? story.owner).secret)
    }

    @Test func aCopyIsTheSameForGitAndIndependent() async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(800)
        try work.write("model.bin", random.bytes(200_000))
        try await work.commit("first", ["a.txt": "a\n"])
        try await work("tag", "-a", "v1", "-m", "one")
        try await work("push", "--quiet", "origin", "main", "v1", "main:refs/heads/dev")
        let copy = Story.freshName("copy")
        let answer = try await duplicate(story, to: "alice/\(copy)")
        #expect(answer.status == 200 && answer.json["filesCopyPending"] as? Bool == false, "\(answer)")
        #expect(answer.json["url"] as? String == "\(story.server.base)/alice/\(copy)")
        let there = Story(
            server: story.server,
            owner: story.owner,
            repository: HostedRepository(type: "model", namespace: "alice", name: copy, storedPath: "")
        )
        let clone = try await there.largeFileGit().clone(there.url(), "copy")
        #expect(clone.contents("model.bin") == work.contents("model.bin"))
        let refs = (try await clone("ls-remote", there.url()), try await work("ls-remote", story.url()))
        #expect(refs.0 == refs.1)
        // The original may go: packs and large files are still there.
        try await clone.commit("second", ["b.txt": "b\n"])
        try await clone("push", "--quiet", "origin", "main")
        let gone = try await story.server.curl.json(
            "DELETE",
            "/api/repos/delete",
            ["name": story.repository.name, "organization": "alice", "type": "model"],
            token: story.owner.secret
        )
        #expect(gone.status == 200, "\(gone)")
        try await story.server.granary("lfs", "gc", "--grace", "0")
        let again = try await there.largeFileGit().clone(there.url(), "again")
        #expect(again.contents("model.bin") == work.contents("model.bin"))
        try await again("fsck", "--strict")
    }

    @Test func proposalsStayWhereTheyAre() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let lines = [
            #"{"key":"header","value":{"summary":"proposal","description":""}}"#,
            #"{"key":"file","value":{"path":"p.txt","content":"proposed","encoding":"utf-8"}}"#,
        ]
        let proposed = try await story.server.curl(
            "POST",
            "/api/models/alice/\(story.repository.name)/commit/main?create_pr=1",
            headers: ["Content-Type: application/x-ndjson", eve.bearer],
            body: Array(lines.joined(separator: "\n").utf8)
        )
        let commit = try #require(proposed.json["commitOid"] as? String, "\(proposed)")
        let copy = Story.freshName("copy")
        let answer = try await duplicate(story, to: "\(eve.name)/\(copy)", as: eve)
        #expect(answer.status == 200, "\(answer)")
        let info = try await story.server.curl("GET", "/api/models/\(eve.name)/\(copy)/revision/\(commit)")
        #expect(info.status == 404, "\(info)")
        // Nor can its owner make a branch of it.
        let branch = try await story.server.curl.json(
            "POST",
            "/api/models/\(eve.name)/\(copy)/branch/stolen",
            ["startingPoint": commit],
            token: eve.secret
        )
        #expect(branch.status == 404, "\(branch)")
        let head = try await story.server.curl("GET", "/api/models/\(eve.name)/\(copy)")
        #expect(head.json["sha"] as? String == (try await work.id("main")), "\(head)")
    }

    @Test func whatWasTakenOutOfHistoryDoesNotComeAlong() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.largeFileWork()
        var random = SeededRandom(802)
        try work.write("kept.bin", random.bytes(30_000))
        try await work.commit("first", [:])
        try work.write("secret.bin", random.bytes(40_000))
        try await work.commit("second", [:])
        try await work("push", "--quiet", "origin", "main")
        try await work("reset", "--quiet", "--hard", "HEAD~1")
        try await work("push", "--quiet", "--force", "origin", "main")
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let copy = Story.freshName("copy")
        let answer = try await duplicate(story, to: "\(eve.name)/\(copy)", as: eve)
        #expect(answer.status == 200, "\(answer)")
        let path = "/api/models/\(eve.name)/\(copy)"
        let list = try await story.server.curl("GET", "\(path)/lfs-files", headers: [eve.bearer])
        let files = try JSONSerialization.jsonObject(with: Data(list.body)) as? [[String: Any]]
        #expect(files?.compactMap { $0["filename"] as? String } == ["kept.bin"], "\(list)")
        let info = try await story.server.curl("GET", "\(path)?expand=usedStorage", headers: [eve.bearer])
        // The packs count, too.
        #expect((30_000..<40_000).contains(info.json["usedStorage"] as? Int ?? 0), "\(info)")
    }

    @Test func whoMayNotReadOrMakeGetsNothing() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let hidden = try await duplicate(story, to: "\(eve.name)/x", as: eve)
        #expect(hidden.status == 404 && hidden["x-error-code"] == "RepoNotFound", "\(hidden)")
        let foreign = try await duplicate(story, to: "\(eve.name)/x")
        #expect(foreign.status == 403, "\(foreign)")
        let taken = try await duplicate(story, to: "alice/\(story.repository.name)")
        #expect(taken.status == 409, "\(taken)")
        #expect((taken.json["url"] as? String)?.hasSuffix("/alice/\(story.repository.name)") == true, "\(taken)")
        for name in ["", "x", "alice/..", "alice/a/b"] {
            #expect(try await duplicate(story, to: name).status == 400)
        }
        let open = Story.freshName("open")
        let made = try await duplicate(story, to: "alice/\(open)", ["visibility": "public"])
        #expect(made.status == 200, "\(made)")
        #expect(try await story.server.curl("GET", "/api/models/alice/\(open)").status == 200)
    }

    @Test func aQuotaCountsCopies() async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(801)
        try work.write("model.bin", random.bytes(100_000))
        try await work.commit("first", [:])
        try await work("push", "--quiet", "origin", "main")
        let eve = try await story.server.addPerson(Story.freshName("person"))
        try await story.server.granary(
            "repo",
            "grant",
            "model/alice/\(story.repository.name)",
            eve.name,
            "read"
        )
        try await story.server.granary("lfs", "quota", "--namespace", eve.name, "50000")
        let copy = Story.freshName("copy")
        let answer = try await duplicate(story, to: "\(eve.name)/\(copy)", as: eve)
        #expect(answer.status == 507, "\(answer)")
        let info = try await story.server.curl("GET", "/api/models/\(eve.name)/\(copy)", headers: [eve.bearer])
        #expect(info.status == 404, "\(info)")
    }
}
