import GranaryTesting
import Testing

@Suite("Partial clones", .serialized, .sharedServer)
struct PartialClone {
    /// A repository with small and large files in two levels of directories.
    private func seed(_ story: Story, _ wire: Wire) async throws -> GitClient {
        let work = try await story.git(wire).newRepository("work")
        for index in 0..<4 {
            let large = String(repeating: "\(index)", count: 3_000)
            try await work.commit("commit \(index)", ["small.txt": "\(index)\n", "dir/sub/large.txt": large])
        }
        try await work("push", story.url(wire), "main")
        return work
    }

    /// How many objects of a type a repository really has.
    private func present(_ clone: GitClient, _ type: String) async throws -> Int {
        try await clone("cat-file", "--batch-all-objects", "--unordered", "--batch-check=%(objecttype)")
            .split(separator: "\n").count { $0 == type }
    }

    @Test(arguments: Wire.all)
    func blobNoneFetchesBlobsWhenNeeded(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await seed(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--no-checkout", "--filter=blob:none")
        #expect(try await present(clone, "blob") == 0)
        #expect(try await present(clone, "tree") == present(work, "tree"))
        try await clone("checkout", "--quiet", "main")
        #expect(try await present(clone, "blob") == 2)
        #expect(clone.contents("small.txt") == Array("3\n".utf8))
        #expect(try await clone("show", "main~2:small.txt") == "1")
        try await clone("fsck")
        try await clone.commit("mine", ["small.txt": "mine\n"])
        try await clone("push", "origin", "main")
        try await story.verify()
    }

    @Test(arguments: Wire.all)
    func treeZeroFetchesTreesWhenNeeded(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await seed(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--no-checkout", "--filter=tree:0")
        #expect(try await present(clone, "commit") == 4)
        #expect(try await present(clone, "tree") == 0)
        try await clone("checkout", "--quiet", "main")
        #expect(clone.contents("dir/sub/large.txt").count == 3_000)
        #expect(try await clone("log", "--oneline", "--", "small.txt").split(separator: "\n").count == 4)
    }

    @Test(arguments: Wire.all)
    func treeDepthKeepsTheUpperLevels(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await seed(story, wire)
        // Depth 1: root trees; depth 2: the directories and files in them.
        let roots = try await story.git(wire).clone(story.url(wire), "one", "--no-checkout", "--filter=tree:1")
        #expect(try await (present(roots, "tree"), present(roots, "blob")) == (4, 0))
        let second = try await story.git(wire).clone(story.url(wire), "two", "--no-checkout", "--filter=tree:2")
        #expect(try await (present(second, "tree"), present(second, "blob")) == (8, 4))
    }

    @Test(arguments: Wire.all)
    func blobLimitKeepsSmallBlobs(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await seed(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--no-checkout", "--filter=blob:limit=1k")
        #expect(try await present(clone, "blob") == 4)
        // The limit itself is already left out.
        let exact = try await story.git(wire).clone(
            story.url(wire),
            "exact",
            "--no-checkout",
            "--filter=blob:limit=3000"
        )
        #expect(try await present(exact, "blob") == 4)
        let above = try await story.git(wire).clone(
            story.url(wire),
            "above",
            "--no-checkout",
            "--filter=blob:limit=3001"
        )
        #expect(try await present(above, "blob") == 8)
    }

    @Test(arguments: Wire.all)
    func objectTypeAndCombinedFilters(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await seed(story, wire)
        let commits = try await story.git(wire).clone(
            story.url(wire),
            "commits",
            "--bare",
            "--filter=object:type=commit"
        )
        #expect(try await (present(commits, "commit"), present(commits, "tree")) == (4, 0))
        let both = try await story.git(wire).clone(
            story.url(wire),
            "both",
            "--bare",
            "--filter=combine:blob:limit=1k+tree:1"
        )
        #expect(try await (present(both, "tree"), present(both, "blob")) == (4, 0))
        let twice = try await story.git(wire).clone(
            story.url(wire),
            "twice",
            "--bare",
            "--filter=blob:none",
            "--filter=tree:1"
        )
        #expect(try await (present(twice, "tree"), present(twice, "blob")) == (4, 0))
    }

    @Test(arguments: Wire.all)
    func sparseFilterIsRefusedClearly(wire: Wire) async throws {
        let story = try await Story.begin()
        _ = try await seed(story, wire)
        let result = try await story.git(wire).attempt(
            "clone",
            "--no-checkout",
            "--filter=sparse:oid=main:small.txt",
            story.url(wire),
            "clone"
        )
        #expect(!result.succeeded)
        #expect(result.errorText.contains("sparse"), "\(result)")
    }

    @Test func unknownFiltersAreRefused() async throws {
        let story = try await Story.begin()
        let work = try await seed(story, .standard)
        let tip = try await work.id("main")
        for filter in [
            "blob:some", "tree:-1", "tree:x", "blob:limit=", "object:type=note", "combine:", "combine:a%zz", "",
        ] {
            var request = PktLines()
            request.line("command=fetch\n")
            request.delimiter()
            for line in ["want \(tip)", "filter \(filter)", "done"] { request.line(line + "\n") }
            request.flush()
            let answer = try await story.fetch(request.bytes)
            #expect(
                Pkt.parse(answer.body).first?.text.hasPrefix("ERR ") ?? (answer.status >= 400),
                "\(filter): \(answer)"
            )
        }
    }

    @Test(arguments: Wire.all)
    func fetchIntoAPartialCloneStaysPartial(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await seed(story, wire)
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "--no-checkout", "--filter=blob:none")
        try await work.commit("next", ["small.txt": "next\n"])
        try await work("push", story.url(wire), "main")
        try await clone("fetch", "origin")
        #expect(try await present(clone, "blob") == 0)
        #expect(try await present(clone, "commit") == 5)
    }
}
