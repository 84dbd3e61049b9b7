import GranaryTesting
import Testing

@Suite(
    "Large files in an S3 store travel with git",
    .serialized,
    .ownServers,
    .enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set")
)
struct S3Travel {
    @Test(arguments: S3Way.allCases)
    func pushAndClone(way: S3Way) async throws {
        let story = try await Story.onS3(way)
        let work = try await story.largeFileWork()
        var random = SeededRandom(301)
        for number in 0..<60 { try work.write("many/\(number).bin", random.bytes(200 + number)) }
        try work.write("large.bin", random.bytes(48 << 20))
        try work.write("byte.bin", [0])
        try work.write("empty.bin", [])
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        let clone = try await story.largeFileGit().clone(story.url(), "clone")
        for name in ["many/0.bin", "many/59.bin", "large.bin", "byte.bin", "empty.bin"] {
            #expect(clone.contents(name) == work.contents(name), "\(name)")
        }
        #expect(try await clone.largeFiles().count == 62)
        #expect(try await clone("lfs", "fsck").contains("OK"))
        #expect(try await clone("status", "--porcelain") == "")
        // Where the bytes went is in the log.
        let passed = (story.loggedTransfers("upload"), story.loggedTransfers("download"))
        #expect(way == .direct ? passed == (0, 0) : passed.0 >= 62 && passed.1 >= 62, "\(passed)")
        try await work("push", "--quiet", "origin", "main:copy")
        #expect(story.loggedTransfers("upload") == passed.0)
        #expect(try await story.server.stop() == 0)
    }

    @Test(arguments: S3Way.allCases)
    func overSSH(way: S3Way) async throws {
        let story = try await Story.onS3(way)
        let work = try await story.largeFileWork(.standardSSH)
        var random = SeededRandom(302)
        for number in 0..<5 { try work.write("\(number).bin", random.bytes(1 << 20)) }
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        for way in LargeFileWay.allCases {
            let clone = try await story.largeFileGit(way).clone(story.url(way.wire), "clone-\(way)")
            for number in 0..<5 { #expect(clone.contents("\(number).bin") == work.contents("\(number).bin")) }
        }
        #expect(try await story.server.stop() == 0)
    }

    @Test func aDownloadGoesOnWhereItStopped() async throws {
        let story = try await Story.onS3()
        let work = try await story.largeFileWork()
        var random = SeededRandom(303)
        let bytes = random.bytes(8 << 20)
        try work.write("a.bin", bytes)
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")
        var git = try await story.largeFileGit()
        git.environment["GIT_LFS_SKIP_SMUDGE"] = "1"
        var clone = try await git.clone(story.url(), "clone")
        clone.environment["GIT_LFS_SKIP_SMUDGE"] = nil
        let oid = try #require(try await clone.largeFiles().first)
        try clone.write(".git/lfs/incomplete/\(oid).part", Array(bytes[..<(3 << 20)]))
        try await clone("lfs", "pull")
        #expect(clone.contents("a.bin") == bytes)
        #expect(try await story.server.stop() == 0)
    }

    /// Everything of the command line that looks at the bytes.
    @Test func administratorsSeeTheStore() async throws {
        let story = try await Story.onS3()
        let sample = try ObjectSample(size: 100_000, seed: 31)
        #expect(try await UploadOffer(story, sample).complete())
        let usage = try await story.server.granary("lfs", "usage")
        #expect(usage.contains("stored") && usage.contains("100000"), "\(usage)")
        let fsck = try await story.server.run(["lfs", "fsck"])
        #expect(fsck.succeeded, "\(fsck)")
        // The server has its ports, which is all that there may be to say.
        let doctor = try await story.server.run(["doctor"])
        #expect(doctor.output.contains("✓ large files: bucket"), "\(doctor)")
        try await story.server.granary("lfs", "delete", sample.oid)
        #expect(try await download(sample, from: story) == nil)
        #expect(try await UploadOffer(story, sample).complete())
        #expect(try await download(sample, from: story)?.body == sample.array())
        #expect(try await story.server.stop() == 0)
    }
}
