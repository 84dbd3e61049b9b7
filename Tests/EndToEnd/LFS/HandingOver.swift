import GranaryTesting
import Testing

@Suite("Downloads behind nginx", .serialized, .sharedServer(["--set", "x-accel-redirect=/large-files"]))
struct HandingOver {
    @Test func theFileIsNamedToWhoeverIsInFront() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 10_000, seed: 95)
        #expect(try await story.lfs.upload(sample).status == 200)
        let link = try await story.lfs.link("download", sample)
        let (outer, inner) = (sample.oid.prefix(2), sample.oid.dropFirst(2).prefix(2))
        for headers in [[], ["Range: bytes=5-9"]] {
            let answer = try await story.lfs.follow("GET", link, headers: headers)
            #expect(answer.status == 200 && answer.body.isEmpty, "\(answer)")
            #expect(answer["x-accel-redirect"] == "/large-files/\(outer)/\(inner)/\(sample.oid)", "\(answer)")
            #expect(answer["content-type"] == "application/octet-stream" && answer["content-range"] == nil, "\(answer)")
        }
        // What is refused names nothing.
        let refused = try await story.lfs.follow("GET", link + "x")
        #expect(refused.status == 403 && refused["x-accel-redirect"] == nil, "\(refused)")
        let known = try await story.lfs.follow("GET", link, headers: ["If-None-Match: \"\(sample.oid)\""])
        #expect(known.status == 304 && known["x-accel-redirect"] == nil, "\(known)")
    }
}
