import GranaryTesting
import Testing

@Suite("Fetching by object id", .serialized, .sharedServer)
struct FetchByID {
    @Test(arguments: Wire.all)
    func tipsAndReachableCommitsAreServed(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        for revision in ["main", "main~1", "main~2"] {
            let id = try await work.id(revision)
            let reader = try await story.git(wire).newRepository("reader-\(revision)")
            try await reader("fetch", story.url(wire), id)
            #expect(try await reader.id("FETCH_HEAD") == id)
            try await reader("fsck", "--strict")
        }
    }

    @Test(arguments: Wire.all)
    func reachableTreesAndBlobsAreServed(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        for revision in ["main:README.md", "main~1:data", "main~2:data/a.txt"] {
            let id = try await work.id(revision)
            let reader = try await story.git(wire).newRepository("reader-\(id)")
            try await reader("fetch", story.url(wire), id)
            #expect(try await reader.id("FETCH_HEAD") == id)
        }
    }

    @Test(arguments: Wire.all)
    func commitsDroppedByAForcedPushAreNotServed(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let secret = try await work.commit("secret", ["secret.txt": "password\n"])
        let (blob, tree) = try await (work.id("main:secret.txt"), work.id("main^{tree}"))
        try await work("push", "origin", "main")
        try await work("reset", "--quiet", "--hard", "main~1")
        try await work("push", "--force", "origin", "main")
        for id in [secret, tree, blob] {
            let reader = try await story.git(wire).newRepository("reader-\(id)")
            let result = try await reader.attempt("fetch", story.url(wire), id)
            #expect(!result.succeeded, "\(result)")
            #expect(result.errorText.contains("not our ref"), "\(result)")
            #expect(try await reader.attempt("cat-file", "-e", id).status != 0)
        }
    }

    @Test(arguments: Wire.all)
    func objectsOfADeletedBranchAreNotServed(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("checkout", "--quiet", "-b", "topic")
        let topic = try await work.commit("topic", ["topic.txt": "t\n"])
        try await work("push", "origin", "topic")
        let before = try await story.git(wire).newRepository("before")
        try await before("fetch", story.url(wire), topic)
        try await work("push", "origin", ":topic")
        let after = try await story.git(wire).newRepository("after")
        #expect(try await after.attempt("fetch", story.url(wire), topic).status != 0)
    }

    @Test(arguments: Wire.all)
    func unknownIDsAreRefused(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await story.seeded(wire)
        let reader = try await story.git(wire).newRepository("reader")
        let result = try await reader.attempt("fetch", story.url(wire), String(repeating: "12", count: 20))
        #expect(!result.succeeded && result.errorText.contains("not our ref"), "\(result)")
    }

    @Test func objectsOfARefusedPushAreNotServed() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let secret = try await work.commit("refused", ["refused.txt": "r\n"])
        // The name is refused, after the pack was received.
        let result = try await work.attempt("push", "origin", "main:refs/heads/-x")
        #expect(!result.succeeded)
        for version in [0, 2] {
            let wire = Wire(transport: .http, version: version)
            let reader = try await story.git(wire).newRepository("reader")
            #expect(try await reader.attempt("fetch", story.url(wire), secret).status != 0)
        }
        // What was refused can be pushed properly later.
        try await work("push", "origin", "main")
        try await story.verify(equals: work)
    }

    @Test func objectInfoDoesNotTellAboutUnreachableObjects() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work.commit("secret", ["secret.txt": "password\n"])
        let blob = try await work.id("main:secret.txt")
        try await work("push", "origin", "main")
        try await work("reset", "--quiet", "--hard", "main~1")
        try await work("push", "--force", "origin", "main")
        var request = PktLines()
        request.line("command=object-info\n")
        request.delimiter()
        request.line("size\n")
        request.line("oid \(blob)\n")
        request.flush()
        let lines = try await Pkt.parse(story.fetch(request.bytes).body).map(\.text)
        #expect(!lines.contains("\(blob) 9"))
    }
}
