import GranaryTesting
import Testing

@Suite("Tags", .serialized, .sharedServer)
struct Tags {
    @Test(arguments: Wire.all)
    func annotatedNestedAndLightTagsTravel(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work("tag", "light", "main~1")
        try await work("tag", "-a", "-m", "annotated", "v1", "main")
        try await work("tag", "-a", "-m", "nested", "v1-nested", "v1")
        try await work("tag", "-a", "-m", "of a blob", "of-blob", "main:README.md")
        try await work("tag", "-a", "-m", "of a tree", "of-tree", "main^{tree}")
        try await work("push", "origin", "--tags")

        let listed = try await work.remoteRefs(story.url(wire))
        #expect(try await listed["refs/tags/v1^{}"] == work.id("main"))
        #expect(try await listed["refs/tags/v1-nested^{}"] == work.id("main"))
        #expect(try await listed["refs/tags/v1-nested"] == work.id("v1-nested"))
        #expect(try await listed["refs/tags/of-blob^{}"] == work.id("main:README.md"))
        #expect(listed["refs/tags/light^{}"] == nil)
        let clone = try await story.git(wire).clone(story.url(wire), "clone")
        #expect(try await clone.refs("refs/tags/") == work.refs("refs/tags/"))
        try await story.verify(equals: work)
    }

    @Test(arguments: Wire.all)
    func fetchFollowsTagsOfWhatItFetches(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--single-branch")
        try await work.commit("release", ["VERSION": "2\n"])
        try await work("tag", "-a", "-m", "two", "v2")
        try await work("checkout", "--quiet", "-b", "elsewhere")
        try await work.commit("elsewhere", ["e": "e\n"])
        try await work("tag", "-a", "-m", "other", "other")
        try await work("push", "origin", "main", "elsewhere", "--tags")
        try await clone("fetch", "origin")
        #expect(try await clone.id("v2^{commit}") == clone.id("origin/main"))
        #expect(try await clone.refs("refs/tags/other").isEmpty)
        try await clone("fsck", "--strict")
    }

    @Test func movedTagNeedsForce() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("tag", "-a", "-m", "one", "moving", "main~1")
        try await work("push", "origin", "moving")
        try await work("tag", "-f", "-a", "-m", "two", "moving", "main")
        let refused = try await work.attempt("push", "origin", "moving")
        #expect(refused.errorText.contains("already exists"))
        try await work("push", "--force", "origin", "moving")
        #expect(try await story.remoteRefs()["refs/tags/moving^{}"] == work.id("main"))
        try await work("push", "origin", ":refs/tags/moving")
        #expect(try await story.remoteRefs()["refs/tags/moving"] == nil)
        try await story.verify()
    }

    @Test func annotatedTagOfAFetchedCommitIsIncludedInThePack() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("tag", "-a", "-m", "one", "v1", "main")
        try await work("push", "origin", "v1")
        var request = PktLines()
        request.line("command=fetch\n")
        request.delimiter()
        for line in ["want \(try await work.id("main"))", "include-tag", "done"] { request.line(line + "\n") }
        request.flush()
        let answer = try await story.fetch(request.bytes)
        let pack = Pkt.parse(answer.body).reduce(into: [UInt8]()) { pack, packet in
            if case .data(let bytes) = packet, bytes.first == 1 { pack += bytes.dropFirst() }
        }
        let reader = try await story.git().newRepository("reader")
        try await reader("index-pack", "--stdin", input: pack)
        #expect(try await reader("cat-file", "-t", work.id("v1")) == "tag")
    }

    @Test func deeplyNestedTagsPeelToTheEnd() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work("tag", "-a", "-m", "0", "t0", "main")
        for level in 1...20 { try await work("tag", "-a", "-m", "\(level)", "t\(level)", "t\(level - 1)") }
        try await work("push", "origin", "t20")
        #expect(try await story.remoteRefs()["refs/tags/t20^{}"] == work.id("main"))
        try await story.verify()
    }
}
