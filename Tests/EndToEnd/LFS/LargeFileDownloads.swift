import GranaryTesting
import Testing

@Suite("Downloads of large files", .serialized, .sharedServer)
struct LargeFileDownloads {
    @Test func rangesAndConditions() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 3_000_000, seed: 21)
        #expect(try await story.lfs.upload(sample).status == 200)
        let link = try await story.lfs.link("download", sample)
        let tag = "\"\(sample.oid)\""
        let cases: [(headers: [String], status: Int, range: Range<Int64>?)] = [
            ([], 200, 0..<3_000_000), (["Range: bytes=0-0"], 206, 0..<1), (["Range: bytes=100-"], 206, 100..<3_000_000),
            (["Range: bytes=-100"], 206, 2_999_900..<3_000_000),
            (["Range: bytes=1048575-2097153"], 206, 1_048_575..<2_097_154),
            (["Range: bytes=5-99999999"], 206, 5..<3_000_000), (["Range: bytes=3000000-"], 416, nil),
            (["Range: bytes=1-2,4-5"], 200, 0..<3_000_000), (["Range: bytes=1-2", "If-Range: \(tag)"], 206, 1..<3),
            (["Range: bytes=1-2", "If-Range: \"x\""], 200, 0..<3_000_000), (["If-None-Match: \(tag)"], 304, nil),
            (["If-None-Match: \"x\""], 200, 0..<3_000_000), (["If-Match: \"x\""], 412, nil),
        ]
        for (headers, status, range) in cases {
            let answer = try await story.lfs.follow("GET", link, headers: headers)
            #expect(answer.status == status, "\(headers): \(answer.status) \(answer.headers)")
            #expect(answer.body == (range.map { sample.array($0) } ?? []), "\(headers)")
            #expect(answer["etag"] == tag && answer["accept-ranges"] == "bytes", "\(answer.headers)")
            #expect(answer["cache-control"] == "private, immutable" && answer["content-encoding"] == nil)
            switch (status, range) {
            case (206, let range?):
                #expect(answer["content-range"] == "bytes \(range.lowerBound)-\(range.upperBound - 1)/3000000")
                #expect(answer["content-length"] == "\(range.count)")
            case (416, _): #expect(answer["content-range"] == "bytes */3000000")
            default: #expect(answer["content-range"] == nil)
            }
        }
        let head = try await story.lfs.follow("HEAD", link)
        #expect(head.status == 200 && head["content-length"] == "3000000", "\(head)")
    }

    @Test func nothingAndOneByte() async throws {
        let story = try await Story.begin()
        for size: Int64 in [0, 1] {
            let sample = try ObjectSample(size: size, seed: 22)
            #expect(try await story.lfs.upload(sample).status == 200)
            let link = try await story.lfs.link("download", sample)
            let answer = try await story.lfs.follow("GET", link)
            #expect(answer.status == 200 && answer.body == sample.array() && answer["content-length"] == "\(size)")
            let head = try await story.lfs.follow("HEAD", link)
            #expect(head.status == 200 && head["content-length"] == "\(size)")
        }
    }

    @Test func aLoginIsAsGoodAsALink() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 1_000, seed: 23)
        #expect(try await story.lfs.upload(sample).status == 200)
        #expect(try await story.lfs("GET", "objects/\(sample.oid)").body == sample.array())
        let nobody = try await story.lfs.asking(as: nil)("GET", "objects/\(sample.oid)")
        #expect(nobody.status == 401 && nobody["lfs-authenticate"] != nil, "\(nobody)")
    }

    /// One connection for many requests, with downloads among them.
    @Test func connectionsStayOpen() async throws {
        let story = try await Story.begin()
        let sample = try ObjectSample(size: 2_500_000, seed: 24)
        #expect(try await story.lfs.upload(sample).status == 200)
        let link = try await story.lfs.link("download", sample)
        let files = try TemporaryDirectory("kept")
        let urls = (0..<4).flatMap { ["--output", files.path("\($0)"), link] }
        let arguments = ["--silent", "--show-error", "--write-out", "%{num_connects} ", "--noproxy", "*"]
        let result = try await Command("curl", arguments + urls).run().required()
        #expect(result.output == "1 0 0 0", "\(result)")
        for index in 0..<4 { #expect(files.contents("\(index)") == sample.array()) }
    }

    @Test func overHTTPS() async throws {
        let authority = try await CertificateAuthority.make()
        let story = try await Story.alone(["--tls-certificate", authority.certificate, "--tls-key", authority.key])
        var git = try await story.largeFileGit()
        git = git.with("http.sslCAInfo=\(authority.authority)")
        let work = try await git.newLargeFileRepository("work")
        var random = SeededRandom(25)
        try work.write("a.bin", random.bytes(5_000_000))
        try await work.commit("first")
        try await work("push", "--quiet", story.url(), "main")
        let clone = try await git.clone(story.url(), "clone")
        #expect(clone.contents("a.bin") == work.contents("a.bin"))
        #expect(try await story.server.stop() == 0)
    }
}
