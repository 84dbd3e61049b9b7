import Foundation
import GranaryTesting
import Testing

@Suite("Large files travel with git", .serialized, .sharedServer)
struct LargeFilesTravel {
    @Test(arguments: LargeFileWay.allCases)
    func fiveHundredSmallFiles(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        var random = SeededRandom(500)
        for number in 0..<500 { try work.write("many/\(number).bin", random.bytes(200 + number)) }
        try await work.commit("five hundred", ["README.md": "# Many\n"])
        try await work("push", "--quiet", "origin", "main")

        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone")
        for number in [0, 1, 250, 499] {
            #expect(clone.contents("many/\(number).bin") == work.contents("many/\(number).bin"))
        }
        #expect(try await clone.largeFiles().count == 500)
        story.expectWent(way)
        #expect(try await clone("lfs", "fsck").contains("OK"))
        #expect(try await clone("status", "--porcelain") == "")
    }

    @Test(arguments: LargeFileWay.allCases)
    func oneOf64MiBAndOneOfNothing(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        var random = SeededRandom(64)
        try work.write("large.bin", random.bytes(64 << 20))
        try work.write("empty.bin", [])
        try work.write("byte.bin", [0])
        try await work.commit("large")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone")
        #expect(clone.contents("large.bin") == work.contents("large.bin"))
        #expect(clone.exists("empty.bin") && clone.contents("empty.bin") == [])
        #expect(clone.contents("byte.bin") == [0])
        #expect(try await clone("lfs", "fsck").contains("OK"))
    }

    @Test(arguments: LargeFileWay.allCases)
    func pushingAgainSendsNothing(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        try work.write("a.bin", Array(repeating: 7, count: 100_000))
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        let received = story.receivedBytes()
        #expect(received >= 100_000)
        try await work("push", "--quiet", "origin", "main", "main:copy")
        let all = try await work.attempt("lfs", "push", "--all", "origin")
        #expect(all.succeeded, "\(all)")
        #expect(story.receivedBytes() < received + 10_000)
        // Another clone that has the same file sends it no more either.
        let other = try await story.largeFileGit(way).clone(story.url(way.wire), "other")
        try other.write("b.bin", Array(repeating: 7, count: 100_000))
        try await other.commit("the same bytes")
        try await other("push", "--quiet", "origin", "main")
        #expect(story.receivedBytes() < received + 10_000)
    }

    @Test(arguments: LargeFileWay.allCases)
    func someFilesOfAClone(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        for name in ["keep/a.bin", "keep/b.bin", "leave/c.bin"] { try work.write(name, Array(name.utf8)) }
        try await work.commit("some")
        try await work("push", "--quiet", "origin", "main")
        let git = try await story.largeFileGit(way).with("lfs.fetchinclude=keep").with("lfs.fetchexclude=keep/b.bin")
        let clone = try await git.clone(story.url(way.wire), "clone")
        #expect(clone.contents("keep/a.bin") == Array("keep/a.bin".utf8))
        for name in ["keep/b.bin", "leave/c.bin"] {
            #expect(clone.contents(name).starts(with: Array("version https://git-lfs".utf8)), "\(name)")
        }
        try await clone("lfs", "pull", "--include", "leave", "--exclude", "")
        #expect(clone.contents("leave/c.bin") == Array("leave/c.bin".utf8))
    }

    @Test(arguments: LargeFileWay.allCases)
    func oldVersionsWithFetchAll(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        for version in 1...3 {
            try work.write("model.bin", Array("version \(version)".utf8))
            try await work.commit("version \(version)")
        }
        try await work("branch", "old", "HEAD~2")
        try await work("push", "--quiet", "origin", "main", "old")
        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone")
        try await clone("lfs", "fetch", "--all")
        try await clone("checkout", "--quiet", "HEAD~1")
        #expect(clone.contents("model.bin") == Array("version 2".utf8))
        try await clone("checkout", "--quiet", "origin/old")
        #expect(clone.contents("model.bin") == Array("version 1".utf8))
    }

    @Test(arguments: LargeFileWay.allCases)
    func filesThatBecameLargeFilesLater(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let git = try await story.largeFileGit(way)
        let work = try await git.newRepository("work")
        try await work.commit("before", ["weights.bin": String(repeating: "w", count: 50_000)])
        try await work("lfs", "migrate", "import", "--everything", "--include", "*.bin", "--yes")
        try await work("remote", "add", "origin", story.url(way.wire))
        try await work("push", "--quiet", "origin", "main")
        let clone = try await git.clone(story.url(way.wire), "clone")
        #expect(clone.contents("weights.bin").count == 50_000)
        #expect(try await clone("cat-file", "-p", "HEAD:weights.bin").hasPrefix("version https://git-lfs"))
    }

    @Test(arguments: LargeFileWay.allCases)
    func oddNames(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        let names = [
            "with space.bin", "ünïcödé.bin", "日本語/モデル.bin", "-dash.bin", "per%20cent.bin", "quo\"te'.bin",
            "a&b=c?d#e.bin",
            "tab\there.bin", "deep/" + String(repeating: "d/", count: 40) + "x.bin",
            String(repeating: "n", count: 240) + ".bin",
        ]
        for name in names { try work.write(name, Array("content of \(name)".utf8)) }
        try await work.commit("odd")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone")
        for name in names { #expect(clone.contents(name) == Array("content of \(name)".utf8), "\(name)") }
    }

    @Test(arguments: ["dataset", "space"])
    func otherTypesOfRepositories(type: String) async throws {
        let story = try await Story.begin(type: type)
        let work = try await story.largeFileWork()
        try work.write("a.bin", Array(type.utf8))
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == Array(type.utf8))
        // Without ".git" the client adds it; with "/hf" before it the same repository answers.
        let short = try await story.largeFileGit().clone(String(story.url().dropLast(4)), "short")
        #expect(short.contents("a.bin") == Array(type.utf8))
    }

    @Test func aRenamedRepositoryIsFound() async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        try work.write("a.bin", Array("before".utf8))
        try await work.commit("before")
        try await work("push", "--quiet", "origin", "main")
        try await story.server.granary(
            "repo",
            "rename",
            story.repository.address,
            "alice/\(Story.freshName("renamed"))"
        )
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == Array("before".utf8))
        try work.write("b.bin", Array("after".utf8))
        try await work.commit("after")
        try await work("push", "--quiet", "origin", "main")
        try await clone("pull", "--quiet")
        #expect(clone.contents("b.bin") == Array("after".utf8))
    }

    @Test func aPublicRepositoryIsClonedWithoutALogin() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.largeFileWork()
        try work.write("a.bin", Array("public".utf8))
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit(as: nil).clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == Array("public".utf8))
    }

    /// Eight people push the same files at once; each is told that all is well, and what was stored is stored once.
    @Test(arguments: LargeFileWay.allCases)
    func eightClientsAtOnce(way: LargeFileWay) async throws {
        let story = try await Story.begin()
        let first = try await story.largeFileWork(way)
        try await first.commit("first", ["README.md": "# Eight\n"])
        try await first("push", "--quiet", "origin", "main")
        var random = SeededRandom(88)
        let contents = (0..<3).map { _ in random.bytes(1 << 20) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<8 {
                let git = try await story.largeFileGit(way)
                group.addTask {
                    let work = try await git.clone(story.url(way.wire), "clone-\(number)")
                    for (index, bytes) in contents.enumerated() { try work.write("\(index).bin", bytes) }
                    try await work.commit("of \(number)", ["\(number).txt": "\(number)"])
                    try await work("push", "--quiet", "origin", "HEAD:refs/heads/of-\(number)")
                }
            }
            try await group.waitForAll()
        }
        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "check", "--branch", "of-7")
        for (index, bytes) in contents.enumerated() { #expect(clone.contents("\(index).bin") == bytes) }
        #expect(try await clone.largeFiles().count == 3)
    }

    /// 3 × 200 MB with `GRANARY_TEST_LARGE=1`, else a tenth of it.
    @Test(arguments: LargeFileWay.allCases)
    func threeLargeFiles(way: LargeFileWay) async throws {
        let isLarge = ProcessInfo.processInfo.environment["GRANARY_TEST_LARGE"] == "1"
        let story = try await Story.begin()
        let work = try await story.largeFileWork(way)
        let size: Int64 = isLarge ? 200_000_000 : 20_000_000
        for number in 0..<3 {
            let sample = try ObjectSample(size: size, seed: UInt64(200 + number))
            try work.write("\(number).bin", sample.array())
        }
        try await work.commit("large")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone")
        for number in 0..<3 {
            let names = ["\(work.directory)/\(number).bin", "\(clone.directory)/\(number).bin"]
            try await Command("cmp", names).run().required()
        }
        story.expectWent(way)
    }
}
