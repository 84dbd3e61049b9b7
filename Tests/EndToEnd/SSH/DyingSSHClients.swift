import Glibc
import GranaryTesting
import Testing

@Suite("SSH clients that die", .serialized, .sharedServer)
struct DyingSSHClients {
    private func expectFreed(_ story: Story, since before: GranaryServer.Measurements) async throws {
        let freed = try await eventually(within: .seconds(60)) {
            let now = try story.server.measurements()
            return now.descriptors <= before.descriptors + 20 && now.threads <= before.threads + 8
                && story.server.leftovers(of: story.repository).isEmpty
        }
        let now = try story.server.measurements()
        #expect(freed, "before \(before), now \(now), \(story.server.leftovers(of: story.repository))")
    }

    @Test func killedPushesLeaveNothingBehind() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(.standardSSH)
        let before = try await story.remoteRefs()
        var random = SeededRandom(331)
        for index in 0..<6 { try work.write("large-\(index)", random.bytes(2 << 20)) }
        try await work.commit("large")
        let start = try story.server.measurements()
        var arrived = 0
        for index in 0..<16 {
            let files = try TemporaryDirectory("killed")
            let child = try work.start(["push", "--quiet", "origin", "main:refs/heads/killed-\(index)"], in: files)
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...300, using: &random)))
            await child.kill()
            if try await story.remoteRefs()["refs/heads/killed-\(index)"] != nil { arrived += 1 }
        }
        print("killed SSH pushes: \(arrived) of 16 had arrived")
        try await expectFreed(story, since: start)
        let refs = try await story.remoteRefs().filter { !$0.key.contains("killed-") }
        #expect(refs == before)
        try await work("push", "origin", "main")
        try await story.verify()
    }

    @Test func pushesThatBreakOffAnywhereChangeNothing() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let before = try await story.remoteRefs()
        var random = SeededRandom(332)
        let objects = (0..<20).map { _ in GitObject(.blob, random.bytes(20_000)) }
        let request = PushRequest(creating: "refs/heads/x", at: tip, pack: try HostilePack(objects).bytes).bytes
        let start = try story.server.measurements()
        for round in 0..<24 {
            let cut = Int.random(in: 0..<request.count, using: &random)
            // The end of the input before the end of the pack.
            let result = try await story.ssh(
                "git-receive-pack \(story.repository.quotedPath)",
                input: Array(request[..<cut])
            )
            #expect(!result.timedOut && !result.output.contains("ok refs/heads/x"), "round \(round), \(cut): \(result)")
        }
        try await expectFreed(story, since: start)
        try await story.expectUnchanged(since: before)
    }

    @Test func killedClonesFreeWhatTheyHeld() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 333))
        try await source("push", "--quiet", story.url(), "main")
        let start = try story.server.measurements()
        var random = SeededRandom(334)
        let git = try story.git(.standardSSH)
        for index in 0..<16 {
            let files = try TemporaryDirectory("killed")
            let child = try git.start(["clone", "--quiet", "--bare", story.url(.standardSSH), "k-\(index)"], in: files)
            try await Task.sleep(for: .milliseconds(Int.random(in: 20...300, using: &random)))
            await child.kill()
        }
        try await expectFreed(story, since: start)
        let clone = try await git.clone(story.url(.standardSSH), "clone")
        #expect(try await clone.objects() == source.objects())
    }

    /// A stopped client keeps its connection but reads nothing; a killed master takes all its channels along.
    @Test func aKilledMasterEndsAllItsCommands() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 335))
        try await source("push", "--quiet", story.url(), "main")
        let before = try await story.remoteRefs()
        let start = try story.server.measurements()
        for round in 0..<4 {
            let master = try await SSHMaster.open(story.ssh)
            let files = try TemporaryDirectory("killed")
            var children: [ChildProcess] = []
            for index in 0..<4 {
                let git = try story.git(.standardSSH).over(master.client)
                children.append(
                    try git.start(["clone", "--quiet", "--bare", story.url(.standardSSH), "c-\(index)"], in: files)
                )
            }
            try await source("commit", "--quiet", "--allow-empty", "-m", "round \(round)")
            children.append(
                try source.over(master.client).start(["push", "-q", story.url(.standardSSH), "main:x"], in: files)
            )
            try await Task.sleep(for: .milliseconds(60 * round))
            await master.close()
            for child in children { await child.kill() }
        }
        try await expectFreed(story, since: start)
        #expect(try await story.remoteRefs().filter { $0.key != "refs/heads/x" } == before)
        try await story.verify()
    }

    @Test func stoppedClientsDoNotStopOthers() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 24, bytesEach: 1 << 20, seed: 336))
        try await source("push", "--quiet", story.url(), "main")
        let start = try story.server.measurements()
        let git = try story.git(.standardSSH)
        let files = try TemporaryDirectory("stopped")
        var stopped: [ChildProcess] = []
        for index in 0..<6 {
            let child = try git.start(["clone", "--quiet", "--bare", story.url(.standardSSH), "s-\(index)"], in: files)
            try await Task.sleep(for: .milliseconds(60))
            kill(-child.identifier, SIGSTOP)
            stopped.append(child)
        }
        let clone = try await git.clone(story.url(.standardSSH), "clone")
        #expect(try await clone.objects() == source.objects())
        for child in stopped { await child.kill() }
        try await expectFreed(story, since: start)
    }
}
