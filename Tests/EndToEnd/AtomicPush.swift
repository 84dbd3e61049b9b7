import GranaryTesting
import Testing

@Suite("Atomic pushes and push options", .serialized, .sharedServer)
struct AtomicPush {
    @Test(arguments: Wire.all)
    func atomicPushOfSeveralRefsArrives(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work.commit("more", ["more": "m\n"])
        try await work("tag", "-a", "-m", "t", "v1")
        try await work("push", "--atomic", "origin", "main", "v1", "main~1:refs/heads/older")
        let refs = try await story.remoteRefs()
        #expect(try await refs["refs/heads/main"] == work.id("main"))
        #expect(try await refs["refs/tags/v1"] == work.id("v1"))
        #expect(try await refs["refs/heads/older"] == work.id("main~1"))
        try await story.verify()
    }

    @Test(arguments: Wire.all)
    func oneRefusedRefRefusesAllOfAnAtomicPush(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let before = try await story.remoteRefs()
        try await work("branch", "new")
        let result = try await work.attempt("push", "--atomic", "origin", "new", ":main")
        #expect(!result.succeeded)
        #expect(result.errorText.contains("deletion of the current branch prohibited"), "\(result)")
        #expect(result.errorText.contains("atomic"), "\(result)")
        try await story.expectUnchanged(since: before)
    }

    @Test func withoutAtomicEachRefIsDecidedAlone() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("branch", "new")
        let result = try await work.attempt("push", "origin", "new", ":main")
        #expect(!result.succeeded)
        #expect(try await Set(story.remoteRefs().keys) == ["HEAD", "refs/heads/main", "refs/heads/new"])
    }

    @Test func staleOldIdRefusesAllOfAnAtomicPush() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let (stale, older) = try await (work.id("main~1"), work.id("main~2"))
        var request = PushRequest(
            [.init(PushRequest.zero, older, "refs/heads/new"), .init(stale, older, "refs/heads/main")],
            pack: try HostilePack().bytes
        )
        request.capabilities = "report-status atomic"
        let report = try await story.push(request)
        #expect(report.accepted.isEmpty && report.refused.count == 2, "\(report)")
        try await story.expectUnchanged(since: before)
    }

    @Test func conflictingNamesRefuseAllOfAnAtomicPush() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let result = try await work.attempt(
            "push",
            "--atomic",
            "origin",
            "main:refs/heads/a",
            "main:refs/heads/a/b",
            "main:refs/heads/c"
        )
        #expect(!result.succeeded)
        try await story.expectUnchanged(since: before)
    }

    @Test(arguments: Wire.all)
    func pushOptionsAreTaken(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work.commit("more", ["more": "m\n"])
        try await work("push", "-o", "ci.skip", "-o", "title=two words ü", "origin", "main")
        try await work("push", "-o", "only.delete", "origin", "main:refs/heads/x")
        try await work("push", "-o", "only.delete", "origin", ":refs/heads/x")
        try await story.verify(equals: work)
    }

    @Test func tooManyOrTooLongPushOptionsAreRefused() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let many = (0..<65).flatMap { ["-o", "option-\($0)"] }
        let long = ["-o", String(repeating: "x", count: 4_097)]
        for options in [many, long] {
            let result = try await work.run(["push"] + options + ["origin", "main:refs/heads/x"])
            #expect(!result.succeeded, "\(result)")
            try await story.expectUnchanged(since: before)
        }
        try await work.run(["push"] + many.dropLast(2) + ["origin", "main:refs/heads/x"]).required()
    }

    @Test func quietPushSaysNothing() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let result = try await work.attempt("push", "--quiet", "origin", "main:refs/heads/x")
        #expect(result.succeeded && result.errorText.isEmpty && result.output.isEmpty, "\(result)")
    }

    @Test func porcelainPushReportsEachRef() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let result = try await work.attempt("push", "--porcelain", "origin", "main:refs/heads/x", ":main")
        #expect(result.output.contains("*\trefs/heads/main:refs/heads/x\t[new branch]"))
        #expect(result.output.contains("!\t:refs/heads/main\t[remote rejected]"), "\(result)")
    }
}
