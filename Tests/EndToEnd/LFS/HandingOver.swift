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

    /// A real nginx in front: it asks the server, and sends the file itself.
    @Test(.enabled("nginx is not installed") { await Nginx.isInstalled() })
    func nginxSendsTheFile() async throws {
        let story = try await Story.begin()
        let nginx = try await Nginx.start(before: story.server, location: "/large-files")
        let work = try await story.largeFileWork()
        var random = SeededRandom(96)
        let bytes = random.bytes(3_000_000)
        try work.write("a.bin", bytes)
        try await work.commit("first")
        try await work("push", "--quiet", "origin", "main")

        let git = try GitClient(person: story.owner, base: nginx.base, protocolVersion: 2)
        let clone = try await git.withLFS().clone(nginx.base + story.repository.path + ".git", "clone")
        #expect(clone.contents("a.bin") == bytes)
        let oid = try #require(try await clone.largeFiles().first)
        let sent = story.server.log.split(separator: "\n").last {
            $0.contains("objects/\(oid)") && $0.contains("method=GET")
        }
        #expect(sent?.contains("bytes_out=0") == true, "\(sent ?? "")")
        let part = try await Curl(base: nginx.base)(
            "GET",
            story.repository.path + ".git/info/lfs/objects/\(oid)",
            headers: [story.owner.basic, "Range: bytes=100-199"]
        )
        #expect(part.status == 206 && part.body == Array(bytes[100..<200]), "\(part.status)")
        // The location itself is nginx's own business.
        let direct = "/large-files/\(oid.prefix(2))/\(oid.dropFirst(2).prefix(2))/\(oid)"
        #expect(try await Curl(base: nginx.base)("GET", direct).status == 404)
        await nginx.stop()
    }
}
