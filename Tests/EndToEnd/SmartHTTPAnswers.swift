import GranaryTesting
import Testing

@Suite("The answers of smart HTTP", .serialized, .sharedServer)
struct SmartHTTPAnswers {
    private let services = ["git-upload-pack", "git-receive-pack"]

    @Test func advertisementsHaveTheirTypeAndAreNotCached() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        for service in services {
            for path in [story.repository.path, story.repository.path + ".git"] {
                let answer = try await story.server.curl(
                    "GET",
                    "\(path)/info/refs?service=\(service)",
                    headers: [story.owner.basic]
                )
                #expect(answer.status == 200)
                #expect(answer["content-type"] == "application/x-\(service)-advertisement")
                expectUncached(answer)
                let packets = Pkt.parse(answer.body)
                #expect(packets.first?.text == "# service=\(service)" && packets.dropFirst().first == .flush)
                #expect(packets.contains { $0.text.hasPrefix("\(tip) ") })
                #expect(packets.last == .flush)
            }
        }
    }

    @Test func capabilitiesOfVersion0() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let fetch = try await capabilities(story, "git-upload-pack")
        for name in [
            "multi_ack", "thin-pack", "side-band", "side-band-64k", "ofs-delta", "shallow", "deepen-since",
            "deepen-not",
            "deepen-relative", "no-progress", "include-tag", "multi_ack_detailed", "allow-tip-sha1-in-want",
            "allow-reachable-sha1-in-want", "no-done", "filter", "object-format=sha1", "symref=HEAD:refs/heads/main",
        ] { #expect(fetch.contains(name), "\(name)") }
        let push = try await capabilities(story, "git-receive-pack")
        for name in [
            "report-status", "report-status-v2", "delete-refs", "side-band-64k", "quiet", "atomic", "ofs-delta",
            "object-format=sha1", "push-options",
        ] { #expect(push.contains(name), "\(name)") }
        #expect(!push.contains { $0.hasPrefix("push-cert") || $0 == "no-thin" })
        let answer = try await story.server.curl(
            "GET",
            story.repository.path + "/info/refs?service=git-receive-pack",
            headers: [story.owner.basic]
        )
        #expect(!answer.text.contains("HEAD\0") && answer.text.contains("\(tip) refs/heads/main"))
    }

    @Test func emptyRepositoriesAdvertiseCapabilitiesOnly() async throws {
        let story = try await Story.begin()
        for service in services {
            let answer = try await story.server.curl(
                "GET",
                story.repository.path + "/info/refs?service=\(service)",
                headers: [story.owner.basic]
            )
            let line = try #require(Pkt.parse(answer.body).dropFirst(2).first?.text)
            #expect(line.hasPrefix(PushRequest.zero + " capabilities^{}\0"))
            #expect(!line.contains("symref"))
        }
    }

    @Test func protocolVersionIsNegotiated() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let expected = [
            ("version=2", "version 2"), ("version=1", "version 1"), ("version=0", ""), ("version=3", ""),
            ("nonsense", ""),
            ("version=1:version=2", "version 2"), ("key=value:version=2:other", "version 2"), ("", ""),
        ]
        for (header, line) in expected {
            let answer = try await story.server.curl(
                "GET",
                story.repository.path + "/info/refs?service=git-upload-pack",
                headers: [story.owner.basic, "Git-Protocol: \(header)"]
            )
            let texts = Pkt.parse(answer.body).map(\.text)
            #expect(texts.contains("version 2") == (line == "version 2"), "\(header)")
            #expect(texts.contains("version 1") == (line == "version 1"), "\(header)")
        }
        let push = try await story.server.curl(
            "GET",
            story.repository.path + "/info/refs?service=git-receive-pack",
            headers: [story.owner.basic, "Git-Protocol: version=2"]
        )
        #expect(!push.text.contains("version 2"))
    }

    @Test func version2AdvertisesItsCommands() async throws {
        let story = try await Story.begin()
        let answer = try await story.server.curl(
            "GET",
            story.repository.path + "/info/refs?service=git-upload-pack",
            headers: [story.owner.basic, "Git-Protocol: version=2"]
        )
        let lines = Pkt.parse(answer.body).map(\.text)
        #expect(lines.contains { $0.hasPrefix("agent=granary/") })
        #expect(lines.contains { $0.hasPrefix("ls-refs") && $0.contains("unborn") })
        let fetch = lines.first { $0.hasPrefix("fetch=") } ?? ""
        for word in ["shallow", "wait-for-done", "filter"] { #expect(fetch.contains(word)) }
        #expect(lines.contains("object-format=sha1") && lines.contains("server-option"))
    }

    @Test func wrongMethodsAndSubPaths() async throws {
        let story = try await Story.begin(isPrivate: false)
        let path = story.repository.path + ".git"
        for (method, sub) in [
            ("GET", "/git-upload-pack"), ("PUT", "/git-receive-pack"), ("POST", "/info/refs?service=git-upload-pack"),
        ] {
            let answer = try await story.server.curl(method, path + sub, headers: [story.owner.basic])
            #expect(answer.status == 405 && answer["allow"] != nil, "\(method) \(sub): \(answer)")
        }
        #expect(try await story.server.curl("GET", path + "/nothing", headers: [story.owner.basic]).status == 404)
        #expect(
            try await [403, 404].contains(
                story.server.curl("GET", path + "/info/refs", headers: [story.owner.basic]).status
            )
        )
    }

    @Test func theProbeBeforeALargePushIsAnswered() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        for service in services {
            let answer = try await story.server.curl(
                "POST",
                "\(story.repository.path)/\(service)",
                headers: [story.owner.basic, "Content-Type: application/x-\(service)-request"],
                body: Array("0000".utf8)
            )
            #expect(answer.status == 200 && answer["content-type"] == "application/x-\(service)-result", "\(answer)")
            expectUncached(answer)
            #expect(!answer.text.contains("ERR"))
        }
    }

    @Test func expectationsAreAnsweredBeforeTheBody() async throws {
        let story = try await Story.begin()
        for (authorization, status) in [(story.owner.basic, 100), ("X-Nobody: 1", 401)] {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(
                "POST \(story.repository.path)/git-receive-pack HTTP/1.1\r\nHost: x\r\n\(authorization)\r\n"
                    + "Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 4\r\nExpect: 100-continue\r\n\r\n"
            )
            let (bytes, _) = try await connection.receive(limit: 12)
            #expect(String(decoding: bytes, as: UTF8.self) == "HTTP/1.1 \(status)")
        }
    }

    @Test func http10AndConnectionsThatStayOpen() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let path = story.repository.path + "/info/refs?service=git-upload-pack"
        let old = try RawConnection(port: story.server.httpPort)
        try await old.send("GET \(path) HTTP/1.0\r\n\r\n")
        let (bytes, closed) = try await old.receive()
        #expect(closed && HTTPAnswer(reading: bytes).status == 200)
        #expect(Pkt.parse(HTTPAnswer(reading: bytes).body).last == .flush)
        let open = try RawConnection(port: story.server.httpPort)
        for _ in 0..<3 {
            try await open.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n")
            let (bytes, closed) = try await open.receive(limit: 15)
            #expect(!closed && String(decoding: bytes, as: UTF8.self) == "HTTP/1.1 200 OK")
            _ = try await open.receive(limit: 10_000, idle: .seconds(1))
        }
    }

    @Test func everyAnswerHasARequestID() async throws {
        let story = try await Story.begin()
        var seen: Set<String> = []
        for path in [
            "/healthz", "/api/whoami-v2", story.repository.path + "/info/refs?service=git-upload-pack", "/nothing/here",
        ] {
            let answer = try await story.server.curl("GET", path)
            let id = try #require(answer["x-request-id"], "\(path): \(answer)")
            #expect(seen.insert(id).inserted)
        }
        let answer = try await story.server.curl(
            "GET",
            story.repository.path + "/info/refs?service=git-upload-pack",
            headers: [story.owner.basic]
        )
        let id = try #require(answer["x-request-id"])
        let logged = try await eventually { story.server.log.contains(id) }
        #expect(logged)
    }

    private func expectUncached(_ answer: HTTPAnswer, sourceLocation: SourceLocation = #_sourceLocation) {
        #expect(answer["cache-control"] == "no-cache, max-age=0, must-revalidate", sourceLocation: sourceLocation)
        #expect(answer["pragma"] == "no-cache", sourceLocation: sourceLocation)
        #expect(answer["expires"] != nil, sourceLocation: sourceLocation)
        #expect(answer["content-encoding"] == nil, sourceLocation: sourceLocation)
    }

    private func capabilities(_ story: Story, _ service: String) async throws -> [String] {
        let answer = try await story.server.curl(
            "GET",
            story.repository.path + "/info/refs?service=\(service)",
            headers: [story.owner.basic]
        )
        let line = try #require(Pkt.parse(answer.body).dropFirst(2).first?.text)
        return line.split(separator: "\0").last.map { $0.split(separator: " ").map(String.init) } ?? []
    }

    /// Both sides name the conversation for their logs; the server's name is the request's.
    @Test(arguments: Wire.http)
    func sessionIDsAreExchanged(wire: Wire) async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(wire)
        try await work.commit("more", ["more.txt": "m\n"])
        try await work("-c", "transfer.advertiseSID=true", "push", "origin", "main")
        let clone = try await story.git(wire).clone(story.url(wire), "clone", "-c", "transfer.advertiseSID=true")
        #expect(try await clone.id("main") == work.id("main"))
        let path = "\(story.repository.path)/info/refs?service=git-upload-pack"
        let headers = ["Git-Protocol: version=\(wire.version)", story.owner.basic]
        let answer = try await story.server.curl("GET", path, headers: headers)
        let id = try #require(answer["x-request-id"])
        #expect(answer.text.contains("session-id=\(id)"))
    }
}
