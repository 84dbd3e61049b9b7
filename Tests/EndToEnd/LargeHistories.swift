import GranaryTesting
import Testing

@Suite("Large histories", .serialized, .sharedServer)
struct LargeHistories {
    @Test func fiveThousandCommitsArePushedClonedAndFetched() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 5_000, seed: 61))
        try await source("push", "--quiet", story.url(), "main~2500:refs/heads/main")
        let early = try await story.git().clone(story.url(), "early.git", "--bare")
        try await source("push", "--quiet", story.url(), "main")
        for wire in Wire.outermost {
            let clone = try await story.git(wire).clone(story.url(wire), "clone-\(wire.version).git", "--bare")
            #expect(try await clone.count("main") == 5_000)
        }
        try await early("fetch", "--quiet", "origin", "main:main")
        #expect(try await early.count("main") == 5_000)
        try await story.verify(equals: source)
    }

    @Test func deepDeltaChainsArePushedAndCloned() async throws {
        let story = try await Story.begin()
        let source = try await story.git().with("pack.depth=4000").with("pack.window=4")
            .imported("source", .versions(800, lines: 300, seed: 62))
        try await source("repack", "-adfq", "--depth=4000", "--window=4")
        let index = try #require(source.files(".git/objects/pack").first { $0.hasSuffix(".idx") })
        let chains = try await source("verify-pack", "-v", ".git/objects/pack/\(index)")
        let longest =
            chains.split(separator: "\n").compactMap { line -> Int? in
                guard line.hasPrefix("chain length = ") else { return nil }
                return Int(line.dropFirst(15).prefix { $0.isNumber })
            }.max() ?? 0
        #expect(longest > 300, "the fixture has no deep chains: \(longest)")
        try await source("push", "--quiet", story.url(), "main")
        for wire in Wire.outermost {
            let clone = try await story.git(wire).clone(story.url(wire), "clone-\(wire.version)")
            #expect(try await clone.id("main^{tree}") == source.id("main^{tree}"))
            #expect(try await clone.count() == 800)
        }
        try await story.verify(equals: source)
    }

    @Test func fiftyThousandFilesArePushedAndCheckedOut() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .files(50_000, seed: 63))
        try await source("push", "--quiet", story.url(), "main")
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone("ls-files").split(separator: "\n").count == 50_000)
        #expect(try await clone("status", "--porcelain").isEmpty)
        try await clone.commit("one more", ["d0/e0/one-more": "x\n"])
        try await clone("push", "--quiet", "origin", "main")
        try await story.verify()
    }

    @Test func directoriesNestedHundredsDeepTravel() async throws {
        let story = try await Story.begin()
        let path = (0..<400).map { "d\($0 % 10)" }.joined(separator: "/") + "/file"
        var stream = FastImport()
        stream.commit("refs/heads/main", [(path, Array("deep\n".utf8))], date: 1_600_000_000, message: "deep")
        let source = try await story.git().imported("source", stream)
        try await source("push", "--quiet", story.url(), "main")
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(clone.contents(path) == Array("deep\n".utf8))
        try await story.verify(equals: source)
    }
}
