import Foundation
import GranaryTesting
import Testing

@Suite("Hostile HTTP", .serialized, .sharedServer)
struct HostileHTTP {
    /// Paths below the server, sent as they are.
    private static let paths = [
        "/../../../../etc/passwd", "/alice/../../../etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/..%2f..%2fetc%2fpasswd",
        "/alice/..%2f..%2f..%2fetc%2fpasswd/info/refs?service=git-upload-pack",
        "/alice/%2e%2e/info/refs?service=git-upload-pack",
        "/alice/../info/refs?service=git-upload-pack", "/alice/./info/refs?service=git-upload-pack",
        "/alice/x%00.git/info/refs?service=git-upload-pack", "/alice/x%0a/info/refs?service=git-upload-pack",
        "/alice/x%5cy/info/refs?service=git-upload-pack", "/alice/x%2fy/info/refs?service=git-upload-pack",
        "/alice/.git/info/refs?service=git-upload-pack", "/alice/.git.git/info/refs?service=git-upload-pack",
        "/-alice/x/info/refs?service=git-upload-pack", "/alice/-x/info/refs?service=git-upload-pack",
        "/alice/--upload-pack=x/info/refs?service=git-upload-pack", "//alice//x/info/refs?service=git-upload-pack",
        "/%c0%ae%c0%ae/%c0%ae%c0%ae/info/refs?service=git-upload-pack",
        "/alice/%ff%fe/info/refs?service=git-upload-pack",
        "/alice/%/info/refs?service=git-upload-pack", "/alice/%zz/info/refs?service=git-upload-pack",
        "/alice/%252e%252e/info/refs?service=git-upload-pack",
        "/alice/" + String(repeating: "a", count: 97) + "/info/refs?service=git-upload-pack",
        "/" + String(repeating: "a/", count: 3_000), "/" + String(repeating: "x", count: 20_000),
        "/datasets/alice/../../../x/info/refs?service=git-upload-pack",
        "/alice/x.lock/info/refs?service=git-upload-pack",
        "/api/info/refs?service=git-upload-pack", "/hf/../../etc/passwd",
        "/alice/x/info/refs?service=git-upload-pack&service=git-receive-pack",
    ]

    @Test(arguments: paths)
    func pathLeadsNowhere(path: String) async throws {
        let shared = try SharedServer.running
        for headers in [[], [shared.alice.basic]] {
            let answer = try await shared.server.curl("GET", path, headers: headers)
            #expect((400..<500).contains(answer.status), "\(answer)")
            #expect(!answer.text.contains("root:") && !answer.text.contains(shared.server.dataDirectory), "\(answer)")
        }
    }

    /// Paths inside a repository that exists.
    private static let inside = [
        "/HEAD", "/config", "/description", "/packed-refs", "/hooks/update", "/objects/info/packs", "/objects/pack/",
        "/info/refs",
        "/info/alternates", "/objects/../config", "/objects/%2e%2e/config", "/info/refs?service=git-upload-archive",
        "/info/refs?service=upload-pack", "/info/refs?service=", "/info/refs?service=git-upload-pack%00",
        "/info/refs?service=-x",
        "/git-upload-archive", "/quarantine/",
    ]

    @Test(arguments: inside)
    func filesOfARepositoryAreNotServed(path: String) async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let answer = try await story.server.curl(
            "GET",
            story.repository.path + ".git" + path,
            headers: [story.owner.basic]
        )
        #expect((400..<500).contains(answer.status), "\(answer)")
        #expect(answer["content-type"]?.contains("x-git") != true, "\(answer)")
        #expect(!answer.text.contains("refs/heads"), "\(answer)")
    }

    private func gzip(_ command: String) async throws -> [UInt8] {
        try await Command("sh", ["-c", command + " | gzip --no-name --best"]).run().required().standardOutput
    }

    @Test func compressedRequestsAreUnderstood() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let request = #"printf '0012command=fetch\n00010032want %s\n0009done\n0000' "# + tip
        for coding in ["gzip", "x-gzip"] {
            let answer = try await post(
                story,
                "git-upload-pack",
                try await gzip(request),
                ["Content-Encoding: \(coding)"]
            )
            #expect(answer.status == 200 && Pkt.parse(answer.body).first?.text == "packfile", "\(answer)")
        }
    }

    @Test(arguments: ["git-upload-pack", "git-receive-pack"])
    func gzipBombIsRefusedInBoundedMemory(service: String) async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let before = try await story.remoteRefs()
        let idle = try story.server.measurements().resident
        try story.server.resetPeak()
        // A flush-pkt for ever, and spaces in a line for ever.
        for filler in ["head -c 2147483648 /dev/zero | tr '\\0' 0", "yes 0009hello | head -c 1073741824 | tr -d '\\n'"]
        {
            let answer = try await post(story, service, try await gzip(filler), ["Content-Encoding: gzip"])
            let fatal = Pkt.parse(answer.body).contains { $0.text.hasPrefix("ERR ") || $0.text.hasPrefix("unpack ") }
            #expect((400..<500).contains(answer.status) || fatal || answer.body.isEmpty, "\(answer)")
        }
        let peak = try story.server.measurements().peakResident
        #expect(peak < idle + (128 << 20), "peak \(peak >> 20) MiB, idle \(idle >> 20) MiB")
        try await story.expectUnchanged(since: before)
    }

    @Test func brokenOrUnknownCodingsAreRefused() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let good = try await gzip("printf 0000")
        let garbage = try await post(story, "git-upload-pack", Array("not gzip".utf8), ["Content-Encoding: gzip"])
        #expect(garbage.status == 400 || Pkt.parse(garbage.body).first?.text.hasPrefix("ERR ") == true, "\(garbage)")
        let cut = try await post(story, "git-upload-pack", good.dropLast(4), ["Content-Encoding: gzip"])
        #expect(cut.status < 500, "\(cut)")
        for coding in ["br", "deflate", "gzip, gzip", "zstd", "nonsense"] {
            #expect(
                try await post(story, "git-upload-pack", good, ["Content-Encoding: \(coding)"]).status == 415,
                "\(coding)"
            )
        }
        #expect(story.server.isRunning)
    }

    @Test func wrongContentTypeIsRefused() async throws {
        let story = try await Story.begin()
        for type in ["text/plain", "application/x-git-receive-pack-request", "application/x-www-form-urlencoded"] {
            let answer = try await story.server.curl(
                "POST",
                story.repository.path + "/git-upload-pack",
                headers: ["Content-Type: \(type)", story.owner.basic],
                body: Array("0000".utf8)
            )
            #expect(answer.status == 415, "\(type): \(answer)")
        }
    }

    @Test func malformedHTTPDoesNoHarm() async throws {
        let server = try SharedServer.running.server
        let requests = [
            "\r\n\r\n\r\n", "GET\r\n\r\n", "GET / HTTP/9.9\r\n\r\n", "\u{16}\u{3}\u{1}",
            "GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
            "POST /a/b/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\n\r\n",
            "POST /a/b/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            "POST /a/b/git-upload-pack HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
            "POST /a/b/git-upload-pack HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999999999999\r\n\r\n",
            "GET / HTTP/1.1\r\nHost: x\r\n"
                + String(repeating: "X-Filler: \(String(repeating: "y", count: 1_000))\r\n", count: 500) + "\r\n",
        ]
        for request in requests {
            let connection = try RawConnection(port: server.httpPort)
            try? await connection.send(request)
            connection.closeWriting()
            let (bytes, _) = try await connection.receive(idle: .seconds(20))
            let status = HTTPAnswer(reading: bytes).status
            #expect(status < 500 || status == 501 || status == 505, "\(request.prefix(60)): \(status)")
        }
        #expect(server.isRunning)
        #expect(try await server.curl("GET", "/healthz").status == 200)
    }

    private func post(_ story: Story, _ service: String, _ body: [UInt8], _ headers: [String]) async throws
        -> HTTPAnswer
    {
        try await story.server.curl(
            "POST",
            "\(story.repository.path)/\(service)",
            headers: ["Content-Type: application/x-\(service)-request", "Git-Protocol: version=2", story.owner.basic]
                + headers,
            body: body
        )
    }
}
