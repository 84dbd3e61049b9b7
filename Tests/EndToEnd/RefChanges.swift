import GranaryTesting
import Testing

@Suite("Deleting, forcing and conflicting refs", .serialized, .sharedServer)
struct RefChanges {
    @Test(arguments: Wire.all)
    func branchesAreDeleted(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("push", "origin", "main:refs/heads/one", "main:refs/heads/two", "main:refs/heads/three")
        try await work("push", "origin", "--delete", "one")
        try await work("push", "origin", ":two", "main~1:refs/heads/four")
        #expect(
            try await Set(story.remoteRefs().keys) == [
                "HEAD", "refs/heads/main", "refs/heads/three", "refs/heads/four",
            ]
        )
        try await story.verify()
    }

    @Test func deletingAMissingBranchChangesNothing() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let old = try await work.id("main")
        let report = try await story.push(PushRequest([.init(old, PushRequest.zero, "refs/heads/missing")], pack: []))
        #expect(report.unpack == "ok")
        #expect(report.accepted == ["refs/heads/missing"])
        try await story.expectUnchanged(since: before)
    }

    @Test(arguments: Wire.all)
    func rewrittenHistoryNeedsForce(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("reset", "--quiet", "--hard", "main~2")
        try await work.commit("rewritten", ["new.txt": "n\n"])
        let refused = try await work.attempt("push", "origin", "main")
        #expect(refused.errorText.contains("non-fast-forward"))
        try await work("push", "--force", "origin", "main")
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        #expect(try await clone.count() == 2)
        try await story.verify(equals: work)
    }

    @Test func staleLeaseIsRefused() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let other = try await story.git().clone(story.url(), "other")
        try await other.commit("theirs", ["t": "t\n"])
        try await other("push", "origin", "main")
        try await work("commit", "--quiet", "--amend", "-m", "amended")
        let stale = try await work.attempt("push", "--force-with-lease", "origin", "main")
        #expect(stale.errorText.contains("stale info"))
        try await work("fetch", "--quiet", "origin")
        try await work("push", "--force-with-lease", "origin", "main")
        try await story.verify(equals: work)
    }

    @Test func wrongOldIdLosesTheRace() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let (tip, first) = try await (work.id("main"), work.id("main~2"))
        let empty = try HostilePack().bytes
        for old in [first, PushRequest.zero] {
            let report = try await story.push(
                PushRequest([.init(old, try await work.id("main~1"), "refs/heads/main")], pack: empty)
            )
            #expect(report.accepted.isEmpty && report.refused["refs/heads/main"] != nil, "\(report)")
        }
        let missing = try await story.push(PushRequest([.init(tip, first, "refs/heads/not-there")], pack: empty))
        #expect(missing.refused["refs/heads/not-there"] != nil, "\(missing)")
        try await story.expectUnchanged(since: before)
    }

    @Test func directoryAndFileNamesConflict() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("push", "origin", "main:refs/heads/a", "main:refs/heads/x/y")
        let below = try await work.attempt("push", "origin", "main:refs/heads/a/b")
        #expect(!below.succeeded && below.errorText.contains("remote rejected"), "\(below)")
        let above = try await work.attempt("push", "origin", "main:refs/heads/x")
        #expect(!above.succeeded && above.errorText.contains("remote rejected"), "\(above)")
        #expect(
            try await Set(story.remoteRefs().keys) == ["HEAD", "refs/heads/main", "refs/heads/a", "refs/heads/x/y"]
        )
        try await story.verify()
    }

    @Test func deletionMakesRoomForADirectoryInTheSamePush() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("push", "origin", "main:refs/heads/a")
        try await work("push", "origin", ":refs/heads/a", "main:refs/heads/a/b")
        #expect(try await story.remoteRefs()["refs/heads/a/b"] == work.id("main"))
        #expect(try await story.remoteRefs()["refs/heads/a"] == nil)
        try await story.verify()
    }

    @Test func defaultBranchIsNotDeleted() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let result = try await work.attempt("push", "origin", ":main")
        #expect(
            !result.succeeded && result.errorText.contains("deletion of the current branch prohibited"),
            "\(result)"
        )
        try await story.expectUnchanged(since: before)
    }

    @Test func branchesPointToCommitsOnly() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let empty = try HostilePack().bytes
        for object in [try await work.id("main^{tree}"), try await work.id("main:README.md")] {
            let report = try await story.push(PushRequest(creating: "refs/heads/odd", at: object, pack: empty))
            #expect(report.isRefusal, "\(report)")
        }
        try await story.expectUnchanged(since: before)
    }
}
