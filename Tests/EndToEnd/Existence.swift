import GranaryTesting
import Testing

@Suite("What may not be seen does not exist", .serialized, .sharedServer)
struct Existence {
    /// Everything of an answer that a client could compare.
    private struct Appearance: Equatable, CustomStringConvertible {
        let status: Int
        let headers: [String]
        let body: String

        init(_ answer: HTTPAnswer, hiding names: [String]) {
            status = answer.status
            // What is left of a client's requests is one less with each.
            let varying: Set = ["date", "x-request-id", "ratelimit"]
            headers = answer.headers.filter { !varying.contains($0.name) }.map { "\($0.name): \($0.value)" }
            body = names.reduce(answer.text) { $0.replacing($1, with: "NAME") }
        }

        var description: String { "\(status) \(headers) \(body)" }
    }

    /// Requests that name a repository; `PATH` is replaced.
    private static let requests: [(method: String, path: String, type: String?)] = [
        ("GET", "PATH/info/refs?service=git-upload-pack", nil),
        ("GET", "PATH.git/info/refs?service=git-upload-pack", nil),
        ("GET", "PATH/info/refs?service=git-receive-pack", nil), ("GET", "PATH/info/refs", nil),
        ("GET", "PATH/HEAD", nil),
        ("GET", "PATH/objects/info/packs", nil),
        ("POST", "PATH/git-upload-pack", "application/x-git-upload-pack-request"),
        ("POST", "PATH.git/git-receive-pack", "application/x-git-receive-pack-request"),
        ("POST", "PATH/git-upload-pack", "text/plain"), ("PUT", "PATH/git-upload-pack", nil),
        ("GET", "PATH/nonsense", nil),
    ]

    @Test(arguments: requests.indices, ["nobody", "stranger", "wrong token"])
    func missingAndInvisibleRepositoriesLookTheSame(index: Int, name: String) async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let role = try await Cast.assemble(story, only: name)
        let request = Self.requests[index]
        var looks: [Appearance] = []
        let missing = Story.freshName("none")
        for path in [story.repository.path, "/alice/\(missing)", "/no-such-namespace/\(missing)"] {
            let answer = try await story.server.curl(
                request.method,
                request.path.replacing("PATH", with: path),
                headers: (role.person.map { [$0.basic] } ?? []) + (request.type.map { ["Content-Type: \($0)"] } ?? []),
                body: request.type == nil ? nil : Array("0000".utf8)
            )
            looks.append(Appearance(answer, hiding: [story.repository.name, missing, "no-such-namespace", "alice"]))
        }
        #expect(looks[0] == looks[1])
        #expect(looks[1] == looks[2])
        #expect(looks[0].status != 200)
    }

    @Test func theAPIDoesNotTellEither() async throws {
        let story = try await Story.begin()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        for token in [bob.secret, nil] {
            var looks: [Appearance] = []
            let missing = Story.freshName("none")
            for name in [story.repository.name, missing] {
                let delete = try await story.server.curl.json(
                    "DELETE",
                    "/api/repos/delete",
                    ["name": name, "organization": "alice", "type": "model"],
                    token: token
                )
                let move = try await story.server.curl.json(
                    "POST",
                    "/api/repos/move",
                    ["fromRepo": "alice/\(name)", "toRepo": "\(bob.name)/stolen", "type": "model"],
                    token: token
                )
                for answer in [delete, move] {
                    looks.append(Appearance(answer, hiding: [story.repository.name, missing]))
                }
            }
            #expect(looks[0] == looks[2])
            #expect(looks[1] == looks[3])
            #expect(looks.allSatisfy { $0.status == (token == nil ? 401 : 404) }, "\(looks)")
        }
        #expect(try await story.server.run(["repo", "show", story.repository.address]).succeeded)
    }

    @Test func challengeIsTheSameForAllNames() async throws {
        let server = try SharedServer.running.server
        let answer = try await server.curl("GET", "/alice/whatever/info/refs?service=git-upload-pack")
        #expect(answer.status == 401)
        #expect(answer["www-authenticate"]?.hasPrefix("Basic realm=") == true)
    }
}
