import GranaryTesting
import Testing

@Suite(
    "An S3 store that fails",
    .serialized,
    .ownServers,
    .enabled(if: S3TestServer.program != nil, "GRANARY_TEST_SEAWEEDFS is not set")
)
struct S3Outages {
    @Test(arguments: S3Way.allCases)
    func aPushGoesOnWhenTheStoreIsBack(way: S3Way) async throws {
        try await S3TestServer.withOwn { store in
            let story = try await Story.onS3(way, store: store)
            let work = try await story.largeFileWork()
            var random = SeededRandom(320)
            for number in 0..<6 { try work.write("\(number).bin", random.bytes(12 << 20)) }
            try await work.commit("first")
            let files = try TemporaryDirectory("killed")
            let push = try work.start(["push", "--quiet", "origin", "main"], in: files)
            try await Task.sleep(for: .milliseconds(500))
            store.kill()
            // Git itself is served all the while.
            #expect(try await work.attempt("ls-remote", "origin").succeeded)
            try await Task.sleep(for: .seconds(1))
            try await store.restart()
            _ = await push.wait(timeout: .seconds(100))
            await push.kill()
            try await work("push", "--quiet", "origin", "main")
            let clone = try await story.largeFileGit().clone(story.url(), "clone")
            for number in 0..<6 { #expect(clone.contents("\(number).bin") == work.contents("\(number).bin")) }
            let fsck = try await story.server.run(["lfs", "fsck"])
            #expect(fsck.succeeded, "\(fsck)")
            #expect(try await story.server.stop() == 0)
        }
    }

    /// What was acknowledged is there afterwards, and what was not is there whole or not at all.
    @Test(arguments: S3Way.allCases)
    func noAcknowledgedObjectIsLost(way: S3Way) async throws {
        try await S3TestServer.withOwn { store in
            let story = try await Story.onS3(way, store: store)
            var acknowledged: [ObjectSample] = []
            var random = SeededRandom(321)
            for round in 0..<2 {
                let samples = try (0..<12).map { index in
                    try ObjectSample(
                        size: Int64.random(in: 0...3_000_000, using: &random),
                        seed: UInt64(3_300 + round * 12 + index)
                    )
                }
                let count = Int.random(in: 1...6, using: &random)
                acknowledged += await upload(samples, to: story, killing: store, after: count)
                try await store.restart()
                for sample in samples { try await expectWhole(sample, story, isThere: nil) }
            }
            print("S3 outages, \(way): \(acknowledged.count) of 24 uploads were acknowledged")
            #expect(acknowledged.count > 0 && acknowledged.count < 24, "the moments are badly chosen")
            for sample in acknowledged { try await expectWhole(sample, story, isThere: true) }
            #expect(try await story.server.stop() == 0)
        }
    }

    /// Checks that an object is there whole, or not at all.
    private func expectWhole(_ sample: ObjectSample, _ story: Story, isThere: Bool?) async throws {
        // Just after its start the store answers with errors for a while.
        var answer = try await download(sample, from: story)
        _ = try await eventually {
            guard let status = answer?.status, status >= 500 else { return true }
            answer = try await download(sample, from: story)
            return false
        }
        if isThere == true { #expect(answer != nil, "an acknowledged object is lost") }
        guard let answer else { return }
        #expect(answer.status == 200 && answer.body == sample.array(), "an object is there in part: \(answer.status)")
    }

    /// Uploads four at a time, and kills the store when the first `count` are done.
    private func upload(
        _ samples: [ObjectSample],
        to story: Story,
        killing store: S3TestServer,
        after count: Int
    ) async -> [ObjectSample] {
        await withTaskGroup(of: ObjectSample?.self) { group in
            var left = samples[...]
            func uploadNext() {
                guard let sample = left.popFirst() else { return }
                group.addTask {
                    // A try to send to a store that is away ends with an error of curl.
                    (try? await UploadOffer(story, sample).complete()) == true ? sample : nil
                }
            }
            for _ in 0..<4 { uploadNext() }
            var acknowledged: [ObjectSample] = []
            while let sample = await group.next() {
                if let sample { acknowledged.append(sample) }
                if sample != nil, acknowledged.count == count { store.kill() }
                uploadNext()
            }
            return acknowledged
        }
    }

    @Test func requestsFailCleanlyWhileTheStoreIsAway() async throws {
        try await S3TestServer.withOwn { store in
            let story = try await Story.onS3(.proxy, store: store)
            let (stored, new) = (try ObjectSample(size: 500_000, seed: 322), try ObjectSample(size: 500_000, seed: 323))
            #expect(try await UploadOffer(story, stored).complete())
            let offer = try await UploadOffer(story, new)
            let link = try await story.lfs.link("download", stored)
            store.kill()
            let put = try await offer.send(new.array())
            #expect(put.status == 503 && put.json["message"] is String, "\(put)")
            #expect(!put.text.contains("127.0.0.1"), "clients are not told where the store is")
            let get = try await story.lfs.follow("GET", link)
            #expect(get.status == 503, "\(get)")
            try await store.restart()
            #expect(try await offer.complete())
            #expect(try await story.lfs.follow("GET", link).body == stored.array())
            #expect(try await story.server.stop() == 0)
        }
    }
}
