import Foundation
import GranaryTesting
import Testing

/// Large files are listed by their names in history, and go for good.
@Suite("Lists of large files", .serialized, .sharedServer)
struct LargeFileLists {
    private func api(_ story: Story, _ path: String) -> String {
        "/api/models/alice/\(story.repository.name)/lfs-files\(path)"
    }

    private func list(_ story: Story, _ query: String = "") async throws -> [[String: Any]] {
        let answer = try await story.server.curl("GET", api(story, query), headers: [story.owner.bearer])
        #expect(answer.status == 200, "\(answer)")
        return try #require(try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]])
    }

    private func delete(_ story: Story, _ oids: [String], rewriting: Bool, as person: Person? = nil) async throws
        -> HTTPAnswer
    {
        let deletions = #"{"deletions":{"sha":["\#(oids.joined(separator: "\",\""))"],"rewriteHistory":\#(rewriting)}}"#
        return try await story.server.curl(
            "POST",
            api(story, "/batch"),
            headers: ["Content-Type: application/json", (person ?? story.owner).bearer],
            body: Array(deletions.utf8)
        )
    }

    /// Three large files: one stays, one was deleted, one is on a branch alone; a merge and an annotated tag.
    private func filled() async throws -> (story: Story, work: GitClient) {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(810)
        try work.write("data/stays.bin", random.bytes(40_000))
        try await work.commit("first", ["a.txt": "a\n"], date: 1_700_000_000)
        try work.write("old/secret.bin", random.bytes(50_000))
        try await work.commit("second\n\nWith a body: ä.\n", ["b.txt": "b\n"], date: 1_700_000_100)
        try await work("tag", "-a", "v1", "-m", "with the secret")
        try await work("rm", "--quiet", "old/secret.bin")
        try await work.commit("third", [:], date: 1_700_000_200)
        try await work("switch", "--quiet", "-c", "side", "HEAD~1")
        try work.write("side.bin", random.bytes(60_000))
        try await work.commit("aside", [:], date: 1_700_000_300)
        try await work("switch", "--quiet", "main")
        try await work("merge", "--quiet", "--no-edit", "-X", "ours", "side")
        try await work("push", "--quiet", "origin", "main", "side", "v1", "main~3:refs/heads/before")
        return (story, work)
    }

    @Test func filesOfAllHistoryHaveNames() async throws {
        let (story, _) = try await filled()
        let files = try await list(story)
        let sizes = Dictionary(
            uniqueKeysWithValues: files.map { ($0["filename"] as? String ?? "", $0["size"] as? Int ?? 0) }
        )
        #expect(sizes == ["data/stays.bin": 40_000, "old/secret.bin": 50_000, "side.bin": 60_000])
        #expect(files.allSatisfy { $0["ref"] as? String == "refs/heads/main" && $0["fileOid"] is String })
        let first = try await story.server.curl("GET", api(story, "?limit=2"), headers: [story.owner.bearer])
        let link = try #require(first["link"]?.split(separator: ">").first?.dropFirst(1 + story.server.base.count))
        let rest = try await story.server.curl("GET", String(link), headers: [story.owner.bearer])
        #expect(rest.status == 200 && rest["link"] == nil, "\(rest)")
    }

    @Test func aFileGoesOutOfAllHistory() async throws {
        let (story, work) = try await filled()
        let secret = try #require(try await list(story).first { $0["filename"] as? String == "old/secret.bin" })
        let oid = try #require(secret["fileOid"] as? String)
        let before = try await work.id("main~3")
        let answer = try await delete(story, [oid], rewriting: true)
        #expect(answer.status == 200, "\(answer)")
        #expect(try await list(story).count == 2)
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        try await clone("fsck", "--strict")
        #expect(clone.contents("side.bin") == work.contents("side.bin"))
        let paths = try await clone("log", "--all", "--format=", "--name-only", "--diff-merges=separate")
        #expect(!paths.contains("secret"), "\(paths)")
        // Everything else is as it was: the same tree, the same words, the same shape; what came before is untouched.
        let tree = (try await clone("rev-parse", "HEAD^{tree}"), try await work("rev-parse", "HEAD^{tree}"))
        #expect(tree.0 == tree.1)
        let shape = "--format=%an %ae %ad %cn %cd %B %P"
        let logs = [
            try await clone("log", "--topo-order", "origin/main", shape.replacing("%P", with: "")),
            try await work("log", "--topo-order", "main", shape.replacing("%P", with: "")),
        ]
        #expect(logs[0] == logs[1])
        #expect(try await clone.id("origin/before") == before)
        #expect(try await clone("cat-file", "-t", "v1") == "tag")
        #expect(try await clone("log", "-1", "--format=%s", "v1") == "second")
        let gone = try await story.server.curl(
            "GET",
            "/alice/\(story.repository.name)/resolve/\(try await work.id("v1^{commit}"))/old/secret.bin",
            headers: [story.owner.bearer]
        )
        #expect(gone.status == 404, "\(gone)")
    }

    @Test func protectedHistoryIsNotRewritten() async throws {
        let (story, work) = try await filled()
        try await story.server.granary(
            "repo",
            "protect",
            story.repository.address,
            "refs/heads/main",
            "--force-push",
            "none"
        )
        let oids = try await list(story).compactMap { $0["fileOid"] as? String }
        let refused = try await delete(story, oids, rewriting: true)
        #expect(refused.status == 403, "\(refused)")
        #expect(try await list(story).count == 3)
        #expect(try await work.remoteRefs(story.url())["refs/heads/main"] == (try await work.id("main")))
        // Nor are the files taken away from under it; what no protected ref has may go.
        #expect(try await delete(story, oids, rewriting: false).status == 403)
        try await story.server.granary("repo", "unprotect", story.repository.address, "refs/heads/main")
        #expect(try await delete(story, oids, rewriting: false).status == 200)
        #expect(try await list(story).isEmpty)
        #expect(try await work.remoteRefs(story.url())["refs/heads/main"] == (try await work.id("main")))
    }

    @Test func onlyWritersSeeOrDelete() async throws {
        let (story, _) = try await filled()
        let reader = try await story.server.addPerson(Story.freshName("person"))
        try await story.server.granary("repo", "grant", story.repository.address, reader.name, "read")
        let list = try await story.server.curl("GET", api(story, ""), headers: [reader.bearer])
        #expect(list.status == 403, "\(list)")
        let oids = try await self.list(story).compactMap { $0["fileOid"] as? String }
        #expect(try await delete(story, oids, rewriting: true, as: reader).status == 403)
        for bad in [["x"], Array(repeating: String(repeating: "a", count: 64), count: 1_001)] {
            let answer = try await delete(story, bad, rewriting: false)
            #expect([400, 413].contains(answer.status), "\(answer)")
        }
        #expect(try await self.list(story).count == 3)
    }
}
