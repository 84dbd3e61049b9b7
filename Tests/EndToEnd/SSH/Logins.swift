import Foundation
import GranaryTesting
import Testing

@Suite("Logging in by SSH", .serialized, .sharedServer)
struct Logins {
    /// Two people, and a private repository of each.
    private func two() async throws -> (alice: Story, bob: Story) {
        let alice = try await Story.begin()
        let person = try await alice.server.addPerson(Story.freshName("person"))
        let repository = try await alice.server.addRepository("model", person.name, Story.freshName())
        return (alice, Story(server: alice.server, owner: person, repository: repository))
    }

    @Test func theKeyDecidesWhoSomebodyIs() async throws {
        let (alice, bob) = try await two()
        for (story, other) in [(alice, bob), (bob, alice)] {
            let work = try await story.seeded(.standardSSH)
            let greeting = try await story.ssh(nil)
            #expect(greeting.errorText.contains("Hi \(story.owner.name)!"), "\(greeting)")
            let refused = try await work.attempt("ls-remote", other.url(.standardSSH))
            #expect(try Cast.Outcome(refused) == .notFound, "\(refused)")
        }
    }

    @Test func theUserIsGitOrTheOwnName() async throws {
        let (_, bob) = try await two()
        for name in ["git", bob.owner.name, bob.owner.name.uppercased()] {
            let greeting = try await bob.ssh.named(name)(nil)
            #expect(greeting.status == 1, "\(name): \(greeting)")
            #expect(greeting.errorText.contains("Hi \(bob.owner.name)!"), "\(name): \(greeting)")
        }
    }

    @Test func otherUserNamesAreRefusedAlike() async throws {
        let (_, bob) = try await two()
        let names = [
            "alice", "root", "nobody-of-that-name", "Git ", "git\n", "../git", "-x", "'; id", "ünï",
            String(repeating: "g", count: 400),
        ]
        for name in names { try await expectRefused(bob.ssh.named(name), name) }
        #expect(try await bob.ssh(nil).status == 1)
    }

    @Test func unknownKeysAreRefused() async throws {
        let server = try SharedServer.running.server
        for kind in SSHKey.Kind.plain {
            try await expectRefused(server.ssh(with: try await .make(kind)), kind.rawValue)
        }
        try await expectRefused(server.ssh(with: nil), "no key")
    }

    /// An agent with many keys: its owner reads why none of them was taken.
    @Test func tooManyKeysAreRefusedWithAReason() async throws {
        let (_, bob) = try await two()
        var keys: [SSHKey] = []
        // Many more than are allowed: what comes while one is being refused is refused with it, and a client that has no key
        // left does not listen for the reason.
        for _ in 0..<24 { keys.append(try await .make()) }
        let ssh = bob.server.ssh(with: keys[0]).with(arguments: keys.dropFirst().flatMap { ["-i", $0.path] })
        let result = try await ssh(nil)
        // Their files go with the keys.
        withExtendedLifetime(keys) {}
        #expect(result.status == 255 && result.standardOutput.isEmpty, "\(result)")
        #expect(result.errorText.contains("too many keys were refused"), "\(result)")
        #expect(try await bob.ssh(nil).status == 1)
    }

    /// Public repositories are read without an account over HTTP only.
    @Test func publicRepositoriesNeedAKeyToo() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let nobody = try await story.git(.standardSSH, as: nil).attempt("ls-remote", story.url(.standardSSH))
        #expect(try Cast.Outcome(nobody) == .badCredentials, "\(nobody)")
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let clone = try await story.git(.standardSSH, as: bob).clone(story.url(.standardSSH), "clone")
        #expect(try await clone.id("HEAD") == work.id("main"))
    }

    @Test func aPersonMayHaveSeveralKeys() async throws {
        let (_, bob) = try await two()
        let second = try await SSHKey.make(.ecdsa)
        try await bob.server.addKey(second, to: bob.owner.name)
        for key in [bob.owner.key, second] {
            #expect(try await bob.server.ssh(with: key)(nil).errorText.contains("Hi \(bob.owner.name)!"))
        }
    }

    @Test func aKeyBelongsToOnePerson() async throws {
        let (alice, bob) = try await two()
        let key = try #require(alice.owner.key)
        let twice = try await alice.server.run(["key", "add", bob.owner.name, key.publicPath])
        #expect(twice.status == 4, "\(twice)")
        let deploy = try await alice.server.run([
            "key", "add", "--repository", bob.repository.address, "--role", "read", key.publicPath,
        ])
        #expect(deploy.status == 4, "\(deploy)")
    }

    @Test func theTimeOfTheLastUseIsKept() async throws {
        let (_, bob) = try await two()
        #expect(try await lastUse(of: bob) == nil)
        _ = try await bob.git(.standardSSH).remoteRefs(bob.url(.standardSSH))
        let noted = try await eventually(within: .seconds(20)) { try await lastUse(of: bob) != nil }
        #expect(noted)
    }

    private func lastUse(of story: Story) async throws -> String? {
        let output = try await story.server.granary("key", "list", story.owner.name, "--json")
        let rows = try JSONSerialization.jsonObject(with: Data(output.utf8)) as? [[String: Any]]
        return try #require(rows?.first)["lastUsedAt"] as? String
    }

    /// Checks that a login fails, with the words of every other failing login.
    private func expectRefused(_ ssh: SSHClient, _ what: String, sourceLocation: SourceLocation = #_sourceLocation)
        async throws
    {
        let result = try await ssh(nil)
        #expect(result.status == 255, "\(what): \(result)", sourceLocation: sourceLocation)
        #expect(result.standardOutput.isEmpty, "\(what): \(result)", sourceLocation: sourceLocation)
        // `ssh` itself refuses some user names and says so.
        let words = result.errorText
        #expect(
            words.hasSuffix("Permission denied (publickey).") || words.contains("invalid characters"),
            "\(what): \(result)",
            sourceLocation: sourceLocation
        )
    }
}
