import Foundation
import GranaryTesting
import Testing

@Suite("The administrator's commands", .serialized, .sharedServer)
struct AdministratorsCommands {
    private func run(_ arguments: String..., input: String = "") async throws -> CommandResult {
        try await SharedServer.running.server.run(arguments, input: input)
    }

    private func list(_ arguments: String...) async throws -> [[String: Any]] {
        let result = try await SharedServer.running.server.run(arguments + ["--json"]).required()
        return try #require(try JSONSerialization.jsonObject(with: Data(result.standardOutput)) as? [[String: Any]])
    }

    @Test func usersAreListedDisabledAndEnabled() async throws {
        let name = Story.freshName("user")
        #expect(try await run("user", "add", name, "--email", "user@example.com").succeeded)
        #expect(try await run("user", "add", name).status == 4)
        #expect(try await run("user", "add", name.uppercased()).status == 4)
        var row = try #require(try await list("user", "list").first { $0["name"] as? String == name })
        #expect(row["email"] as? String == "user@example.com" && row["isAdmin"] as? Bool == false)
        #expect(row["isDisabled"] as? Bool == false && row["passwordHash"] == nil)
        #expect(try await run("user", "disable", name).succeeded)
        row = try #require(try await list("user", "list").first { $0["name"] as? String == name })
        #expect(row["isDisabled"] as? Bool == true)
        #expect(try await run("user", "enable", name).succeeded)
        for command in ["disable", "enable"] { #expect(try await run("user", command, "no-such-user").status == 3) }
        #expect(
            try await run("user", "password", "no-such-user", "--password-stdin", input: "long enough words\n").status
                == 3
        )
        let text = try await run("user", "list")
        #expect(text.output.contains(name))
    }

    @Test(arguments: [
        "", "-x", "a b", "a/b", "..", "x.git", "x.lock", "api", "datasets", "healthz",
        String(repeating: "a", count: 97), "é",
    ])
    func badNamesAreRefused(name: String) async throws {
        #expect(try await run("user", "add", "--", name).status == 2, "user \(name)")
        #expect(try await run("org", "add", "--", name).status == 2, "org \(name)")
        if !["api", "datasets", "healthz"].contains(name) {
            #expect(try await run("repo", "create", "--", "model/alice/\(name)").status == 2, "repo \(name)")
        }
    }

    @Test func passwordsHaveRules() async throws {
        let name = Story.freshName("user")
        for password in ["", "short\n", String(repeating: "x", count: 10_000) + "\n"] {
            #expect(
                try await run("user", "add", name, "--password-stdin", input: password).status == 2,
                "\(password.prefix(10))"
            )
        }
        #expect(try await run("user", "add", name, "--password-stdin", input: "long enough words\n").succeeded)
    }

    @Test func organisationsHaveMembers() async throws {
        let (organization, user) = (Story.freshName("org"), Story.freshName("user"))
        #expect(try await run("org", "add", organization).succeeded)
        #expect(try await run("org", "add", organization).status == 4)
        #expect(try await run("user", "add", organization).status == 4, "one name space for users and organisations")
        #expect(try await run("user", "add", user).succeeded)
        #expect(try await run("org", "member", organization, user, "write").succeeded)
        #expect(try await run("org", "member", organization, user, "owner").status == 2)
        #expect(try await run("org", "member", "no-such-org", user, "read").status == 3)
        #expect(try await run("org", "member", organization, "no-such-user", "read").status == 3)
        let row = try #require(try await list("org", "list").first { $0["name"] as? String == organization })
        let members = try #require(row["members"] as? [[String: Any]])
        #expect(members.count == 1 && members[0]["user"] as? String == user && members[0]["role"] as? String == "write")
    }

    @Test func tokensAreShownOnce() async throws {
        let name = Story.freshName("token")
        let added = try await run("token", "add", "alice", "--name", name, "--role", "read", "--expires", "30d")
        let token = added.output
        #expect(
            token.wholeMatch(of: /gra_[A-Za-z0-9_-]{43}/) != nil && added.standardOutput.count { $0 == 10 } == 1,
            "\(added)"
        )
        #expect(try await run("token", "add", "alice", "--name", name, "--role", "read").status == 4)
        #expect(try await run("token", "add", "no-such-user", "--name", "x", "--role", "read").status == 3)
        #expect(try await run("token", "add", "alice", "--name", "x", "--role", "root").status == 2)
        #expect(
            try await run("token", "add", "alice", "--name", "x", "--role", "read", "--expires", "soon").status == 2
        )
        #expect(
            try await run("token", "add", "alice", "--name", "x", "--role", "read", "--repo", "alice/none").status == 3
        )
        #expect(
            try await run("token", "add", "alice", "--name", "x", "--role", "read", "--namespace", "none").status == 3
        )
        let listed = try await run("token", "list", "alice", "--json")
        #expect(listed.succeeded && !listed.output.contains(token), "\(listed)")
        let row = try #require(try await list("token", "list", "alice").first { $0["name"] as? String == name })
        #expect(row["role"] as? String == "read" && row["expiresAt"] is String && row["hash"] == nil)
        #expect(try await run("token", "revoke", "alice", name).succeeded)
        #expect(try await run("token", "revoke", "alice", "no-such-token").status == 3)
    }

    @Test func theDatabaseHoldsNoToken() async throws {
        let server = try SharedServer.running.server
        let token = try await server.addToken(to: "alice", named: Story.freshName("token"))
        for name in ["granary.sqlite", "granary.sqlite-wal"] {
            let bytes = FileManager.default.contents(atPath: "\(server.dataDirectory)/\(name)") ?? Data()
            #expect(bytes.range(of: Data(token.secret.utf8)) == nil, "\(name)")
            #expect(bytes.range(of: Data(token.secret.dropFirst(4).utf8)) == nil, "\(name)")
        }
    }

    @Test func repositoriesAreListedGrantedAndDeleted() async throws {
        let name = Story.freshName("repo")
        let created = try await run("repo", "create", "dataset/alice/\(name)", "--public")
        #expect(created.succeeded && created.output.contains(name), "\(created)")
        #expect(try await run("repo", "create", "dataset/alice/\(name)").status == 4)
        #expect(try await run("repo", "create", "model/alice/\(name)").succeeded, "another type, another repository")
        #expect(try await run("repo", "create", "model/no-such-user/x").status == 3)
        #expect(try await run("repo", "create", "boat/alice/x").status == 2)
        #expect(try await run("repo", "create", "model/alice/x", "--public", "--private").status == 2)
        let rows = try await list("repo", "list", "alice", "--type", "dataset")
        let row = try #require(rows.first { $0["repository"] as? String == "dataset/alice/\(name)" }, "\(rows)")
        #expect(row["visibility"] as? String == "public" && row["defaultBranch"] as? String == "main")
        #expect(try await run("repo", "grant", "dataset/alice/\(name)", "no-such-user", "read").status == 3)
        #expect(try await run("repo", "grant", "dataset/alice/\(name)", "alice", "king").status == 2)
        #expect(try await run("repo", "rename", "dataset/alice/\(name)", "alice/\(name)-renamed").succeeded)
        #expect(try await run("repo", "rename", "model/alice/\(name)", "dataset/alice/x").status == 2)
        #expect(try await run("repo", "delete", "dataset/alice/\(name)-renamed", "--yes").succeeded)
        #expect(try await run("repo", "delete", "dataset/alice/\(name)-renamed", "--yes").status == 3)
    }

    @Test func keysAreAddedListedAndRemoved() async throws {
        let files = try TemporaryDirectory("keys")
        let user = Story.freshName("user")
        try await run("user", "add", user).required()
        for (kind, bits) in [("ed25519", "256"), ("ecdsa", "384"), ("rsa", "2048"), ("rsa", "1024")] {
            let path = files.path("\(kind)-\(bits)")
            try await Command("ssh-keygen", ["-q", "-t", kind, "-b", bits, "-N", "", "-C", "alice@laptop", "-f", path])
                .run().required()
        }
        for name in ["ed25519-256", "ecdsa-384", "rsa-2048"] {
            let expected = try await Command("ssh-keygen", ["-lf", files.path(name + ".pub")]).run().required().output
            let added = try await run("key", "add", user, files.path(name + ".pub"))
            #expect(added.succeeded && expected.contains(added.output), "\(added)")
            #expect(try await run("key", "add", user, files.path(name + ".pub")).status == 4)
        }
        #expect(try await run("key", "add", user, files.path("rsa-1024.pub")).status == 2)
        #expect(try await run("key", "add", user, files.path("ed25519-256")).status == 2, "a private key")
        #expect(try await run("key", "add", user, files.path("missing")).status == 2)
        #expect(try await run("key", "add", user, "-", input: "ssh-ed25519 AAAA\n").status == 2)
        #expect(try await run("key", "add", "no-such-user", files.path("ed25519-256.pub")).status == 3)
        let rows = try await list("key", "list", user)
        #expect(rows.count == 3 && rows.allSatisfy { ($0["fingerprint"] as? String)?.hasPrefix("SHA256:") == true })
        let fingerprint = try #require(rows.first?["fingerprint"] as? String)
        #expect(try await run("key", "remove", fingerprint).succeeded)
        #expect(try await run("key", "remove", fingerprint).status == 3)
        #expect(try await list("key", "list", user).count == 2)
    }

    @Test func everyCommandExplainsItself() async throws {
        let commands = [
            ["serve"], ["config"], ["doctor"], ["fsck"], ["user", "add"], ["user", "list"], ["user", "password"],
            ["org", "add"],
            ["org", "member"], ["token", "add"], ["token", "list"], ["token", "revoke"], ["repo", "create"],
            ["repo", "list"],
            ["repo", "delete"], ["repo", "rename"], ["repo", "grant"], ["key", "add"], ["key", "list"],
            ["key", "remove"],
        ]
        for command in commands {
            let help = try await Command(GranaryServer.executable, command + ["--help"]).run()
            #expect(help.succeeded && help.output.contains("USAGE"), "\(help)")
        }
        let unknown = try await Command(GranaryServer.executable, ["frobnicate"]).run()
        #expect(unknown.status == 2, "\(unknown)")
        let flag = try await Command(GranaryServer.executable, ["user", "list", "--frobnicate"]).run()
        #expect(flag.status == 2, "\(flag)")
    }
}
