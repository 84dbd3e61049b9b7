import GranaryTesting
import Testing

@Suite("Shallow clones", .serialized, .sharedServer)
struct Shallow {
    /// Ten commits a day apart, the first on 14 November 2023, with tags at the third and the seventh, and one merge.
    private func history(_ story: Story, _ wire: Wire, tags: Bool = true) async throws -> GitClient {
        let work = try await story.git(wire).newRepository("work")
        for index in 0..<10 {
            try await work.commit(
                "commit \(index)",
                ["file-\(index)": "\(index)\n"],
                date: 1_700_000_000 + index * 86_400
            )
            if tags, index == 2 || index == 6 { try await work("tag", "-a", "-m", "t", "t\(index)") }
        }
        try await work("remote", "add", "origin", story.url(wire))
        try await work("push", "origin", "main", "--tags")
        return work
    }

    @Test(arguments: Wire.all)
    func depthCutsAndDeepensAndUnshallows(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "2")
        #expect(try await clone.count() == 2)
        #expect(try await clone("rev-parse", "--is-shallow-repository") == "true")
        try await clone("fsck", "--strict")
        try await clone("fetch", "--deepen=3", "origin")
        #expect(try await clone.count() == 5)
        try await clone("fetch", "--unshallow", "origin")
        #expect(try await clone.count() == 10)
        #expect(try await clone("rev-parse", "--is-shallow-repository") == "false")
        try await clone("fsck", "--strict")
        #expect(try await clone.objects() == work.objects())
    }

    /// The client asks to be complete, though it wants only one of the branches that were cut.
    @Test(arguments: Wire.all)
    func unshallowOfOneBranchCompletesAll(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await history(story, wire, tags: false)
        try await work("checkout", "--quiet", "--orphan", "other")
        for index in 0..<4 { try await work.commit("other \(index)", ["other-\(index)": "\(index)\n"]) }
        try await work("push", "origin", "other")
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "2", "--no-single-branch")
        try await clone("fetch", "--unshallow", "origin", "main")
        #expect(try await clone("rev-parse", "--is-shallow-repository") == "false")
        try await clone("fetch", "origin")
        try await clone("fsck", "--strict")
    }

    @Test(arguments: Wire.all)
    func largerDepthMovesTheBoundary(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire, tags: false)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "1")
        for depth in [4, 6, 2_147_483_647] {
            try await clone("fetch", "--depth=\(depth)", "origin")
            #expect(try await clone.count() == min(depth, 10))
            try await clone("fsck", "--strict")
        }
    }

    @Test(arguments: Wire.all)
    func sinceCutsByDate(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire)
        let date = "--shallow-since=\(1_700_000_000 + 6 * 86_400 - 60)"
        let clone = try await story.git(wire).clone(story.url(wire), "clone", date)
        #expect(try await clone.count() == 4)
        try await clone("fetch", "--shallow-since=\(1_700_000_000 + 3 * 86_400 - 60)", "origin")
        #expect(try await clone.count() == 7)
        try await clone("fsck", "--strict")
        let nothing = try await story.git(wire).attempt("clone", "--shallow-since=2030-01-01", story.url(wire), "x")
        #expect(!nothing.succeeded, "\(nothing)")
    }

    @Test(arguments: Wire.all)
    func excludeCutsAtATag(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--shallow-exclude=t6")
        #expect(try await clone.count() == 3)
        try await clone("fetch", "--shallow-exclude=t2", "origin")
        #expect(try await clone.count() == 7)
        try await clone("fsck", "--strict")
        let unknown = try await story.git(wire).attempt("clone", "--shallow-exclude=nowhere", story.url(wire), "x")
        #expect(!unknown.succeeded, "\(unknown)")
    }

    @Test(arguments: Wire.all)
    func shallowCloneFetchesWhatIsNew(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "1")
        try await work.commit("next", ["next": "n\n"])
        try await work.commit("next again", ["next": "n2\n"])
        try await work("push", "origin", "main")
        try await clone("fetch", "origin")
        #expect(try await clone.count("origin/main") == 3)
        try await clone("fsck", "--strict")
        try await clone("fetch", "--depth=1", "origin")
        #expect(try await clone.count("origin/main") == 1)
        try await clone("fsck", "--strict")
    }

    @Test(arguments: Wire.all)
    func shallowClonePushes(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "1")
        let pushed = try await clone.commit("from shallow", ["s": "s\n"])
        try await clone("push", "origin", "main")
        try await story.verify()
        let whole = try await story.git(wire).clone(story.url(wire), "whole")
        #expect(try await whole.id("HEAD") == pushed)
        #expect(try await whole.count() == 11)
    }

    @Test(arguments: Wire.all)
    func shallowHistoryDoesNotMakeTheServerShallow(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "1")
        let other = try await Story.begin()
        let refs = try await other.remoteRefs()
        let result = try await clone.attempt("push", other.url(wire), "main")
        #expect(!result.succeeded && result.errorText.contains("shallow update not allowed"), "\(result)")
        try await other.expectUnchanged(since: refs)
    }

    @Test(arguments: Wire.all)
    func depthCountsOnTheShortestPathThroughMerges(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await history(story, wire)
        try await work("checkout", "--quiet", "-b", "side", "main~5")
        try await work.commit("side", ["side": "s\n"])
        try await work("checkout", "--quiet", "main")
        try await work("merge", "--quiet", "--no-ff", "-m", "merge", "side")
        try await work("push", "origin", "main", "side")
        let reference = try await story.git(wire).with("protocol.file.allow=always")
            .clone("file://" + work.directory, "reference", "--depth", "3")
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "3")
        #expect(try await clone("rev-list", "HEAD") == reference("rev-list", "HEAD"))
        #expect(clone.contents(".git/shallow") == reference.contents(".git/shallow"))
        let every = try await story.git(wire).clone(story.url(wire), "every", "--depth", "1", "--no-single-branch")
        #expect(try await every.count("origin/side") == 1)
        try await every("fsck", "--strict")
    }

    @Test(arguments: Wire.all)
    func shallowAndPartialTogether(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await history(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--depth", "2", "--filter=blob:none")
        #expect(try await clone.count() == 2)
        #expect(clone.contents("file-3") == Array("3\n".utf8))
        try await clone("fsck")
    }
}
