import GranaryTesting
import Testing

@Suite("An empty repository and its first push", .serialized, .sharedServer)
struct FirstPush {
    @Test(arguments: Wire.all)
    func emptyRepositoryClonesOntoItsBranch(wire: Wire) async throws {
        let story = try await Story.begin()
        let git = try story.git(wire)
        let result = try await git.attempt("clone", story.url(wire), "empty")
        #expect(result.succeeded, "\(result)")
        #expect(result.errorText.contains("empty repository"))
        #expect(try await git.at("empty")("symbolic-ref", "HEAD") == "refs/heads/main")
    }

    @Test func unbornBranchOfTheServerNamesTheBranchOfTheClone() async throws {
        let story = try await Story.begin()
        let git = try story.git().with("init.defaultBranch=trunk")
        let clone = try await git.clone(story.url(), "empty")
        #expect(try await clone("symbolic-ref", "HEAD") == "refs/heads/main")
    }

    @Test(arguments: Wire.all)
    func firstPushCanBeCloned(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        #expect(try await clone.id("HEAD") == work.id("HEAD"))
        #expect(clone.contents("data/a.txt") == Array("one\ntwo\n".utf8))
        #expect(try await clone.objects() == work.objects())
        try await story.verify(equals: work)
    }

    @Test(arguments: Wire.all)
    func cloneOfAnEmptyRepositoryPushesBack(wire: Wire) async throws {
        let story = try await Story.begin()
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        try await clone.commit("first", ["a": "1\n"])
        try await clone("push", "origin", "HEAD")
        try await story.verify(equals: clone)
    }

    @Test func pushOfAnyBranchLeavesHeadOnMain() async throws {
        let story = try await Story.begin()
        let work = try await story.git().newRepository("work")
        try await work.commit("first", ["a": "1\n"])
        try await work("push", story.url(), "main:refs/heads/topic")
        #expect(try await story.remoteRefs() == ["refs/heads/topic": work.id("main")])
        try await work("push", story.url(), "main")
        let lines = try await work("ls-remote", "--symref", story.url(), "HEAD")
        #expect(lines.contains("ref: refs/heads/main\tHEAD"))
    }

    @Test func pushOfNothingNewSaysSo() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let result = try await work.attempt("push", "origin", "main")
        #expect(result.succeeded && result.errorText.contains("Everything up-to-date"))
    }

    @Test func secondBranchOfKnownObjectsNeedsNoPack() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let packs = story.server.packCount(of: story.repository)
        try await work("push", "origin", "main:refs/heads/copy", "main~1:refs/heads/older")
        #expect(try await story.remoteRefs()["refs/heads/older"] == work.id("main~1"))
        #expect(story.server.packCount(of: story.repository) == packs)
        try await story.verify()
    }

    @Test(arguments: ["model", "dataset", "space", "code", "mcp", "skill"])
    func everyTypeOfRepositoryHasItsPath(type: String) async throws {
        let story = try await Story.begin(type: type)
        let work = try await story.seeded()
        let clone = try await story.git().clone(story.server.base + story.repository.path, "without-suffix")
        #expect(try await clone.id("HEAD") == work.id("HEAD"))
        try await story.verify(equals: work)
    }

    @Test func initializedRepositoryHasItsFirstCommit() async throws {
        let story = try await Story.begin(initialize: true)
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone.count() == 1)
        #expect(clone.exists(".gitattributes"))
        try await clone.commit("more", ["a": "1\n"])
        try await clone("push", "origin", "main")
        try await story.verify(equals: clone)
    }

    @Test func pushLargerThanThePostBufferIsSentInChunks() async throws {
        let story = try await Story.begin()
        var random = SeededRandom(11)
        let work = try await story.git().newRepository("work")
        try work.write("large.bin", random.bytes(3 << 20))
        try await work.commit("large")
        try await work("push", story.url(), "main")
        try await story.verify(equals: work)
    }

    @Test func pushWithoutOffsetDeltasIsTaken() async throws {
        let story = try await Story.begin()
        let work = try await story.git().imported("work", .versions(30, lines: 200, seed: 12))
        try await work("-c", "repack.usedeltabaseoffset=false", "push", story.url(), "main")
        try await story.verify(equals: work)
    }
}
