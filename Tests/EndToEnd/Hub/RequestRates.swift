import Foundation
import GranaryTesting
import Testing

/// Too many requests are turned away in the words that Hugging Face's clients understand.
@Suite("Request rates", .serialized, .ownServers)
struct RequestRates {
    private func story(_ more: String..., window: Int = 600) async throws -> Story {
        let limits = [
            "rate-window-seconds=\(window)", "rate-api=6", "rate-api-anonymous=3", "rate-resolve=4",
            "rate-resolve-anonymous=2",
            "rate-git=8", "rate-git-anonymous=2",
        ]
        // Without SSH nobody asks where it is before the story does.
        return try await Story.alone(
            ["--ssh", "off"] + limits.flatMap { ["--set", "limits.\($0)"] } + more,
            isPrivate: false
        )
    }

    private func ask(_ story: Story, _ path: String = "/api/models/alice/alone", _ headers: String...) async throws
        -> HTTPAnswer
    {
        try await story.server.curl("GET", path, headers: headers)
    }

    @Test func theAPISaysWhenToComeBack() async throws {
        let story = try await story(window: 6)
        var answers: [HTTPAnswer] = []
        for _ in 0..<4 { answers.append(try await ask(story)) }
        #expect(answers.map(\.status) == [200, 200, 200, 429])
        #expect(answers[0]["ratelimit"]?.hasPrefix(#""api";r=2;t="#) == true, "\(answers[0])")
        #expect(answers[0]["ratelimit-policy"] == #""fixed window";"api";q=3;w=6"#)
        let refused = answers[3]
        #expect(refused["ratelimit"]?.hasPrefix(#""api";r=0;t="#) == true, "\(refused)")
        #expect(refused.headers.count { $0.name == "ratelimit" } == 1)
        #expect(refused["x-error-message"]?.contains("3 requests") == true && refused.json["error"] is String)
        let wait = try #require(refused["retry-after"].flatMap { Int($0) })
        #expect((1...6).contains(wait))
        // Others are not concerned, nor other kinds of requests, nor the questions of operations.
        #expect(try await ask(story, "/api/whoami-v2", story.owner.bearer).status == 200)
        #expect(try await ask(story, "\(story.repository.path)/resolve/main/x").status == 404)
        for _ in 0..<10 { #expect(try await ask(story, "/healthz").status == 200) }
        try await Task.sleep(for: .seconds(wait))
        #expect(try await ask(story).status == 200)
    }

    @Test func anAccountIsCountedByItselfWithAllItsTokens() async throws {
        let story = try await story()
        let other = try await story.server.addToken(to: "alice", named: "other", role: "read")
        var statuses: [Int] = []
        for number in 0..<7 {
            let person = number % 2 == 0 ? story.owner : other
            statuses.append(try await ask(story, "/api/whoami-v2", person.bearer).status)
        }
        #expect(statuses == [200, 200, 200, 200, 200, 200, 429])
        // Refused logins stay with the count of logins.
        let wrong = "Authorization: Bearer gra_" + String(repeating: "A", count: 43)
        for _ in 0..<5 { #expect(try await ask(story, "/api/whoami-v2", wrong).status == 401) }
        #expect(try await ask(story).status == 200)
    }

    @Test func filesAreCountedApart() async throws {
        let story = try await story()
        var last = try await ask(story, "\(story.repository.path)/resolve/main/x")
        for _ in 0..<2 { last = try await ask(story, "\(story.repository.path)/resolve/main/x") }
        #expect(last.status == 429 && last["ratelimit"]?.hasPrefix(#""resolvers";r=0"#) == true, "\(last)")
        let head = try await story.server.curl("HEAD", "\(story.repository.path)/resolve/main/x")
        #expect(head.status == 429 && head["retry-after"] != nil && head["x-error-message"] != nil, "\(head)")
        #expect(try await ask(story, "/api/models/alice/alone").status == 200)
    }

    @Test func gitAndLargeFilesAreToldInTheirOwnWay() async throws {
        let story = try await story()
        let path = story.repository.path + ".git/info/refs?service=git-upload-pack"
        for _ in 0..<2 { #expect(try await ask(story, path).status == 200) }
        // Who has an account is asked for it, and gets past what the network has done without.
        let git = try await ask(story, path)
        #expect(git.status == 401 && git["retry-after"] != nil && git["www-authenticate"] != nil, "\(git)")
        #expect(git["ratelimit"]?.hasPrefix(#""git";r=0"#) == true)
        #expect(try await story.git().attempt("ls-remote", story.url()).succeeded)
        for _ in 0..<8 { _ = try await ask(story, path, story.owner.basic) }
        let refused = try await ask(story, path, story.owner.basic)
        #expect(refused.status == 429 && refused["retry-after"] != nil, "\(refused)")
        #expect(refused["content-type"]?.hasPrefix("text/plain") == true)
        let batch = try await story.server.curl(
            "POST",
            story.repository.path + ".git/info/lfs/objects/batch",
            headers: ["Content-Type: application/vnd.git-lfs+json", story.owner.basic],
            body: Array(#"{"operation":"download","objects":[]}"#.utf8)
        )
        #expect(batch.status == 429 && batch["retry-after"] != nil && batch.json["message"] is String, "\(batch)")
        // Links are no way around, nor guesses at them.
        let oid = String(repeating: "ab", count: 32)
        var statuses: [Int] = []
        for _ in 0..<9 {
            statuses.append(try await ask(story, story.repository.path + ".git/info/lfs/objects/\(oid)?x=y").status)
        }
        #expect(statuses.last == 429 && !statuses.prefix(8).contains(429), "\(statuses)")
    }

    @Test func anAddressThatAClientInventsCountsForNothing() async throws {
        let story = try await story()
        var statuses: [Int] = []
        for number in 0..<4 {
            statuses.append(
                try await ask(
                    story,
                    "/api/models/alice/alone",
                    "X-Forwarded-For: 203.0.113.\(number)",
                    "X-Real-IP: 203.0.113.\(number)",
                    "Forwarded: for=203.0.113.\(number)"
                ).status
            )
        }
        #expect(statuses == [200, 200, 200, 429])
    }

    @Test func behindAProxyTheAddressThatItAddsCounts() async throws {
        let story = try await story("--trust-forwarded-headers", "true")
        var statuses: [Int] = []
        for number in 0..<4 {
            // What the client invents stands in front of what the proxy adds, and the port changes with each connection.
            let fields = "X-Forwarded-For: 203.0.113.\(number), 198.51.100.7:\(4_000 + number)"
            statuses.append(try await ask(story, "/api/models/alice/alone", fields).status)
        }
        #expect(statuses == [200, 200, 200, 429])
        #expect(try await ask(story, "/api/models/alice/alone", "X-Forwarded-For: 198.51.100.8").status == 200)
        for number in 0..<3 {
            let fields = "X-Forwarded-For: [2001:db8::\(number)]:\(4_000 + number)"
            #expect(try await ask(story, "/api/models/alice/alone", fields).status == 200)
        }
        #expect(try await ask(story, "/api/models/alice/alone", "X-Forwarded-For: 2001:db8::ffff").status == 429)
    }

    @Test func nothingIsCountedWhenTheNumberIsZero() async throws {
        let story = try await Story.alone(["--set", "limits.rate-api-anonymous=0"], isPrivate: false)
        let answer = try await ask(story)
        #expect(answer.status == 200 && answer["ratelimit"] == nil)
        let wrong = try await story.server.run(["config", "--set", "limits.rate-api=-1"])
        #expect(!wrong.succeeded && wrong.errorText.contains("limits.rate-api"), "\(wrong)")
    }
}
