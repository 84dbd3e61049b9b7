import GranaryTesting
import Testing

@Suite("Mirror pushes", .serialized, .sharedServer)
struct MirrorPush {
    @Test(arguments: Wire.all)
    func mirrorPushMakesTheServerEqual(wire: Wire) async throws {
        let story = try await Story.begin()
        let source = try await story.git(wire).imported("source", .history(commits: 60, seed: 41))
        for index in 0..<30 { try await source("branch", "topic/\(index)", "main~\(index)") }
        try await source("tag", "-a", "-m", "one", "v1", "main~3")
        try await source("update-ref", "refs/notes/review", "main~5")
        try await source("update-ref", "refs/custom/deep/name", "main~6")
        let mirror = try await story.git(wire).clone(source.directory, "mirror.git", "--mirror")
        try await mirror("push", "--mirror", story.url(wire))
        let listed = try await mirror.remoteRefs(story.url(wire), "--refs").filter { $0.key != "HEAD" }
        #expect(try await listed == source.refs())
        try await story.verify(equals: source)

        try await mirror("update-ref", "-d", "refs/heads/topic/7")
        try await mirror("update-ref", "refs/heads/topic/8", "refs/heads/topic/9")
        try await mirror("push", "--mirror", story.url(wire))
        try await story.verify(equals: mirror)
        let again = try await story.git(wire).clone(story.url(wire), "again.git", "--mirror")
        #expect(try await again.refs() == mirror.refs())
        #expect(try await again.objects().count <= mirror.objects().count)
    }

    @Test func mirrorOfTheMirrorFollowsWithRemoteUpdate() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let mirror = try await story.git().clone(story.url(), "mirror.git", "--mirror")
        try await work("push", "origin", "main:refs/heads/new", "--force")
        try await work("push", "origin", "main~1:refs/heads/older")
        try await mirror("remote", "update", "--prune")
        #expect(
            try await mirror.refs("refs/heads/").keys.sorted() == [
                "refs/heads/main", "refs/heads/new", "refs/heads/older",
            ]
        )
    }
}
