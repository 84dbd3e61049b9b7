import GranaryTesting
import Testing

@Suite("Rules for branches", .serialized, .sharedServer)
struct BranchPolicy {
    /// Rewrites `main` of a clone.
    private func rewrite(_ work: GitClient) async throws {
        try await work("reset", "--quiet", "--hard", "main~1")
        try await work.commit("rewritten", ["rewritten.txt": "r\n"])
    }

    @Test func fastForwardsOnly() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("push", "origin", "main:refs/heads/topic")
        try await story.server.granary("repo", "set", story.repository.address, "--deny-non-fast-forward", "true")
        let before = try await story.remoteRefs()
        try await rewrite(work)
        let forced = try await work.attempt("push", "--force", "origin", "main")
        #expect(!forced.succeeded && forced.errorText.contains("non-fast-forward"), "\(forced)")
        try await story.expectUnchanged(since: before)
        try await work("push", "origin", "main:refs/heads/new", ":topic")
        try await story.server.granary("repo", "set", story.repository.address, "--deny-non-fast-forward", "false")
        try await work("push", "--force", "origin", "main")
        try await story.verify()
    }

    @Test func noDeletions() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("tag", "v1")
        try await work("push", "origin", "main:refs/heads/topic", "v1")
        try await story.server.granary("repo", "set", story.repository.address, "--deny-deletes", "true")
        let before = try await story.remoteRefs()
        for name in ["refs/heads/topic", "refs/tags/v1"] {
            let result = try await work.attempt("push", "origin", ":\(name)")
            #expect(!result.succeeded && result.errorText.contains("remote rejected"), "\(result)")
        }
        try await story.expectUnchanged(since: before)
    }

    @Test func protectedBranchesObeyRoles() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let (server, address) = (story.server, story.repository.address)
        try await server.granary(
            "repo",
            "protect",
            address,
            "release/*",
            "--push",
            "admin",
            "--force-push",
            "none",
            "--delete",
            "none"
        )
        let carol = try await server.addPerson(Story.freshName("person"))
        try await server.granary("repo", "grant", address, carol.name, "write")
        let writer = try await story.git(as: carol).clone(story.url(), "clone")
        let refused = try await writer.attempt("push", "origin", "main:refs/heads/release/1")
        #expect(!refused.succeeded && refused.errorText.contains("remote rejected"), "\(refused)")
        try await writer("push", "origin", "main:refs/heads/released")
        // The owner may push, but a write token makes nobody an administrator.
        let scoped = try await work.attempt("push", "origin", "main:refs/heads/release/1")
        #expect(!scoped.succeeded, "\(scoped)")
        let admin = try await server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
        let owner = try await story.git(as: admin).clone(story.url(), "clone")
        try await owner("push", "origin", "main~1:refs/heads/release/1")
        try await owner("push", "origin", "main:refs/heads/release/1")
        let before = try await story.remoteRefs()
        let forced = try await owner.attempt("push", "--force", "origin", "main~2:refs/heads/release/1")
        #expect(!forced.succeeded && forced.errorText.contains("remote rejected"), "\(forced)")
        let deleted = try await owner.attempt("push", "origin", ":release/1")
        #expect(!deleted.succeeded && deleted.errorText.contains("remote rejected"), "\(deleted)")
        let atomic = try await writer.attempt(
            "push",
            "--atomic",
            "origin",
            "main:refs/heads/fine",
            "main:refs/heads/release/2"
        )
        #expect(!atomic.succeeded, "\(atomic)")
        try await story.expectUnchanged(since: before)
        try await server.granary("repo", "unprotect", address, "release/*")
        try await owner("push", "origin", ":release/1")
    }

    @Test func protectedTagsStay() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await story.server.granary("repo", "protect", story.repository.address, "refs/tags/v*", "--push", "write")
        try await work("tag", "v1", "main")
        try await work("push", "origin", "v1")
        try await work("tag", "--force", "v1", "main~1")
        let before = try await story.remoteRefs()
        #expect(try await work.attempt("push", "--force", "origin", "v1").status != 0)
        #expect(try await work.attempt("push", "origin", ":refs/tags/v1").status != 0)
        try await story.expectUnchanged(since: before)
    }

    @Test func theDefaultBranchFollowsTheSetting() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("push", "origin", "main~1:refs/heads/trunk")
        try await story.server.granary("repo", "set", story.repository.address, "--default-branch", "trunk")
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone("symbolic-ref", "HEAD") == "refs/heads/trunk")
        let refused = try await work.attempt("push", "origin", ":trunk")
        #expect(refused.errorText.contains("deletion of the current branch prohibited"), "\(refused)")
        try await work("push", "origin", ":main")
        let stored = try await story.server.storedGit(story.repository, ["symbolic-ref", "HEAD"])
        #expect(stored.output == "refs/heads/trunk")
    }

    @Test(arguments: [
        "refs/granary/x/y", "refs/remotes/origin/main", "refs/replace/" + String(repeating: "a", count: 40),
    ])
    func hiddenRefsAreNotWritable(name: String) async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let before = try await story.remoteRefs()
        let report = try await story.push(PushRequest(creating: name, at: tip, pack: try HostilePack().bytes))
        #expect(report.isRefusal, "\(report)")
        try await story.expectUnchanged(since: before)
    }
}
