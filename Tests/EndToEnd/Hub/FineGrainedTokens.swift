import Foundation
import GranaryTesting
import Testing

/// One fine-grained token over every door: git, large files, the API; and what its holder tries with it.
@Suite("Fine-grained tokens", .serialized, .sharedServer)
struct FineGrainedTokens {
    private func token(_ story: Story, _ flags: String...) async throws -> Person {
        let arguments = ["token", "add", "alice", "--name", Story.freshName("fine")] + flags
        return Person(name: "alice", secret: try await story.server.run(arguments).required().output)
    }

    private func api(_ story: Story, _ path: String = "") -> String {
        "/api/models/alice/\(story.repository.name)\(path)"
    }

    private func call(
        _ method: String,
        _ path: String,
        _ body: [String: any Sendable]? = nil,
        as person: Person
    ) async throws -> HTTPAnswer {
        try await SharedServer.running.server.curl.json(method, path, body, token: person.secret)
    }

    private func outcome(_ story: Story, _ person: Person, push: Bool = false) async throws -> Cast.Outcome {
        let git = try story.git(as: person)
        guard push else { return try Cast.Outcome(await git.attempt("ls-remote", story.url())) }
        let work = try await git.newRepository("work")
        try await work.commit("first", ["a": "1\n"])
        return try Cast.Outcome(await work.attempt("push", story.url(), "main:refs/heads/\(Story.freshName("by"))"))
    }

    private func batch(_ story: Story, _ operation: String, _ person: Person) async throws -> HTTPAnswer {
        let oid = String(repeating: "ab", count: 32)
        return try await story.server.curl(
            "POST",
            story.repository.path + ".git/info/lfs/objects/batch",
            headers: [
                "Content-Type: application/vnd.git-lfs+json", "Accept: application/vnd.git-lfs+json", person.basic,
            ],
            body: Array(#"{"operation":"\#(operation)","objects":[{"oid":"\#(oid)","size":5}]}"#.utf8)
        )
    }

    @Test func readsWhereItSaysOverEveryDoor() async throws {
        let (story, other) = try await (Story.begin(initialize: true), Story.begin(initialize: true))
        let reader = try await token(story, "--allow", "\(story.repository.address)=read")
        #expect(try await outcome(story, reader) == .works)
        #expect(try await outcome(story, reader, push: true) == .forbidden)
        #expect(try await batch(story, "download", reader).status == 200)
        #expect(try await batch(story, "upload", reader).status == 403)
        #expect(try await call("GET", api(story), as: reader).status == 200)
        #expect(try await call("GET", api(story, "/tree/main"), as: reader).status == 200)
        let resolved = "/alice/\(story.repository.name)/resolve/main/.gitattributes"
        #expect(try await call("GET", resolved, as: reader).status == 200)

        #expect(try await outcome(other, reader) == .notFound)
        #expect(try await outcome(other, reader, push: true) == .notFound)
        for operation in ["download", "upload"] {
            #expect(try await batch(other, operation, reader).status == 404)
        }
        for path in ["", "/tree/main", "/refs", "/commits/main"] {
            let answer = try await call("GET", api(other, path), as: reader)
            #expect(answer.status == 404 && answer["x-error-code"] == "RepoNotFound", "\(path): \(answer)")
        }
    }

    @Test func discussesWithoutReadingFiles() async throws {
        let story = try await Story.begin(initialize: true)
        let talker = try await token(story, "--allow", "\(story.repository.address)=discussions")
        #expect(try await call("GET", api(story, "/tree/main"), as: talker).status == 403)
        #expect(try await outcome(story, talker) == .forbidden)
        #expect(try await batch(story, "download", talker).status == 403)
    }

    @Test func cannotCarryRepositoriesAway() async throws {
        let story = try await Story.begin(initialize: true)
        let organization = Story.freshName("org")
        try await story.server.granary("org", "add", organization)
        try await story.server.granary("org", "member", organization, "alice", "admin")
        let writer = try await token(story, "--allow", "\(story.repository.address)=write")
        let owner = try await token(story, "--allow", "\(story.repository.address)=administer")
        let (from, away) = ("alice/\(story.repository.name)", "\(organization)/stolen")
        for person in [writer, owner] {
            let answer = try await call("POST", "/api/repos/move", ["fromRepo": from, "toRepo": away], as: person)
            #expect(answer.status == 403, "\(answer)")
            let create = try await call("POST", "/api/repos/create", ["name": Story.freshName("new")], as: person)
            #expect(create.status == 403, "\(create)")
        }
        let delete = ["name": story.repository.name]
        #expect(try await call("DELETE", "/api/repos/delete", delete, as: writer).status == 403)
        #expect(try await call("DELETE", "/api/repos/delete", delete, as: owner).status == 200)
        // With its only repository gone the token is not one for everything.
        #expect(try await call("POST", "/api/repos/create", ["name": Story.freshName("new")], as: owner).status == 403)
        #expect(try await call("GET", "/api/whoami-v2", as: owner).status == 200)
    }

    @Test func whoAmITellsItAsHuggingFaceDoes() async throws {
        let story = try await Story.begin()
        let person = try await token(
            story,
            "--allow",
            "\(story.repository.address)=write,discussions",
            "--allow",
            "*=read",
            "--manage-account"
        )
        let answer = try await call("GET", "/api/whoami-v2", as: person)
        let auth = try #require((answer.json["auth"] as? [String: Any])?["accessToken"] as? [String: Any])
        #expect(auth["role"] as? String == "fineGrained")
        let fine = try #require(auth["fineGrained"] as? [String: Any])
        #expect(fine["global"] as? [String] == ["repo.content.read", "account.manage"])
        let scoped = try #require((fine["scoped"] as? [[String: Any]])?.first)
        #expect(scoped["permissions"] as? [String] == ["repo.content.read", "repo.write", "discussion.write"])
        #expect((scoped["entity"] as? [String: String]) == ["type": "model", "name": "alice/\(story.repository.name)"])
    }

    @Test func theCommandLineSaysWhatCannotBe() async throws {
        let story = try await Story.begin()
        for flags in [
            ["--role", "read", "--allow", "alice=read"], [], ["--allow", "alice"], ["--allow", "alice=fly"],
            ["--allow", "alice="], ["--allow", "alice=read", "--namespace", "alice"], ["--allow", "a/b/c/d=read"],
        ] {
            let result = try await story.server.run(["token", "add", "alice", "--name", "impossible"] + flags)
            #expect(!result.succeeded && result.output.isEmpty, "\(flags): \(result)")
        }
        let listed = try await story.server.granary("token", "list", "alice")
        #expect(!listed.contains("impossible"))
    }
}
