import Foundation
import GranaryTesting
import Testing

@Suite("Interrupted transfers of large files", .serialized, .sharedServer)
struct InterruptedTransfers {
    /// What a client that died in the middle leaves: a part of the object.
    ///
    /// The client itself starts anew when one byte is missing.
    @Test(arguments: [1, 1 << 20, (8 << 20) - 2])
    func aDownloadGoesOnWhereItStopped(received: Int) async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(8)
        let bytes = random.bytes(8 << 20)
        try work.write("a.bin", bytes)
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        var git = try await story.largeFileGit()
        git.environment["GIT_LFS_SKIP_SMUDGE"] = "1"
        var clone = try await git.clone(story.url(), "clone")
        clone.environment["GIT_LFS_SKIP_SMUDGE"] = nil
        let oid = try #require(try await clone.largeFiles().first)
        try clone.write(".git/lfs/incomplete/\(oid).part", Array(bytes[..<received]))
        try await clone("lfs", "pull")
        #expect(clone.contents("a.bin") == bytes)
        let line = try #require(story.server.log.split(separator: "\n").last { $0.contains("objects/\(oid)") })
        #expect(line.contains("status=206") && line.contains("bytes_out=\(bytes.count - received)"), "\(line)")
    }

    @Test func aClientThatIsKilledStartsAgain() async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(9)
        let bytes = random.bytes(48 << 20)
        try work.write("a.bin", bytes)
        try await work.commit("first")
        for delay in [150, 300, 450] {
            let files = try TemporaryDirectory("killed")
            let push = try work.start(["push", "--quiet", "origin", "main"], in: files)
            try await Task.sleep(for: .milliseconds(delay))
            await push.kill()
        }
        try await work("push", "--quiet", "origin", "main")
        let git = try await story.largeFileGit()
        for delay in [100, 250] {
            let files = try TemporaryDirectory("killed")
            let clone = try git.start(["clone", "--quiet", story.url(), "killed-\(delay)"], in: files)
            try await Task.sleep(for: .milliseconds(delay))
            await clone.kill()
        }
        let clone = try await git.clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == bytes)
        #expect(story.server.isRunning)
    }

    @Test func aServerThatIsKilledIsAskedAgain() async throws {
        let story = try await Story.alone()
        let work = try await story.largeFileWork()
        var random = SeededRandom(10)
        for number in 0..<6 { try work.write("\(number).bin", random.bytes(12 << 20)) }
        try await work.commit("first")
        let files = try TemporaryDirectory("killed")
        let push = try work.start(["push", "--quiet", "origin", "main"], in: files)
        try await Task.sleep(for: .milliseconds(400))
        await story.server.kill()
        _ = await push.wait(timeout: .seconds(100))
        try await story.server.start()
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        for number in 0..<6 { #expect(clone.contents("\(number).bin") == work.contents("\(number).bin")) }
        #expect(try await story.server.stop() == 0)
    }

    /// The acknowledgement of an upload is a promise that no crash takes back: 200 moments with `GRANARY_TEST_LARGE=1`.
    @Test func noAcknowledgedObjectIsLost() async throws {
        let story = try await Story.alone()
        let isLarge = ProcessInfo.processInfo.environment["GRANARY_TEST_LARGE"] == "1"
        let rounds = isLarge ? 200 : 40
        var random = SeededRandom(20_260_102)
        var acknowledged: [ObjectSample] = []
        for round in 0..<rounds {
            let samples = try (0..<4).map { index in
                try ObjectSample(
                    size: Int64.random(in: 0...3_000_000, using: &random),
                    seed: UInt64(round * 4 + index + 1)
                )
            }
            let delay = Duration.milliseconds(Int.random(in: 20...300, using: &random))
            acknowledged += try await upload(samples, to: story, thenKillAfter: delay)
            try await story.server.start()
            for sample in acknowledged.suffix(4) { try await expectStored(sample, story) }
        }
        print("crash safety: \(acknowledged.count) of \(4 * rounds) uploads were acknowledged")
        #expect(acknowledged.count > 0 && acknowledged.count < 4 * rounds, "the moments are badly chosen")
        for sample in acknowledged { try await expectStored(sample, story) }
        #expect(try story.strayUploads().isEmpty, "temporary files are left")
        let fsck = try await story.server.run(["lfs", "fsck"])
        #expect(fsck.succeeded, "\(fsck)")
        #expect(try await story.server.stop() == 0)
    }

    private func upload(
        _ samples: [ObjectSample],
        to story: Story,
        thenKillAfter delay: Duration
    ) async throws -> [ObjectSample] {
        let lfs = story.lfs
        var puts: [(sample: ObjectSample, link: String, bytes: [UInt8])] = []
        for sample in samples { puts.append((sample, try await lfs.link("upload", sample), sample.array())) }
        return try await withThrowingTaskGroup(of: ObjectSample?.self) { group in
            for put in puts {
                group.addTask {
                    let answer = try? await lfs.follow("PUT", put.link, body: put.bytes)
                    return answer?.status == 200 ? put.sample : nil
                }
            }
            try await Task.sleep(for: delay)
            await story.server.kill()
            return try await group.reduce(into: []) { $0 += $1.map { [$0] } ?? [] }
        }
    }

    private func expectStored(_ sample: ObjectSample, _ story: Story) async throws {
        // The links of the server before are good for the one after it, but its port may be another.
        let answer = try await story.lfs.follow("GET", story.lfs.link("download", sample))
        #expect(answer.status == 200 && answer.body == sample.array(), "an acknowledged object is lost")
    }
}

extension Story {
    /// What lies in the object store's directory of files that are being received; the server sweeps it at its start.
    fileprivate func strayUploads() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: server.dataDirectory + "/objects/tmp")
    }
}
