import Foundation
import GranaryTesting
import Testing

/// Everything that the command line administers, from afar; and that nobody else gets in.
@Suite("Administration over REST", .serialized, .sharedServer)
struct AdministrationOverREST {
    private var server: GranaryServer { get throws { try SharedServer.running.server } }

    private func call(
        _ method: String,
        _ path: String,
        _ body: [String: any Sendable]? = nil,
        as person: Person?
    ) async throws -> HTTPAnswer {
        try await server.curl.json(method, "/api/admin\(path)", body, token: person?.secret)
    }

    private func list(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        return try #require(value as? [[String: Any]], "\(answer)")
    }

    /// An administrator of the hub, with an admin token.
    private func admin() async throws -> Person {
        try await server.addPerson(Story.freshName("root"), role: "admin", admin: true)
    }

    /// The audit log's last lines.
    private func audit(_ admin: Person, _ count: Int = 1) async throws -> [[String: Any]] {
        try list(try await call("GET", "/audit?limit=\(count)", as: admin))
    }

    // MARK: Who gets in

    @Test func everyRouteIsForAdministratorsAlone() async throws {
        let document = try await server.curl("GET", "/api/openapi.json").json
        let paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        let routes = paths.filter { $0.key.hasPrefix("/api/admin/") }
        #expect(routes.count > 25)
        let repository = try await Story.begin().repository
        let owner = try await server.addToken(to: "alice", named: Story.freshName("owner"), role: "admin")
        let root = try await admin()
        let narrow = try await [
            server.addToken(to: root.name, named: "read", role: "read"),
            server.addToken(to: root.name, named: "write", role: "write"),
            server.addToken(to: root.name, named: "bound", role: "admin", "--namespace", "alice"),
        ]
        let fine = try await server.run([
            "token", "add", root.name, "--name", "fine", "--allow", "*=administer,discussions", "--manage-account",
        ]).required().output
        let refused = [owner] + narrow + [Person(name: root.name, secret: fine)]
        for (template, methods) in routes {
            let path = template.replacingOccurrences(of: "{repoType}", with: "models")
                .replacingOccurrences(of: "{namespace}", with: "alice")
                .replacingOccurrences(of: "{name}", with: repository.name)
                .replacingOccurrences(of: "{oid}", with: String(repeating: "ab", count: 32))
                .replacing(/\{[a-z]+\}/, with: "alice")
                .replacingOccurrences(of: "/api/admin", with: "")
            for (method, operation) in methods {
                #expect(operation["x-need"] as? String == "administerHub", "\(method) \(template)")
                #expect(operation["tags"] as? [String] == ["administration"])
                let verb = method.uppercased()
                #expect(try await call(verb, path, [:], as: nil).status == 401, "\(verb) \(path)")
                for person in refused {
                    let answer = try await call(verb, path, [:], as: person)
                    #expect(answer.status == 403, "\(verb) \(path) as \(person.name): \(answer)")
                }
            }
        }
    }

    @Test func aTokenForTheHubAloneAdministersIt() async throws {
        let root = try await admin()
        func fine(_ flags: String...) async throws -> Person {
            let arguments = ["token", "add", root.name, "--name", Story.freshName("fine")] + flags
            return Person(name: root.name, secret: try await server.run(arguments).required().output)
        }
        let hub = try await fine("--administer-hub")
        #expect(try await call("GET", "/users", as: hub).status == 200)
        let repository = try await Story.begin().repository
        let path = "/repositories/models/alice/\(repository.name)"
        #expect(try await call("GET", path, as: hub).status == 404)
        let both = try await fine("--administer-hub", "--allow", "*=administer")
        #expect(try await call("GET", path, as: both).status == 200)
        // Disabled, it is nobody's any more.
        try await server.granary("user", "disable", root.name)
        #expect(try await call("GET", "/users", as: hub).status == 401)
    }

    @Test func formsOfOtherSitesDoNothing() async throws {
        let root = try await admin()
        for path in ["/lfs/collections", "/lfs/collections/undo", "/lfs/collections/preview", "/lfs/fsck"] {
            for type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
                let answer = try await server.curl(
                    "POST",
                    "/api/admin\(path)",
                    headers: [root.basic, "Content-Type: \(type)"],
                    body: Array("{}".utf8)
                )
                #expect(answer.status == 415, "\(path) \(type): \(answer)")
            }
        }
    }

    // MARK: People

    @Test func usersAreMadeChangedAndListed() async throws {
        let root = try await admin()
        let name = Story.freshName("user")
        let new: [String: any Sendable] = ["name": name, "email": "a@example.org", "password": "a good password"]
        let made = try await call("POST", "/users", new, as: root)
        #expect(made.status == 200 && made.json["hasPassword"] as? Bool == true, "\(made)")
        #expect(try await call("POST", "/users", new, as: root).status == 409)
        #expect(try await call("POST", "/users", ["name": "a b"], as: root).status == 400)
        #expect(try await audit(root).first?["action"] as? String == "user.created")
        #expect(try await audit(root).first?["actor"] as? String == root.name)

        let login = "\(name):a good password"
        #expect(try await server.curl("GET", "/api/whoami-v2", credentials: login).status == 200)
        let changed = try await call("PATCH", "/users/\(name)", ["isDisabled": true, "fullname": "A B"], as: root)
        #expect(changed.json["isDisabled"] as? Bool == true && changed.json["fullname"] as? String == "A B")
        #expect(try await server.curl("GET", "/api/whoami-v2", credentials: login).status == 401)
        #expect(try await call("PATCH", "/users/\(name)", ["isDisabled": false], as: root).status == 200)
        // All or nothing: the address is wrong, so the account is not disabled either.
        let half: [String: any Sendable] = ["isDisabled": true, "email": "no"]
        #expect(try await call("PATCH", "/users/\(name)", half, as: root).status == 400)
        #expect(try await call("GET", "/users/\(name)", as: root).json["isDisabled"] as? Bool == false)
        #expect(try await call("PUT", "/users/\(name)/password", ["password": "x"], as: root).status == 400)
        let password = ["password": "another good password"]
        #expect(try await call("PUT", "/users/\(name)/password", password, as: root).status == 200)
        #expect(try await server.curl("GET", "/api/whoami-v2", credentials: login).status == 401)
        for path in ["/users/nobody", "/users/nobody/tokens", "/users/nobody/keys"] {
            #expect(try await call("GET", path, as: root).status == 404, "\(path)")
        }
    }

    @Test func theLastAdministratorStays() async throws {
        let story = try await Story.alone()
        let name = "admin"
        let root = try await story.server.addToken(to: name, named: "root", role: "admin")
        func change(_ body: [String: any Sendable]) async throws -> Int {
            let path = "/api/admin/users/\(name)"
            return try await story.server.curl.json("PATCH", path, body, token: root.secret).status
        }
        #expect(try await change(["isAdmin": false]) == 409)
        #expect(try await change(["isDisabled": true]) == 409)
        #expect(try await change(["isAdmin": true]) == 200)
        _ = try await story.server.stop()
    }

    @Test func listsArePagedToTheirEnd() async throws {
        let root = try await admin()
        for _ in 0..<5 { try await server.granary("user", "add", Story.freshName("paged")) }
        for (path, key) in [
            ("/users", "name"), ("/tokens", "id"), ("/keys", "id"), ("/audit", "id"), ("/repositories", "id"),
        ] {
            let whole = try list(try await call("GET", "\(path)?limit=1000", as: root)).compactMap {
                $0[key] as? String
            }
            var (paged, next): ([String], String?) = ([], "\(path)?limit=2")
            while let current = next, paged.count < 3_000 {
                let page = try await call("GET", current, as: root)
                paged += try list(page).compactMap { $0[key] as? String }
                next = page["link"].flatMap { link in
                    let url = link.dropFirst().prefix { $0 != ">" }
                    return url.range(of: "/api/admin").map { String(url[$0.upperBound...]) }
                }
            }
            // The walk itself is in no list, but for the last use of a token.
            #expect(paged == whole && Set(paged).count == paged.count, "\(path)")
            #expect(try await call("GET", "\(path)?limit=0", as: root).status == 400)
        }
        #expect(try await call("GET", "/tokens?cursor=x", as: root).status == 400)
        #expect(try await call("GET", "/users?cursor=%00", as: root).status == 400)
    }

    @Test func tokensOfOthersAreSeenAndEndedButNotMade() async throws {
        let root = try await admin()
        let person = try await server.addPerson(Story.freshName("person"))
        let answer = try await call("GET", "/users/\(person.name)/tokens", as: root)
        #expect(!answer.text.contains("gra_"))
        let id = try #require(try list(answer).first?["id"] as? String)
        #expect(try await call("POST", "/users/\(person.name)/tokens", ["name": "x"], as: root).status == 405)
        #expect(try await call("POST", "/users/\(person.name)/keys", ["key": "x"], as: root).status == 405)
        // Of that user alone.
        #expect(try await call("DELETE", "/users/alice/tokens/\(id)", as: root).status == 404)
        #expect(try await call("DELETE", "/users/\(person.name)/tokens/\(id)", as: root).status == 200)
        #expect(try await server.curl("GET", "/api/whoami-v2", headers: [person.bearer]).status == 401)
        let keys = try list(try await call("GET", "/users/\(person.name)/keys", as: root))
        let key = try #require(keys.first?["id"] as? String)
        #expect(try await call("DELETE", "/keys/\(key)", as: root).status == 200)
        #expect(try await call("DELETE", "/keys/\(key)", as: root).status == 404)
    }

    @Test func organisationsHaveMembers() async throws {
        let root = try await admin()
        let (name, person) = (Story.freshName("org"), try await server.addPerson(Story.freshName("person")))
        #expect(try await call("POST", "/organizations", ["name": name], as: root).status == 200)
        let path = "/organizations/\(name)/members"
        #expect(try await call("PUT", "\(path)/\(person.name)", ["role": "write"], as: root).status == 200)
        let members = try list(try await call("GET", path, as: root))
        #expect(Set(members.compactMap { $0["user"] as? String }) == [root.name, person.name])
        let create = ["name": "shared", "organization": name]
        #expect(try await server.curl.json("POST", "/api/repos/create", create, token: person.secret).status == 200)
        #expect(try await call("DELETE", "\(path)/\(person.name)", as: root).status == 200)
        #expect(try list(try await call("GET", path, as: root)).count == 1)
        #expect(try await call("PUT", "\(path)/\(person.name)", ["role": "god"], as: root).status == 400)
        #expect(try await call("PUT", "\(path)/nobody", ["role": "read"], as: root).status == 404)
        #expect(try await call("GET", "/organizations/alice/members", as: root).status == 404)
    }

    // MARK: Repositories

    @Test func repositoriesAreClosedOpenedMovedAndDeleted() async throws {
        let root = try await admin()
        let story = try await Story.begin(isPrivate: false)
        let path = "/repositories/models/alice/\(story.repository.name)"
        let closed = try await call("PATCH", path, ["disabled": true, "visibility": "public"], as: root)
        #expect(closed.json["disabled"] as? Bool == true, "\(closed)")
        let info = "/api/models/alice/\(story.repository.name)"
        let refused = try await server.curl("GET", info, headers: [story.owner.bearer])
        #expect(refused.status == 403 && refused["x-error-message"] == "Access to this resource is disabled.")
        #expect(try await call("PATCH", path, ["disabled": false], as: root).status == 200)
        #expect(try await server.curl("GET", info).status == 200)
        #expect(try await audit(root).first?["action"] as? String == "repository.enabled")

        let rules: [String: any Sendable] = ["denyDeletes": true, "defaultBranch": "trunk", "lfsPointers": "warn"]
        let changed = try await call("PATCH", path, rules, as: root).json
        #expect(changed["denyDeletes"] as? Bool == true && changed["denyNonFastForward"] as? Bool == false)
        #expect(changed["defaultBranch"] as? String == "trunk" && changed["lfsPointers"] as? String == "warn")
        for body in [["visibility": "secret"], ["defaultBranch": "refs/tags/x"], ["gate": "ajar"]] {
            #expect(try await call("PATCH", path, body, as: root).status == 400, "\(body)")
        }
        #expect(try await call("POST", path + "/fsck", [:], as: root).json["problems"] as? [String] == [])

        let other = Story.freshName("moved")
        #expect(try await call("POST", path + "/move", ["to": "alice/\(other)"], as: root).status == 200)
        let followed = try await call("GET", path, as: root)
        #expect(followed.status == 307 && followed["location"]?.hasSuffix("/alice/\(other)") == true, "\(followed)")
        #expect(try await call("DELETE", "/repositories/models/alice/\(other)", as: root).status == 200)
        #expect(try await call("GET", "/repositories/models/alice/\(other)", as: root).status == 404)
        let missing = try await call("GET", "/repositories/models/alice/never", as: root)
        #expect(missing.status == 404 && missing["x-error-code"] == "RepoNotFound")
    }

    @Test func grantsProtectionsAndDeployKeysComeAndGo() async throws {
        let root = try await admin()
        let story = try await Story.begin()
        let person = try await server.addPerson(Story.freshName("person"))
        let path = "/repositories/models/alice/\(story.repository.name)"
        #expect(try await call("PUT", "\(path)/grants/\(person.name)", ["role": "read"], as: root).status == 200)
        #expect(try await Cast.Outcome(story.git(as: person).attempt("ls-remote", story.url())) == .works)
        #expect(try list(try await call("GET", "\(path)/grants", as: root)).count == 1)
        #expect(try await call("DELETE", "\(path)/grants/\(person.name)", as: root).status == 200)
        #expect(try await Cast.Outcome(story.git(as: person).attempt("ls-remote", story.url())) == .notFound)

        let rule: [String: any Sendable] = ["pattern": "release/*", "push": "admin"]
        #expect(try await call("PUT", "\(path)/protected-refs", rule, as: root).status == 200)
        let protections = try list(try await call("GET", "\(path)/protected-refs", as: root))
        #expect(protections.first?["pattern"] as? String == "refs/heads/release/*")
        let query = "?pattern=release%2F*"
        #expect(try await call("DELETE", "\(path)/protected-refs\(query)", as: root).status == 200)
        #expect(try await call("DELETE", "\(path)/protected-refs\(query)", as: root).status == 404)

        let key = try await SSHKey.make()
        let line = try String(contentsOfFile: key.publicPath, encoding: .utf8)
        let added = try await call("POST", "\(path)/keys", ["key": line, "role": "read"], as: root)
        #expect(added.status == 200 && added.json["role"] as? String == "read", "\(added)")
        let id = try #require(added.json["id"] as? String)
        let bearer = Person(name: "deploy", secret: "", key: key)
        let ssh = try await story.git(as: bearer).attempt("ls-remote", story.url(.standardSSH))
        #expect(ssh.succeeded, "\(ssh)")
        let wrong = ["key": line, "role": "admin"]
        #expect(try await call("POST", "\(path)/keys", wrong, as: root).status == 400)
        let elsewhere = "/repositories/datasets/alice/\(story.repository.name)/keys/\(id)"
        #expect(try await call("DELETE", elsewhere, as: root).status == 404)
        #expect(try await call("DELETE", "\(path)/keys/\(id)", as: root).status == 200)
        #expect(try list(try await call("GET", "\(path)/keys", as: root)).isEmpty)
    }

    // MARK: Large files

    @Test func quotasBindAndCollectionsRun() async throws {
        let root = try await admin()
        let story = try await Story.begin()
        let path = "/repositories/models/alice/\(story.repository.name)/lfs"
        let bounded = try await call("PUT", path, ["quota": 10], as: root)
        #expect(bounded.json["quota"] as? Int == 10 && bounded.json["bytes"] as? Int == 0, "\(bounded)")
        let oid = String(repeating: "ab", count: 32)
        let batch = try await server.curl(
            "POST",
            story.repository.path + ".git/info/lfs/objects/batch",
            headers: ["Content-Type: application/vnd.git-lfs+json", story.owner.basic],
            body: Array(#"{"operation":"upload","objects":[{"oid":"\#(oid)","size":50}]}"#.utf8)
        )
        #expect(batch.text.contains("507") || batch.text.contains("quota"), "\(batch)")
        let lifted = try await server.curl(
            "PUT",
            "/api/admin\(path)",
            headers: [root.bearer, "Content-Type: application/json"],
            body: Array(#"{"quota":null}"#.utf8)
        )
        #expect(lifted.status == 200 && lifted.json["quota"] is NSNull, "\(lifted)")
        #expect(try await call("PUT", path, ["quota": -1], as: root).status == 400)
        #expect(try await call("PUT", path, [:], as: root).status == 400)
        #expect(try await call("PUT", "/namespaces/alice/lfs", ["quota": 1 << 40], as: root).status == 200)
        #expect(try await call("GET", "/lfs?stored=true", as: root).json["stored"] is [String: Any])

        let asked = try await call("POST", "/lfs/collections", ["graceSeconds": 86_400], as: root)
        #expect(asked.status == 202 && asked.json["graceSeconds"] as? Int == 86_400, "\(asked)")
        let done = try await eventually(within: .seconds(20)) {
            try await audit(root, 20).contains { $0["action"] as? String == "hub.lfs.collected" }
        }
        #expect(done)
        #expect(try await audit(root, 20).contains { $0["action"] as? String == "hub.lfs.collection.asked" })
        #expect(try await call("POST", "/lfs/collections", ["graceSeconds": -1], as: root).status == 400)
        #expect(try await call("POST", "/lfs/collections/preview", [:], as: root).json["rows"] is [String: Any])
        #expect(try await call("POST", "/lfs/collections/undo", [:], as: root).status == 200)
        #expect(try await call("POST", "/lfs/fsck", [:], as: root).json["problems"] as? Int == 0)
        #expect(try await call("DELETE", "/lfs/objects/\(oid)", as: root).status == 404)
        #expect(try await call("DELETE", "/lfs/objects/x", as: root).status == 400)
        let jobs = try list(try await call("GET", "/jobs", as: root))
        #expect(jobs.contains { $0["kind"] as? String == "lfs.collection" && $0["payload"] == nil })
        #expect(try list(try await call("GET", "/jobs?failed=true", as: root)).isEmpty)
    }
}
