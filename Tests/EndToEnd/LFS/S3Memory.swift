import GranaryTesting
import Testing

@Suite(
    "Memory does not grow with large files in an S3 store",
    .serialized,
    .ownServers,
    .enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set")
)
struct S3Memory {
    /// All bytes pass through the server.
    @Test func asProxy() async throws {
        let story = try await Story.onS3(.proxy)
        let files = try TemporaryDirectory("objects")
        func transfer(_ sample: ObjectSample) async throws {
            let common = ["--silent", "--show-error", "--fail", "--noproxy", "*"]
            let put = try await story.lfs.link("upload", sample)
            try await Command("curl", common + ["--upload-file", files.path(sample.oid), put]).run().required()
            let get = try await story.lfs.link("download", sample)
            try await Command("curl", common + ["--output", "/dev/null", get]).run().required()
        }
        let (warm, large) = (
            try ObjectSample(size: 20_000_000, seed: 61), try ObjectSample(size: 192 << 20, seed: 62)
        )
        for sample in [warm, large] { try files.write(sample.oid, sample.array()) }
        try await transfer(warm)
        let idle = try story.server.measurements().resident
        try story.server.resetPeak()
        try await transfer(large)
        let peak = try story.server.measurements().peakResident
        print("memory of one PUT and GET through the server to S3: \((peak - idle) >> 20) MiB over \(idle >> 20)")
        #expect(peak < idle + 64 << 20, "\((peak - idle) >> 20) MiB more than idle")
        #expect(try await story.server.stop() == 0)
    }

    /// Eight clients send the same object at once: all are told that it is there, and it is there once.
    @Test(arguments: S3Way.allCases)
    func eightClientsAtOnce(way: S3Way) async throws {
        let story = try await Story.onS3(way)
        let sample = try ObjectSample(size: 3_000_000, seed: 63)
        let bytes = sample.array()
        var offers: [UploadOffer] = []
        for _ in 0..<8 { offers.append(try await UploadOffer(story, sample)) }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for offer in offers {
                group.addTask {
                    let sent = try await offer.send(bytes)
                    #expect((200...299).contains(sent.status), "\(sent)")
                    let answer = try await offer.ask()
                    #expect(answer.status == 200, "\(answer)")
                }
            }
            try await group.waitForAll()
        }
        let answer = try await Curl(base: "")("GET", story.lfs.link("download", sample))
        #expect(answer.status == 200 && answer.body == bytes)
        #expect(try await story.server.stop() == 0)
    }
}
