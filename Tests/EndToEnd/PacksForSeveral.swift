import Foundation
import GranaryTesting
import Testing

@Suite("Packs that several clients get", .serialized, .sharedServer)
struct PacksForSeveral {
    private func counter(_ name: String, _ story: Story) async throws -> Int {
        let answer = try await Curl(base: "http://127.0.0.1:\(story.server.metricsPort)")("GET", "/metrics")
        let line = answer.text.split(separator: "\n").first { $0.hasPrefix("granary_git_pack_cache_\(name) ") }
        return try #require(line.flatMap { $0.split(separator: " ").last }.flatMap { Int($0) }, "\(name)")
    }

    /// A farm of builds: each clones the same, over both transports.
    @Test func equalClonesGetOnePackUntilSomebodyPushes() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 200, seed: 91))
        for step in [120, 60, 0] { try await source("push", "--quiet", story.url(), "main~\(step):refs/heads/main") }
        let before = try await (hits: counter("hits_total", story), misses: counter("misses_total", story))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<6 {
                let wire = number.isMultiple(of: 2) ? Wire.standard : .standardSSH
                group.addTask {
                    let clone = try await story.git(wire).clone(
                        story.url(wire),
                        "c\(number)",
                        "--no-checkout",
                        "--depth",
                        "3"
                    )
                    try await clone("fsck", "--strict", "--no-progress")
                    #expect(try await clone.id("HEAD") == source.id("main"))
                }
            }
            try await group.waitForAll()
        }
        let hits = try await counter("hits_total", story) - before.hits
        let misses = try await counter("misses_total", story) - before.misses
        #expect(hits + misses == 6 && misses < 6, "\(hits) hits, \(misses) misses")
        try await source("reset", "--quiet", "--hard", "main")
        let tip = try await source.commit("another", ["another.txt": "another\n"])
        try await source("push", "--quiet", story.url(), "main")
        let clone = try await story.git().clone(story.url(), "after", "--no-checkout", "--depth", "3")
        #expect(try await clone.id("HEAD") == tip)
        try await clone("fsck", "--strict", "--no-progress")
    }

    /// What is rebuilt for clients that have its base is many times what is stored, and more than its file may hold.
    @Test func aPackLargerThanItsFileReachesAll() async throws {
        let story = try await Story.begin()
        let work = try await story.git().newRepository("work")
        var random = SeededRandom(92)
        let base = (0..<300_000).map { _ in UInt8.random(in: 0...255, using: &random) }
        try work.write("base.bin", base + Array("the longest becomes the base".utf8))
        try await work.commit("base", [:])
        for number in 0..<40 {
            var variant = base
            variant[number * 1_000] ^= 1
            try work.write("variant-\(number).bin", variant)
        }
        let tip = try await work.commit("variants", [:])
        try await work.attempt(
            "-c",
            "pack.depth=1",
            "-c",
            "pack.window=60",
            "push",
            "--quiet",
            story.url(),
            "main",
            "main~1:refs/heads/old"
        ).required()
        let stored = try await story.server.storedGit(story.repository, ["count-objects", "-v"])
        #expect(size(stored.output) < 2_000, "\(stored.output)")

        try await withThrowingTaskGroup(of: Void.self) { group in
            for number in 0..<4 {
                let git = try story.git(.standardSSH)
                let client = try await git.clone(
                    story.url(.standardSSH),
                    "client-\(number)",
                    "--single-branch",
                    "--branch",
                    "old"
                )
                group.addTask {
                    // Without --thin, what is sent stands for itself.
                    try await client("fetch-pack", "--quiet", "--keep", story.url(.standardSSH), "refs/heads/main")
                    #expect(try await client("rev-list", "--objects", "--count", tip).hasPrefix("45"))
                    try await client("fsck", "--strict", "--no-progress")
                    #expect(size(try await client("count-objects", "-v")) > 10_000)
                }
            }
            try await group.waitForAll()
        }
    }

    /// `size-pack` of `git count-objects -v`, in KiB.
    private func size(_ text: String) -> Int {
        let line = text.split(separator: "\n").first { $0.hasPrefix("size-pack: ") }
        return line.flatMap { Int($0.dropFirst(11)) } ?? 0
    }

    /// What somebody may not see any more is not served to them because it is there.
    @Test func nobodyGetsAPackThatTheyMayNotHave() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let stranger = try story.git(.standard, as: nil)
        _ = try await stranger.clone(story.url(), "public", "--depth", "1")
        let admin = try await story.server.addToken(to: "alice", named: "settings", role: "admin")
        let settings = try await story.server.curl(
            "PUT",
            "/api/models/\(story.repository.namespace)/\(story.repository.name)/settings",
            headers: [admin.bearer, "Content-Type: application/json"],
            body: Array(#"{"private": true}"#.utf8)
        )
        #expect(settings.status == 200, "\(settings.text)")
        _ = try await story.git().clone(story.url(), "private", "--depth", "1")
        let refused = try await stranger.attempt("clone", story.url(), "refused", "--depth", "1")
        #expect(!refused.succeeded)
    }
}
