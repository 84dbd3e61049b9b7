import GranaryTesting
import Testing

@Suite("Twenty thousand refs", .serialized, .sharedServer)
struct ManyRefs {
    private static let count = 20_000

    /// Creating and deleting so many refs is asked for by hand-made requests: over HTTP git 2.39 itself needs minutes to
    /// prepare such a push, because its time grows with the square of the number.
    @Test func twentyThousandRefsArePushedListedClonedAndDeleted() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 200, seed: 51))
        try await source("push", "--quiet", story.url(), "main")
        let commits = try await source("rev-list", "main").split(separator: "\n").map(String.init)
        var expected = ["refs/heads/main": commits[0]]
        for index in 0..<Self.count {
            expected["refs/heads/many/\(index % 100)/branch-\(index)"] = commits[index % 200]
        }
        let creations = expected.filter { $0.key != "refs/heads/main" }
        let created = try await story.push(
            PushRequest(creations.map { .init(PushRequest.zero, $0.value, $0.key) }, pack: try HostilePack().bytes)
        )
        #expect(created.accepted.count == Self.count)

        for wire in Wire.outermost {
            let git = try story.git(wire)
            #expect(try await git.remoteRefs(story.url(wire), "--heads") == expected)
            let one = "refs/heads/many/7/branch-107"
            let listed = try await git("ls-remote", story.url(wire), one)
            #expect(listed == "\(expected[one] ?? "")\t\(one)")
            let mirror = try await git.clone(story.url(wire), "mirror.git", "--mirror")
            #expect(try await mirror.refs("refs/heads/") == expected)

            try await source("push", "--quiet", story.url(), "main:refs/heads/new-\(wire.version)")
            try await mirror("fetch", "--quiet", "origin")
            #expect(try await mirror.id("refs/heads/new-\(wire.version)") == source.id("main"))
            try await source("push", "--quiet", story.url(), ":refs/heads/new-\(wire.version)")
        }
        let doomed = creations.filter { $0.key.hasSuffix("1") }
        let deleted = try await story.push(
            PushRequest(doomed.map { .init($0.value, PushRequest.zero, $0.key) }, pack: [])
        )
        #expect(deleted.accepted.count == Self.count / 10)
        #expect(try await story.git().remoteRefs(story.url(), "--heads").count == Self.count + 1 - doomed.count)
        let stored = try await story.server.storedGit(story.repository, ["for-each-ref", "--format=%(refname)"])
        #expect(stored.lines.count == Self.count + 1 - doomed.count, "the copy in packed-refs")
        try await story.verify()
    }
}
