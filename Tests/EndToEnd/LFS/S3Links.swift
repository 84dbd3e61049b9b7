import GranaryTesting
import Testing

@Suite(
    "Links to an S3 store",
    .serialized,
    .ownServers,
    .enabled(if: S3TestServer.shared != nil, "GRANARY_TEST_S3 is not set")
)
struct S3Links {
    @Test func wrongBytesAreRefusedByTheStore() async throws {
        let story = try await Story.onS3()
        let sample = try ObjectSample(size: 50_000, seed: 311)
        let offer = try await UploadOffer(story, sample)
        let store = try #require(S3TestServer.shared)
        #expect(offer.upload.href.hasPrefix(store.endpoint + "/"), "the link must lead to the store")
        #expect(!offer.upload.href.contains(sample.oid))
        let right = sample.array()
        let wrongs: [(name: String, bytes: [UInt8])] = [
            ("another hash", [right[0] ^ 1] + right[1...]), ("one byte short", Array(right.dropLast())),
            ("one byte long", right + [0]), ("nothing", []),
        ]
        for (name, bytes) in wrongs {
            let answer = try await offer.send(bytes)
            #expect((400...403).contains(answer.status), "\(name): \(answer)")
            #expect(try await offer.ask().status == 404, "\(name)")
        }
        let unchecked = try await offer.send(right, leavingOut: "x-amz-checksum-sha256")
        #expect(unchecked.status == 403, "\(unchecked)")
        #expect(try await offer.ask().status == 404)
        #expect(try await download(sample, from: story) == nil)
        #expect(try await offer.complete())
        // Again, as after a lost answer.
        #expect(try await offer.ask().status == 200)
        #expect(try await offer.ask(size: 49_999).status == 409)
        #expect(try await offer.ask(oid: try ObjectSample(size: 1).oid).status == 403)
        #expect(try await download(sample, from: story)?.body == right)
        #expect(try await story.server.stop() == 0)
    }

    @Test func knowingAnIDGivesNothing() async throws {
        let story = try await Story.onS3()
        let sample = try ObjectSample(size: 60_000, seed: 312)
        let offer = try await UploadOffer(story, sample)
        #expect(try await offer.complete())
        let eve = try await story.elsewhere("probe", as: try await story.server.addPerson("eve"))
        // One is in the store and the other nowhere: eve cannot tell them apart.
        for object in [sample, try ObjectSample(size: 60_000, seed: 313)] {
            #expect(try await eve.lfs.batch("download", [object]).objects.first?.error?.code == 404)
            let own = try await UploadOffer(eve, object)
            #expect(try await own.ask().status == 404)
            // With another's question she may as well have none.
            let path = offer.verify.href.replacing(story.repository.path, with: eve.repository.path)
            let body = #"{"oid":"\#(object.oid)","size":\#(object.size)}"#
            #expect(try await eve.lfs.follow("POST", path, body: Array(body.utf8)).status == 403)
            #expect(try await own.ask().status == 404)
            #expect(try await download(object, from: eve) == nil)
        }
        #expect(try await UploadOffer(eve, sample).complete())
        #expect(try await download(sample, from: eve)?.body == sample.array())
        #expect(try await story.server.stop() == 0)
    }

    @Test func whatWasSentElsewhereDoesNotCount() async throws {
        let story = try await Story.onS3()
        let other = try await story.elsewhere("other")
        let sample = try ObjectSample(size: 10_000, seed: 314)
        let (here, there) = (try await UploadOffer(story, sample), try await UploadOffer(other, sample))
        #expect(here.upload.href != there.upload.href)
        #expect(try await here.send(sample.array()).status == 200)
        #expect(try await there.ask().status == 404)
        #expect(try await here.ask().status == 200)
        #expect(try await there.ask().status == 404)
        #expect(try await download(sample, from: other) == nil)
        let altered = here.verify.href.replacing(
            /staging=[0-9a-f]+/,
            with: "staging=" + String(repeating: "0", count: 32)
        )
        #expect(altered != here.verify.href)
        #expect(try await story.lfs.follow("POST", altered, body: []).status == 403)
        #expect(try await story.server.stop() == 0)
    }

    @Test func aLinkIsForItsTimeOnly() async throws {
        let story = try await Story.onS3(.direct, ["--set", "lfs-action-seconds=6"])
        let (late, stored) = (try ObjectSample(size: 1_000, seed: 315), try ObjectSample(size: 1_000, seed: 316))
        let offer = try await UploadOffer(story, stored)
        #expect(offer.upload.expires_in == 6)
        #expect(try await offer.complete())
        let link = try #require(try await story.lfs.batch("download", [stored]).objects.first?.actions?["download"])
        let lateOffer = try await UploadOffer(story, late)
        try await Task.sleep(for: .seconds(8))
        #expect(try await Curl(base: "")("GET", link.href).status == 403)
        #expect(try await lateOffer.send(late.array()).status == 403)
        #expect(try await lateOffer.ask().status == 404)
        #expect(try await UploadOffer(story, late).complete())
        #expect(try await story.server.stop() == 0)
    }

    @Test(arguments: S3Way.allCases)
    func eightClientsSendOneObject(way: S3Way) async throws {
        let story = try await Story.onS3(way)
        let sample = try ObjectSample(size: 2_000_000, seed: 317)
        let all = try await withThrowingTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    guard let offer = try? await UploadOffer(story, sample) else { return false }
                    return try await offer.complete()
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        // Who asks when another is done has nothing to send.
        #expect(all.contains(true))
        #expect(try await download(sample, from: story)?.body == sample.array())
        let usage = try await story.server.granary("lfs", "usage")
        #expect(usage.contains("2000000"), "\(usage)")
        #expect(try await story.server.stop() == 0)
    }

    @Test func aQuotaHoldsInTheEnd() async throws {
        let story = try await Story.onS3()
        let (first, second) = (try ObjectSample(size: 6_000, seed: 318), try ObjectSample(size: 6_000, seed: 319))
        let offers = (try await UploadOffer(story, first), try await UploadOffer(story, second))
        try await story.server.granary("lfs", "quota", story.repository.address, "10000")
        #expect(try await offers.0.complete())
        #expect(try await offers.1.send(second.array()).status == 200)
        #expect(try await offers.1.ask().status == 507)
        #expect(try await story.lfs.batch("upload", [second]).objects.first?.error?.code == 507)
        #expect(try await story.server.stop() == 0)
    }
}
