import Foundation
import GranaryTesting
import Testing

/// Tokens, keys, profile and password of one's own, and what a token's holder tries with them.
@Suite("Accounts over REST", .serialized, .sharedServer)
struct AccountsOverREST {
    private var server: GranaryServer { get throws { try SharedServer.running.server } }

    private func call(
        _ method: String,
        _ path: String,
        _ body: [String: any Sendable]? = nil,
        as person: Person?
    ) async throws -> HTTPAnswer {
        try await server.curl.json(method, path, body, token: person?.secret)
    }

    private func list(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        return try #require(value as? [[String: Any]], "\(answer)")
    }

    /// Somebody new, with an admin token.
    private func somebody() async throws -> Person {
        try await server.addPerson(Story.freshName("person"), role: "admin")
    }

    private func make(_ body: [String: any Sendable], by person: Person) async throws -> HTTPAnswer {
        let named = body.merging(["name": Story.freshName("token")]) { given, _ in given }
        return try await call("POST", "/api/settings/tokens", named, as: person)
    }

    private func permission(_ place: String, _ verbs: String...) -> [String: any Sendable] {
        ["place": place, "verbs": verbs]
    }

    // MARK: Tokens

    @Test func aTokenIsShownOnceAndWorksUntilItIsRevoked() async throws {
        let owner = try await somebody()
        let made = try await make(["name": "laptop", "role": "write", "expiresIn": 3_600], by: owner)
        #expect(made.status == 200 && made["cache-control"] == "no-store", "\(made)")
        let secret = try #require(made.json["token"] as? String)
        let id = try #require((made.json["accessToken"] as? [String: Any])?["id"] as? String)
        let bearer = Person(name: owner.name, secret: secret)
        #expect(try await call("GET", "/api/whoami-v2", as: bearer).status == 200)

        let listed = try await call("GET", "/api/settings/tokens", as: owner)
        #expect(!listed.text.contains("gra_"))
        let laptop = try #require(try list(listed).first { $0["name"] as? String == "laptop" })
        #expect(laptop["id"] as? String == id && laptop["expiresAt"] != nil && laptop["lastUsedAt"] != nil)
        #expect(try await make(["name": "laptop", "role": "read"], by: owner).status == 409)

        #expect(try await call("DELETE", "/api/settings/tokens/\(id)", as: owner).status == 200)
        #expect(try await call("GET", "/api/whoami-v2", as: bearer).status == 401)
        #expect(try await call("DELETE", "/api/settings/tokens/\(id)", as: owner).status == 404)
    }

    @Test func noTokenMakesABroaderOne() async throws {
        let owner = try await somebody()
        let fine = ["role": "fineGrained", "managesAccount": true] as [String: any Sendable]
        let own = fine.merging(["permissions": [permission(owner.name, "read", "discussions")]]) { $1 }
        let secret = try #require(try await make(own, by: owner).json["token"] as? String)
        let manager = Person(name: owner.name, secret: secret)

        #expect(try await make(own, by: manager).status == 200)
        let broader: [[String: any Sendable]] = [
            ["role": "admin"], ["role": "read"], ["role": "write", "expiresIn": 60],
            ["role": "fineGrained", "permissions": [permission("*", "read")]],
            ["role": "fineGrained", "permissions": [permission(owner.name, "write")]],
            ["role": "fineGrained", "permissions": [permission("alice", "read")]],
            ["role": "fineGrained", "administersHub": true],
            [
                "role": "fineGrained",
                "permissions": [permission(owner.name, "read"), permission(owner.name, "administer")],
            ],
        ]
        for body in broader { #expect(try await make(body, by: manager).status == 403, "\(body)") }
        for role in ["read", "write"] {
            let plain = try await server.addToken(to: owner.name, named: Story.freshName("plain"), role: role)
            #expect(try await make(["role": "read"], by: plain).status == 403)
            #expect(try await call("GET", "/api/settings/tokens", as: plain).status == 403)
            #expect(try await call("GET", "/api/settings/keys", as: plain).status == 403)
            #expect(try await call("GET", "/api/settings/profile", as: plain).status == 200)
        }
        let password = ["password": "a brand new password"]
        #expect(try await call("PUT", "/api/settings/password", password, as: manager).status == 403)
        let key = try await SSHKey.make()
        let line = try String(contentsOfFile: key.publicPath, encoding: .utf8)
        #expect(try await call("POST", "/api/settings/keys", ["key": line], as: manager).status == 403)
    }

    @Test func nobodySeesOrEndsAnothersTokensAndKeys() async throws {
        let (owner, thief) = try await (somebody(), somebody())
        let tokens = try list(try await call("GET", "/api/settings/tokens", as: owner))
        let id = try #require(tokens.first?["id"] as? String)
        #expect(try await call("DELETE", "/api/settings/tokens/\(id)", as: thief).status == 404)
        let keys = try list(try await call("GET", "/api/settings/keys", as: owner))
        let key = try #require(keys.first?["id"] as? String)
        #expect(try await call("DELETE", "/api/settings/keys/\(key)", as: thief).status == 404)
        #expect(try await call("GET", "/api/whoami-v2", as: owner).status == 200)
        #expect(try list(try await call("GET", "/api/settings/keys", as: owner)).count == 1)
        for path in ["tokens", "keys", "profile"] {
            #expect(try await call("GET", "/api/settings/\(path)", as: nil).status == 401)
        }
    }

    @Test(arguments: [
        ##"{"role":"read"}"##, ##"{"name":"x"}"##, ##"{"name":"x","role":"god"}"##,
        ##"{"name":"x","role":"fineGrained"}"##, ##"{"name":"x","role":"read","managesAccount":true}"##,
        ##"{"name":"x","role":"fineGrained","permissions":[{}]}"##,
        ##"{"name":"x","role":"fineGrained","permissions":[{"place":"*","verbs":[]}]}"##,
        ##"{"name":"x","role":"fineGrained","permissions":[{"place":"*","verbs":["fly"]}]}"##,
        ##"{"name":"x","role":"fineGrained","permissions":[{"place":"a/b/c/d","verbs":["read"]}]}"##,
        ##"{"name":"x","role":"read","expiresIn":0}"##, ##"{"name":"x","role":"read","expiresIn":9e99}"##,
        ##"{"name":"x","role":"read","expiresIn":9223372036854775807}"##, ##"{"name":"\u0007","role":"read"}"##,
        ##"{"name":"\u0000","role":"read"}"##, "[]", "{", "null", "",
    ])
    func nonsenseIsRefusedWithAReason(body: String) async throws {
        let answer = try await server.curl(
            "POST",
            "/api/settings/tokens",
            headers: [try await admin().bearer, "Content-Type: application/json"],
            body: Array(body.utf8)
        )
        #expect(answer.status == 400 && answer["x-error-message"] != nil, "\(body): \(answer)")
    }

    private func admin() async throws -> Person {
        try await server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
    }

    // MARK: Keys

    @Test func aKeyOpensSSHUntilItIsRemoved() async throws {
        let owner = try await somebody()
        let repository = try await server.addRepository("model", owner.name, "own")
        let key = try await SSHKey.make()
        let line = try String(contentsOfFile: key.publicPath, encoding: .utf8)
        let added = try await call("POST", "/api/settings/keys", ["key": line, "title": "laptop"], as: owner)
        #expect(added.status == 200 && added.json["title"] as? String == "laptop", "\(added)")
        #expect(try await call("POST", "/api/settings/keys", ["key": line], as: owner).status == 409)
        let story = Story(
            server: try server,
            owner: Person(name: owner.name, secret: owner.secret, key: key),
            repository: repository
        )
        #expect(try Cast.Outcome(await story.git().attempt("ls-remote", story.url(.standardSSH))) == .works)
        let id = try #require(added.json["id"] as? String)
        #expect(try await call("DELETE", "/api/settings/keys/\(id)", as: owner).status == 200)
        #expect(try Cast.Outcome(await story.git().attempt("ls-remote", story.url(.standardSSH))) == .badCredentials)
        #expect(try await call("POST", "/api/settings/keys", ["key": "ssh-rsa nonsense"], as: owner).status == 400)
    }

    // MARK: Profile and password

    @Test func aProfileChangesAsFarAsItIsGiven() async throws {
        let owner = try await somebody()
        func change(_ body: String) async throws -> HTTPAnswer {
            try await server.curl(
                "PATCH",
                "/api/settings/profile",
                headers: [owner.bearer, "Content-Type: application/json"],
                body: Array(body.utf8)
            )
        }
        let first = try await change(#"{"fullname":"Ada Löv","email":"ada@example.org"}"#)
        #expect(first.json["fullname"] as? String == "Ada Löv", "\(first)")
        #expect(try await change(#"{"email":null}"#).json["fullname"] as? String == "Ada Löv")
        let shown = try await call("GET", "/api/settings/profile", as: owner)
        #expect(shown.json["email"] is NSNull && shown.json["isAdmin"] as? Bool == false)
        #expect(try await call("GET", "/api/whoami-v2", as: owner).json["fullname"] as? String == "Ada Löv")
        for body in [#"{"email":"no"}"#, #"{"fullname":""}"#, #"{"fullname":"a\u001b[2J"}"#, #"{"email":5}"#] {
            #expect(try await change(body).status == 400, "\(body)")
        }
        // What is not one's own to say is not looked at.
        #expect(try await change(#"{"isAdmin":true}"#).json["isAdmin"] as? Bool == false)
    }

    @Test func aPasswordChangesWithTheOldOneAlone() async throws {
        let owner = try await somebody()
        let first = ["password": "correct horse battery"]
        #expect(try await call("PUT", "/api/settings/password", first, as: owner).status == 200)
        let next = "another good password"
        let path = "/api/settings/password"
        #expect(try await call("PUT", path, ["password": next], as: owner).status == 403)
        let wrong = ["password": next, "currentPassword": "wrong"]
        #expect(try await call("PUT", path, wrong, as: owner).status == 403)
        let short = ["password": "short", "currentPassword": "correct horse battery"]
        #expect(try await call("PUT", path, short, as: owner).status == 400)
        let right = ["password": next, "currentPassword": "correct horse battery"]
        #expect(try await call("PUT", path, right, as: owner).status == 200)
        let login = try await server.curl("GET", "/api/whoami-v2", credentials: "\(owner.name):\(next)")
        #expect(login.status == 200)
        let stale = try await server.curl("GET", "/api/whoami-v2", credentials: "\(owner.name):correct horse battery")
        #expect(stale.status == 401)
        // A stolen token finds no password out.
        var statuses: Set<Int> = []
        for number in 0..<15 {
            let guess = ["password": "whatever it is", "currentPassword": "guess number \(number)"]
            statuses.insert(try await call("PUT", path, guess, as: owner).status)
        }
        #expect(statuses == [403, 429])
    }

    @Test func aDisabledAccountManagesNothing() async throws {
        let owner = try await somebody()
        try await server.granary("user", "disable", owner.name)
        for path in ["tokens", "keys", "profile"] {
            #expect(try await call("GET", "/api/settings/\(path)", as: owner).status == 401)
        }
        #expect(try await make(["role": "read"], by: owner).status == 401)
    }
}
