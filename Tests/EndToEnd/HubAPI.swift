import Foundation
import GranaryTesting
import Testing

@Suite("The hub's REST API", .serialized, .sharedServer)
struct HubAPI {
    @Test(arguments: ["", "/hf"])
    func whoami(prefix: String) async throws {
        let shared = try SharedServer.running
        let organization = Story.freshName("org")
        try await shared.server.granary("org", "add", organization)
        try await shared.server.granary("org", "member", organization, "alice", "write")
        for headers in [[shared.alice.bearer], [shared.alice.basic]] {
            let answer = try await shared.server.curl("GET", prefix + "/api/whoami-v2", headers: headers)
            #expect(answer.status == 200 && answer["content-type"]?.hasPrefix("application/json") == true, "\(answer)")
            #expect(answer.json["type"] as? String == "user")
            #expect(answer.json["name"] as? String == "alice")
            #expect(answer.json["id"] is String && answer.json["fullname"] is String)
            let names = (answer.json["orgs"] as? [[String: Any]])?.compactMap { $0["name"] as? String }
            #expect(names?.contains(organization) == true, "\(answer)")
            let token = (answer.json["auth"] as? [String: Any])?["accessToken"] as? [String: Any]
            #expect(token?["displayName"] as? String == "tests" && token?["role"] as? String == "write", "\(answer)")
            #expect((token?["createdAt"] as? String)?.hasSuffix("Z") == true)
        }
    }

    @Test func whoamiNeedsAToken() async throws {
        let server = try SharedServer.running.server
        let none = try await server.curl("GET", "/api/whoami-v2")
        #expect(none.status == 401)
        let wrong = try await server.curl(
            "GET",
            "/api/whoami-v2",
            headers: ["Authorization: Bearer gra_" + String(repeating: "B", count: 43)]
        )
        #expect(wrong.status == 401)
        #expect(wrong["x-error-message"] == "Invalid credentials in Authorization header")
        #expect(wrong.json["error"] is String)
        let foreign = try await server.curl("GET", "/api/whoami-v2", headers: ["Authorization: Bearer hf_abc"])
        #expect(foreign.status == 401 && foreign["x-error-message"] == "Invalid credentials in Authorization header")
    }

    @Test(arguments: ["model", "dataset", "space"])
    func createDeleteAndCloneBetween(type: String) async throws {
        let shared = try SharedServer.running
        let name = Story.freshName("api")
        var body: [String: any Sendable] = ["name": name, "type": type, "private": true]
        if type == "space" { body["sdk"] = "static" }
        let created = try await shared.server.curl.json("POST", "/api/repos/create", body, token: shared.alice.secret)
        #expect(created.status == 200, "\(created)")
        #expect(created.json["name"] as? String == "alice/\(name)")
        let url = try #require(created.json["url"] as? String)
        #expect(url.hasPrefix(shared.server.base) && url.hasSuffix("alice/\(name)"))
        #expect(created.json["id"] is String)
        let git = try GitClient(person: shared.alice, base: shared.server.base, protocolVersion: 2)
        let clone = try await git.clone(url, "clone")
        #expect(try await clone.count() == 1)
        #expect(clone.exists(".gitattributes"))
        #expect(clone.exists("README.md") == (type == "space"))

        let again = try await shared.server.curl.json("POST", "/api/repos/create", body, token: shared.alice.secret)
        #expect(again.status == 409 && again.json["url"] as? String == url, "\(again)")
        let other = type == "model" ? "dataset" : "model"
        let wrongType = try await shared.server.curl.json(
            "DELETE",
            "/api/repos/delete",
            ["name": name, "type": other],
            token: shared.alice.secret
        )
        #expect(wrongType.status == 404 && wrongType["x-error-code"] == "RepoNotFound", "\(wrongType)")
        let deleted = try await shared.server.curl.json(
            "DELETE",
            "/api/repos/delete",
            ["name": name, "organization": "alice", "type": type],
            token: shared.alice.secret
        )
        #expect(deleted.status == 200, "\(deleted)")
        #expect(try await git.attempt("ls-remote", url).errorText.contains("not found"))
    }

    @Test func visibilityInBothSpellings() async throws {
        let shared = try SharedServer.running
        for (key, value, isPrivate) in [
            ("visibility", "private" as any Sendable, true), ("visibility", "public", false), ("private", true, true),
            ("private", false, false),
        ] {
            let name = Story.freshName("api")
            let body: [String: any Sendable] = ["name": name, "organization": "alice", key: value]
            let created = try await shared.server.curl.json(
                "POST",
                "/api/repos/create",
                body,
                token: shared.alice.secret
            )
            #expect(created.status == 200, "\(created)")
            let seen = try await shared.server.curl("GET", "/alice/\(name)/info/refs?service=git-upload-pack")
            #expect(seen.status == (isPrivate ? 401 : 200), "\(key)")
        }
    }

    @Test func creatingNeedsTheRight() async throws {
        let shared = try SharedServer.running
        let bob = try await shared.server.addPerson(Story.freshName("person"))
        let foreign = try await shared.server.curl.json(
            "POST",
            "/api/repos/create",
            ["name": "x", "organization": "alice"],
            token: bob.secret
        )
        #expect(foreign.status == 403, "\(foreign)")
        let nobody = try await shared.server.curl.json("POST", "/api/repos/create", ["name": "x"], token: nil)
        #expect(nobody.status == 401, "\(nobody)")
        let reader = try await shared.server.addToken(to: "alice", named: Story.freshName("read"), role: "read")
        let scoped = try await shared.server.curl.json("POST", "/api/repos/create", ["name": "x"], token: reader.secret)
        #expect(scoped.status == 403, "\(scoped)")
        for body in [
            "", "[]", "{", "{\"name\": 5}", "{}", "{\"name\":\"x\",\"type\":\"boat\"}",
            String(repeating: "[", count: 100_000),
        ] {
            let answer = try await shared.server.curl(
                "POST",
                "/api/repos/create",
                headers: [shared.alice.bearer, "Content-Type: application/json"],
                body: Array(body.utf8)
            )
            #expect(answer.status == 400, "\(body.prefix(40)): \(answer)")
            #expect(answer.json["error"] is String)
        }
        let space = try await shared.server.curl.json(
            "POST",
            "/api/repos/create",
            ["name": Story.freshName("space"), "type": "space"],
            token: shared.alice.secret
        )
        #expect(space.status == 400, "\(space)")
    }

    @Test func move() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let server = story.server
        let token = try await server.addToken(to: "alice", named: Story.freshName("mover"), role: "write").secret
        let target = Story.freshName("moved")
        func move(_ from: String, _ to: String, _ token: String?) async throws -> HTTPAnswer {
            try await server.curl.json(
                "POST",
                "/api/repos/move",
                ["fromRepo": from, "toRepo": to, "type": "model"],
                token: token
            )
        }
        let occupied = try await server.addRepository("model", "alice", Story.freshName())
        #expect(try await move("alice/\(story.repository.name)", "alice/\(occupied.name)", token).status == 409)
        let bob = try await server.addPerson(Story.freshName("person"))
        #expect(try await move("alice/\(story.repository.name)", "\(bob.name)/x", token).status == 403)
        let moved = try await move("alice/\(story.repository.name)", "alice/\(target)", token)
        #expect(moved.status == 200, "\(moved)")
        #expect(try await work.remoteRefs("\(server.base)/alice/\(target)")["HEAD"] == work.id("main"))
        let old = work.with("http.extraHeader=\(story.owner.basic)")
        #expect(try await old.remoteRefs(story.url())["HEAD"] == work.id("main"), "the old name redirects")
        #expect(try await move("alice/not-there", "alice/y", token).status == 404)
    }

    @Test func errorsHaveTheirHeaders() async throws {
        let shared = try SharedServer.running
        let missing = try await shared.server.curl.json(
            "DELETE",
            "/api/repos/delete",
            ["name": "not-there", "type": "model"],
            token: shared.alice.secret
        )
        #expect(missing.status == 404 && missing["x-error-code"] == "RepoNotFound")
        #expect(missing["x-error-message"] == missing.json["error"] as? String)
        #expect(missing["x-request-id"] != nil)
        let unknown = try await shared.server.curl("GET", "/api/nothing", headers: [shared.alice.bearer])
        #expect(unknown.status == 404 && unknown.json["error"] is String, "\(unknown)")
        let method = try await shared.server.curl("GET", "/api/repos/create", headers: [shared.alice.bearer])
        #expect(method.status == 405 && method["allow"]?.contains("POST") == true, "\(method)")
    }
}
