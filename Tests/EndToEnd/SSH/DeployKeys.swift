import GranaryTesting
import Testing

@Suite("Deploy keys and organisations' keys", .serialized, .sharedServer)
struct DeployKeys {
    /// A story with one more key that is no person's.
    private func deployed(_ role: String) async throws -> (story: Story, git: GitClient, key: SSHKey) {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let key = try await SSHKey.make(comment: "build machine")
        try await story.server.addKey(key, to: story.repository, role: role)
        let git = try story.git(.standardSSH, as: nil).over(story.server.ssh(with: key))
        return (story, git, key)
    }

    @Test(arguments: Wire.ssh)
    func aWriteKeyClonesAndPushes(wire: Wire) async throws {
        let (story, git, _) = try await deployed("write")
        let clone = try await git.with("protocol.version=\(wire.version)").clone(story.url(wire), "clone")
        try await clone.commit("by a machine", ["built": "b\n"])
        try await clone("push", "origin", "main", "main:refs/heads/topic")
        try await clone("push", "origin", ":topic")
        try await story.verify(equals: clone)
    }

    @Test func aReadKeyClonesAndIsToldThatItMayNotPush() async throws {
        let (story, git, _) = try await deployed("read")
        let before = try await story.remoteRefs()
        let clone = try await git.clone(story.url(.standardSSH), "clone")
        try await clone.commit("by a machine", ["built": "b\n"])
        let push = try await clone.attempt("push", "origin", "main")
        #expect(try Cast.Outcome(push) == .forbidden, "\(push)")
        try await story.expectUnchanged(since: before)
    }

    @Test(arguments: ["read", "write"])
    func otherRepositoriesAreNotThere(role: String) async throws {
        let (story, git, _) = try await deployed(role)
        let (hidden, open) = try await (Story.begin(), Story.begin(isPrivate: false))
        let work = try await open.seeded()
        let refused = try await git.attempt("ls-remote", hidden.url(.standardSSH))
        #expect(try Cast.Outcome(refused) == .notFound, "\(refused)")
        let clone = try await git.clone(open.url(.standardSSH), "public")
        #expect(try await clone.id("HEAD") == work.id("main"), "public repositories are read by anybody who logs in")
        let push = try await clone.attempt("push", "origin", "main:refs/heads/topic")
        #expect(try Cast.Outcome(push) == .forbidden, "\(push)")
        #expect(story.repository.name != open.repository.name)
    }

    @Test func theUserIsGitAndNoOther() async throws {
        let (story, _, key) = try await deployed("write")
        let ssh = story.server.ssh(with: key)
        #expect(try await ssh(nil).status == 1)
        for name in ["alice", "build", "root"] {
            #expect(try await ssh.named(name)(nil).status == 255, "\(name)")
        }
    }

    @Test func theGreetingNamesTheKey() async throws {
        let (story, _, key) = try await deployed("read")
        let greeting = try await story.server.ssh(with: key)(nil)
        #expect(greeting.errorText.contains("Hi build machine!"), "\(greeting)")
    }

    @Test func aDeployKeyFollowsItsRepository() async throws {
        let (story, git, _) = try await deployed("write")
        let target = "alice/\(Story.freshName("renamed"))"
        try await story.server.granary("repo", "rename", story.repository.address, target)
        let moved = "ssh://git@127.0.0.1:\(story.server.sshPort)/\(target).git"
        #expect(try await git.remoteRefs(moved)["refs/heads/main"] != nil)
        try await story.server.granary("repo", "delete", "model/\(target)", "--yes")
        let after = try await git.attempt("ls-remote", moved)
        #expect(!after.succeeded, "\(after)")
    }

    @Test func keysAreListedWithTheirRepository() async throws {
        let (story, _, key) = try await deployed("read")
        let fingerprint = try await key.fingerprint()
        let listed = try await story.server.granary("key", "list", "--repository", story.repository.address)
        #expect(listed.contains(fingerprint), "\(listed)")
        #expect(try await !story.server.granary("key", "list", "alice").contains(fingerprint))
        let admin = try await story.server.run([
            "key", "add", "--repository", story.repository.address, "--role", "admin", key.publicPath,
        ])
        #expect(admin.status == 2, "\(admin)")
    }

    @Test(arguments: ["read", "write"])
    func anOrganisationsKeyOpensItsRepositoriesOnly(role: String) async throws {
        let outside = try await Story.begin()
        let server = outside.server
        let organization = Story.freshName("org")
        try await server.granary("org", "add", organization)
        try await server.granary("org", "member", organization, "alice", "admin")
        let key = try await SSHKey.make()
        try await server.addKey(key, toOrganization: organization, role: role)
        let git = try outside.git(.standardSSH, as: nil).over(server.ssh(with: key))
        for type in ["model", "dataset"] {
            let repository = try await server.addRepository(type, organization, "shared")
            let inside = Story(server: server, owner: outside.owner, repository: repository)
            _ = try await inside.seeded()
            let clone = try await git.clone(inside.url(.standardSSH), type)
            try await clone.commit("by a machine", ["built": "b\n"])
            let push = try await clone.attempt("push", "origin", "main")
            #expect(try Cast.Outcome(push) == (role == "write" ? .works : .forbidden), "\(push)")
        }
        let refused = try await git.attempt("ls-remote", outside.url(.standardSSH))
        #expect(try Cast.Outcome(refused) == .notFound, "\(refused)")
    }
}
