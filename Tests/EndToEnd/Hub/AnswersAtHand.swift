import GranaryTesting
import Testing

/// Answers are remembered, and never older than the last change, whoever made it.
@Suite("Answers at hand are never old", .serialized, .sharedServer)
struct AnswersAtHand {
    private func get(_ story: Story, _ path: String = "", as person: Person?) async throws -> HTTPAnswer {
        let headers = person.map { [$0.bearer] } ?? []
        return try await story.server.curl("GET", "/api/models/alice/\(story.repository.name)\(path)", headers: headers)
    }

    private func head(_ story: Story, _ path: String) async throws -> HTTPAnswer {
        try await story.server.curl(
            "HEAD",
            "/alice/\(story.repository.name)/resolve/main/\(path)",
            headers: [story.owner.bearer]
        )
    }

    @Test func pushesAreSeenAtOnce() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        for round in 0..<5 {
            for _ in 0..<2 {
                let sha = try await work.id("main")
                #expect(try await get(story, as: story.owner).json["sha"] as? String == sha)
                #expect(try await head(story, "data/a.txt")["x-repo-commit"] == sha)
                let etag = try await head(story, "data/a.txt")["etag"]
                #expect(etag == "\"\(try await work("rev-parse", "main:data/a.txt"))\"")
                let tree = try await get(story, "/tree/main/data", as: story.owner)
                #expect(tree.text.contains(try await work("rev-parse", "main:data/a.txt")), "\(tree)")
            }
            try await work.commit("round \(round)", ["data/a.txt": "\(round)\n"])
            try await work("push", "--quiet", "origin", "main")
        }
    }

    /// The command line writes to the database beside the server.
    @Test func otherProcessesAreSeenAtOnce() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let reader = try await story.server.addPerson(Story.freshName("person"))
        let address = story.repository.address
        for _ in 0..<3 {
            #expect(try await get(story, as: reader).status == 404)
            try await story.server.granary("repo", "grant", address, reader.name, "read")
            #expect(try await get(story, as: reader).status == 200)
            #expect(try await get(story, as: reader).status == 200)
            try await story.server.granary("repo", "grant", address, reader.name, "none")
        }
        try await story.server.granary("repo", "set", address, "--public")
        #expect(try await get(story, as: nil).status == 200)
        #expect(try await get(story, as: nil).status == 200)
        try await story.server.granary("repo", "set", address, "--private")
        #expect(try await get(story, as: nil).status == 401)
        #expect(try await get(story, as: reader).status == 404)
        try await story.server.granary("user", "disable", reader.name)
        #expect(try await get(story, as: reader).status == 401)
    }

    @Test func askersAreNotMixedUp() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let statuses = try await withThrowingTaskGroup(of: (Bool, Int).self) { group in
            for number in 0..<200 {
                let isOwner = number % 2 == 0
                group.addTask { (isOwner, try await get(story, as: isOwner ? story.owner : eve).status) }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for (isOwner, status) in statuses { #expect(status == (isOwner ? 200 : 404)) }
    }

    /// Requests that come before their answers have gone out, of each kind in between, are answered in their order; and the
    /// connection ends when its client said so.
    @Test func pipelinedRequestsAreAnsweredInOrder() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        let api = "/api/models/alice/\(story.repository.name)"
        let file = "/alice/\(story.repository.name)/resolve/main/data/a.txt"
        _ = try await get(story, as: nil)
        _ = try await story.server.curl("HEAD", file)
        let requests = [
            ("GET", api, ""), ("HEAD", file, ""), ("GET", "/healthz", ""), ("GET", api, ""), ("HEAD", api, ""),
            ("GET", file, "Range: bytes=0-0\r\n"), ("POST", "/api/validate-yaml", "Content-Length: 2\r\n"),
            ("GET", api, "X-Request-Id: mine\r\n"), ("HEAD", file, "Connection: close\r\n"),
        ]
        let text = requests.map { method, path, fields in
            "\(method) \(path) HTTP/1.1\r\nHost: x\r\n\(fields)\r\n" + (method == "POST" ? "{}" : "")
        }
        let connection = try RawConnection(port: story.server.httpPort)
        try await connection.send(text.joined())
        let (bytes, closed) = try await connection.receive()
        let answers = String(decoding: bytes, as: UTF8.self)
        let statuses = answers.split(separator: "HTTP/1.1 ").map { String($0.prefix(3)) }
        #expect(closed, "\(answers)")
        #expect(statuses == ["200", "200", "200", "200", "200", "206", "415", "200", "200"], "\(answers)")
        #expect(answers.contains("Connection: close"), "\(answers)")
        #expect(answers.ranges(of: "\r\nX-Request-Id: ").count + answers.ranges(of: "\r\nx-request-id: ").count == 9)
    }

    /// Old clients and proxies get the same answer, and the end of the connection.
    @Test func oldProtocolVersionsAreAnswered() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await story.seeded()
        for _ in 0..<3 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send("GET /api/models/alice/\(story.repository.name) HTTP/1.0\r\nHost: x\r\n\r\n")
            let (bytes, closed) = try await connection.receive()
            let answer = String(decoding: bytes, as: UTF8.self)
            #expect(closed && answer.contains(" 200 OK") && answer.hasSuffix("}"), "\(answer)")
        }
    }
}
