import GranaryTesting
import Testing

@Suite("Tokens, passwords and accounts", .serialized, .sharedServer(takesTurn: false))
struct Credentials {
    private func outcome(_ story: Story, _ person: Person?, push: Bool = false) async throws -> Cast.Outcome {
        let git = try story.git(as: person)
        guard push else { return try Cast.Outcome(await git.attempt("ls-remote", story.url())) }
        let work = try await git.newRepository("work")
        try await work.commit("first", ["a": "1\n"])
        return try Cast.Outcome(await work.attempt("push", story.url(), "main:refs/heads/\(Story.freshName("by"))"))
    }

    @Test func aRevokedTokenIsUselessAtOnce() async throws {
        let story = try await Story.begin()
        let laptop = try await story.server.addToken(to: "alice", named: "laptop")
        #expect(try await outcome(story, laptop, push: true) == .works)
        try await story.server.granary("token", "revoke", "alice", "laptop")
        #expect(try await outcome(story, laptop) == .badCredentials)
        #expect(try await outcome(story, laptop, push: true) == .badCredentials)
        #expect(try await story.server.curl("GET", "/api/whoami-v2", headers: [laptop.bearer]).status == 401)
    }

    @Test func aTokenExpires() async throws {
        let story = try await Story.begin()
        let short = try await story.server.addToken(to: "alice", named: "short", role: "write", "--expires", "1m")
        #expect(try await outcome(story, short) == .works)
        let expired = try await eventually(within: .seconds(90)) {
            try await Task.sleep(for: .seconds(3))
            return try await outcome(story, short) == .badCredentials
        }
        #expect(expired)
        #expect(try await story.server.curl("GET", "/api/whoami-v2", headers: [short.bearer]).status == 401)
    }

    @Test func aTokenForOneRepositoryOpensNoOther() async throws {
        let (story, other) = try await (Story.begin(), Story.begin())
        let token = try await story.server.addToken(
            to: "alice",
            named: Story.freshName("token"),
            role: "write",
            "--repo",
            story.repository.address
        )
        #expect(try await outcome(story, token, push: true) == .works)
        for push in [false, true] {
            let result = try await outcome(other, token, push: push)
            #expect(result == .notFound || result == .forbidden)
        }
    }

    @Test func aTokenForANamespaceOpensNoOther() async throws {
        let story = try await Story.begin()
        let server = story.server
        let organization = Story.freshName("org")
        try await server.granary("org", "add", organization)
        try await server.granary("org", "member", organization, "alice", "admin")
        let repository = try await server.addRepository("model", organization, "shared")
        let inside = Story(server: server, owner: story.owner, repository: repository)
        let token = try await server.addToken(
            to: "alice",
            named: Story.freshName("token"),
            role: "write",
            "--namespace",
            organization
        )
        #expect(try await outcome(inside, token, push: true) == .works)
        let result = try await outcome(story, token)
        #expect(result == .notFound || result == .forbidden)
    }

    @Test func aDisabledUserIsOutUntilEnabled() async throws {
        let server = try SharedServer.running.server
        let bob = try await server.addPerson(Story.freshName("person"))
        let repository = try await server.addRepository("model", bob.name, "own", isPrivate: true)
        let story = Story(server: server, owner: bob, repository: repository)
        #expect(try await outcome(story, bob) == .works)
        try await server.granary("user", "disable", bob.name)
        #expect(try await outcome(story, bob) == .badCredentials)
        try await server.granary("user", "enable", bob.name)
        #expect(try await outcome(story, bob) == .works)
    }

    @Test func passwordsWorkUntilChanged() async throws {
        let server = try SharedServer.running.server
        let name = Story.freshName("person")
        try await server.granary("user", "add", name, "--password-stdin", input: "correct horse battery\n")
        let repository = try await server.addRepository("model", name, "own")
        let old = Person(name: name, secret: "correct horse battery")
        let story = Story(server: server, owner: old, repository: repository)
        let spaced = try await server.curl(
            "GET",
            repository.path + "/info/refs?service=git-receive-pack",
            credentials: old.credentials
        )
        #expect(spaced.status == 200)
        try await server.granary("user", "password", name, "--password-stdin", input: "another good password\n")
        let stale = try await server.curl(
            "GET",
            repository.path + "/info/refs?service=git-receive-pack",
            credentials: old.credentials
        )
        #expect(stale.status == 401)
        let new = Person(name: name, secret: "another good password")
        let fresh = try await server.curl(
            "GET",
            repository.path + "/info/refs?service=git-receive-pack",
            credentials: new.credentials
        )
        #expect(fresh.status == 200)
        #expect(try await outcome(story, nil) == .challenged)
    }

    @Test func aUserWithoutPasswordHasNone() async throws {
        let shared = try SharedServer.running
        for secret in ["", " ", "password", "null"] {
            let answer = try await shared.server.curl("GET", "/api/whoami-v2", credentials: "alice:\(secret)")
            #expect(answer.status == 401, "\(secret.debugDescription): \(answer)")
        }
    }

    @Test func malformedAuthorizationIsNotTakenForNone() async throws {
        let story = try await Story.begin(isPrivate: false)
        let values = [
            "Basic", "Basic !!!", "Basic bm9jb2xvbg==", "Bearer", "Bearer ", "Digest x", "gra_x", "Basic Og==",
            "Bearer gra_" + String(repeating: "x", count: 100_00),
        ]
        for value in values {
            let answer = try await story.server.curl(
                "GET",
                story.repository.path + "/info/refs?service=git-upload-pack",
                headers: ["Authorization: \(value)"]
            )
            #expect([400, 401, 431].contains(answer.status), "\(value.prefix(40)): \(answer)")
        }
    }

    @Test func firstAdministratorIsAnnouncedOnceAndWorks() async throws {
        let server = try SharedServer.running.server
        let words = server.announcements.split(whereSeparator: \.isWhitespace).map(String.init)
        let token = try #require(words.first { $0.hasPrefix("gra_") }, "\(server.announcements)")
        let answer = try await server.curl("GET", "/api/whoami-v2", headers: ["Authorization: Bearer \(token)"])
        #expect(answer.status == 200, "\(answer)")
        #expect(!server.log.contains(token))
        let announced = server.announcements
        try await server.stop()
        try await server.start()
        #expect(server.announcements == announced)
    }
}

@Suite("Guessing passwords", .serialized, .ownServers)
struct PasswordGuessing {
    @Test func wrongPasswordsAreLimitedAndTokensGoOn() async throws {
        let server = try await GranaryServer.start()
        try await server.granary("user", "add", "alice", "--password-stdin", input: "correct horse battery\n")
        let token = try await server.addToken(to: "alice", named: "laptop")
        func whoami(_ password: String, _ user: String = "alice") async throws -> HTTPAnswer {
            try await server.curl("GET", "/api/whoami-v2", credentials: "\(user):\(password)")
        }
        var answers: [HTTPAnswer] = []
        for attempt in 0..<60 where answers.last?.status != 429 {
            answers.append(try await whoami("wrong \(attempt)"))
        }
        #expect(answers.dropLast().allSatisfy { $0.status == 401 })
        let limited = try #require(answers.last)
        #expect(limited.status == 429 && limited["retry-after"].flatMap { Int($0) } ?? 0 > 0, "\(limited)")
        #expect(try await whoami("correct horse battery").status == 429)
        #expect(try await server.curl("GET", "/api/whoami-v2", headers: [token.bearer]).status == 200)
        #expect(try await server.curl("GET", "/api/whoami-v2", headers: [token.basic]).status == 200)
        try await server.stop()
    }

    @Test func unknownAccountsAreLimitedAlike() async throws {
        let server = try await GranaryServer.start()
        var statuses: [Int] = []
        for attempt in 0..<60 where statuses.last != 429 {
            let answer = try await server.curl(
                "GET",
                "/api/whoami-v2",
                credentials: "nobody-of-that-name:wrong \(attempt)"
            )
            statuses.append(answer.status)
        }
        #expect(statuses.last == 429 && Set(statuses) == [401, 429], "\(statuses)")
        try await server.stop()
    }

    @Test func passwordLoginCanBeSwitchedOff() async throws {
        let server = try await GranaryServer.start(["--password-login", "false"])
        try await server.granary("user", "add", "alice", "--password-stdin", input: "correct horse battery\n")
        let token = try await server.addToken(to: "alice", named: "laptop")
        let password = try await server.curl("GET", "/api/whoami-v2", credentials: "alice:correct horse battery")
        #expect(password.status == 401)
        #expect(try await server.curl("GET", "/api/whoami-v2", credentials: token.credentials).status == 200)
        try await server.stop()
    }
}
