import Foundation
import GranaryTesting
import Testing

@Suite("Joining of packs that is killed", .serialized, .ownServers)
struct MaintenanceCrashes {
    private static let seed: UInt64 = 20_260_202
    private static let rounds = 80
    /// Every so many rounds the server is killed, too: with the rounds themselves 100 kills.
    private static let serverRounds = 4

    /// Pushes at random moments of joining, which is killed, and sometimes the server with it: `main` grows, `topic` is thrown
    /// away and made anew each time.
    @Test func nothingIsLost() async throws {
        print("joining of packs: seed \(Self.seed), \(Self.rounds + Self.rounds / Self.serverRounds) kills")
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let work = try await story.git().imported("work", .history(commits: 250, seed: 83))
        try await work("reset", "--quiet", "--hard", "main")
        try await work("remote", "add", "origin", story.url())
        try await work("push", "--quiet", "origin", "main")
        var atWork = 0
        for round in 0..<Self.rounds {
            try await work.commit("round \(round)", ["file-\(round % 7).txt": "\(random.next())\n"])
            let topic = try await work("commit-tree", "-p", "main~\(round % 5)", "-m", "\(round)", "main^{tree}")
            try await work("update-ref", "refs/heads/topic", topic)
            let moments = [60, 120].map { Duration.milliseconds(Int.random(in: 0...$0, using: &random)) }
            let options = Bool.random(using: &random) ? ["--full"] : []
            async let pushed = work.attempt("push", "--quiet", "origin", "main", "+topic")
            atWork += try await maintain(story, options, killAfter: moments[0]) ? 1 : 0
            if round % Self.serverRounds == 0 {
                try await Task.sleep(for: moments[1])
                await story.server.kill()
            }
            let isAcknowledged = try await pushed.succeeded
            if !story.server.isRunning { try await story.server.start() }
            if !isAcknowledged { try await work("push", "--quiet", "origin", "main", "+topic") }
            let expected = ["refs/heads/main": try await work.id("main"), "refs/heads/topic": topic]
            let refs = try await story.remoteRefs().filter { expected.keys.contains($0.key) }
            #expect(refs == expected, "round \(round)")
            if round % 16 == 15 { try await check(story, round) }
        }
        print("joining of packs: \(atWork) runs were killed at work")
        #expect(atWork > 0 && atWork < Self.rounds, "\(atWork) killed at work: the moments are badly chosen")
        try await finish(story, work)
    }

    /// Runs `granary repo maintain` and kills it a while after it has begun to write; true when it was not done by then.
    private func maintain(_ story: Story, _ options: [String], killAfter delay: Duration) async throws -> Bool {
        let files = try TemporaryDirectory("maintain")
        let before = underWay(story)
        let child = try story.server.command(["repo", "maintain", story.repository.address] + options).start(in: files)
        while child.reap() == nil, underWay(story).isSubset(of: before) { try await Task.sleep(for: .milliseconds(1)) }
        try await Task.sleep(for: delay)
        await child.kill()
        return child.reap() != .exited(0)
    }

    /// The directories in which packs are written.
    private func underWay(_ story: Story) -> Set<String> {
        let path = story.repository.storedPath + "/maintenance"
        return Set((try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [])
    }

    /// Everything that is stored, and everything that a clone gets.
    private func check(_ story: Story, _ round: Int) async throws {
        let stored = try await story.server.storedGit(
            story.repository,
            ["fsck", "--strict", "--full", "--no-dangling", "--no-progress"]
        )
        #expect(stored.succeeded, "round \(round): \(stored)")
        let clone = try await story.git().clone(story.url(), "clone-\(round)", "--no-checkout")
        try await clone("fsck", "--strict", "--no-progress")
    }

    /// Starts the server once more, lets it sweep, and looks at everything.
    private func finish(_ story: Story, _ work: GitClient) async throws {
        try await story.server.stop()
        try await story.server.start()
        try await story.server.granary("repo", "maintain", story.repository.address, "--full")
        try await story.verify(equals: work)
        // A job of the server may have written the bitmaps, and looked at the refs before the last push.
        try await story.verifyPacks(areComplete: false)
        #expect(try await story.server.run(["fsck"]).succeeded)
        #expect(try await story.server.stop() == 0)
    }
}
