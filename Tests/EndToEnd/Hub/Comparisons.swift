import GranaryTesting
import Testing

/// What `compare` tells is what git would.
@Suite("Comparisons over REST", .serialized, .sharedServer)
struct Comparisons {
    private func compare(_ story: Story, _ revisions: String, _ query: String = "") async throws -> HTTPAnswer {
        let path = "/api/models/alice/\(story.repository.name)/compare/\(revisions)\(query)"
        return try await story.server.curl("GET", path, headers: [story.owner.bearer])
    }

    /// A branch that parted from main, which has gone on.
    private func parted() async throws -> (story: Story, work: GitClient) {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("switch", "--quiet", "-c", "feature/x", "HEAD~1")
        try await work.commit(
            "aside",
            ["aside.txt": "ä\n", "ü \"x\"\t.txt": "odd\n", "data/a.txt": "one\ntwo\nthree\n"]
        )
        try await work("push", "--quiet", "origin", "feature/x")
        try await work("rm", "--quiet", "README.md")
        try await work.commit("removed", [:])
        try await work("push", "--quiet", "origin", "feature/x")
        return (story, work)
    }

    @Test func aPatchAppliesWithGit() async throws {
        let (story, work) = try await parted()
        let answer = try await compare(story, "main..feature%2Fx")
        #expect(answer.status == 200 && answer["content-type"] == "text/plain; charset=utf-8", "\(answer)")
        try work.write("x.patch", answer.body)
        try await work("switch", "--quiet", "--detach", "main")
        // Files that git takes for binary are told by name alone; this one is text.
        try await work("apply", "--index", "x.patch")
        let trees = (try await work("write-tree"), try await work("rev-parse", "feature/x^{tree}"))
        #expect(trees.0 == trees.1, "\(answer)")
    }

    @Test func threeDotsBeginWhereBothParted() async throws {
        let (story, work) = try await parted()
        let answer = try await compare(story, "main...feature%2Fx", "?raw=true")
        let expected = try await work("diff", "--raw", "--no-abbrev", "--no-renames", "main...feature/x")
        #expect(answer.text == expected + "\n", "\(answer)")
        let two = try await compare(story, "main..feature%2Fx", "?raw=true")
        let other = try await work("diff", "--raw", "--no-abbrev", "--no-renames", "main..feature/x")
        #expect(two.text == other + "\n" && two.text != answer.text, "\(two)")
    }

    @Test func whatIsNoComparisonIsRefused() async throws {
        let (story, _) = try await parted()
        for text in ["main", "main..", "..main", "...", "main.main"] {
            let answer = try await compare(story, text)
            #expect(answer.status == 400, "\(text): \(answer)")
        }
        let missing = try await compare(story, "main..nothing")
        #expect(missing.status == 404 && missing["x-error-code"] == "RevisionNotFound", "\(missing)")
        #expect(try await compare(story, "main..main").body.isEmpty)
    }
}
