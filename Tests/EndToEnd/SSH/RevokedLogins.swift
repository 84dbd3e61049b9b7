import GranaryTesting
import Testing

@Suite("Keys and accounts that are withdrawn", .serialized, .sharedServer)
struct RevokedLogins {
    /// Somebody with a repository.
    private func somebody() async throws -> Story {
        let server = try SharedServer.running.server
        let person = try await server.addPerson(Story.freshName("person"))
        let repository = try await server.addRepository("model", person.name, Story.freshName())
        return Story(server: server, owner: person, repository: repository)
    }

    @Test func aRevokedKeyIsRefusedAtOnce() async throws {
        let story = try await somebody()
        #expect(try await story.ssh.list(story.repository).succeeded)
        try await story.server.removeKey(#require(story.owner.key))
        let after = try await story.ssh.list(story.repository)
        #expect(after.status == 255 && after.errorText.contains("Permission denied"), "\(after)")
        // The account itself goes on.
        _ = try await story.git().remoteRefs(story.url())
    }

    @Test func aDisabledUserIsRefusedUntilEnabled() async throws {
        let story = try await somebody()
        try await story.server.granary("user", "disable", story.owner.name)
        let disabled = try await story.ssh.list(story.repository)
        #expect(disabled.status == 255 && disabled.errorText.contains("Permission denied"), "\(disabled)")
        try await story.server.granary("user", "enable", story.owner.name)
        #expect(try await story.ssh.list(story.repository).succeeded)
    }

    @Test(arguments: ["key remove", "user disable"])
    func openConnectionsEndAtTheNextCommand(command: String) async throws {
        let story = try await somebody()
        let key = try #require(story.owner.key)
        let master = try await SSHMaster.open(story.ssh)
        #expect(try await master.client.list(story.repository).succeeded)
        switch command {
        case "key remove": try await story.server.removeKey(key)
        default: try await story.server.granary("user", "disable", story.owner.name)
        }
        let path = story.repository.quotedPath
        for remote in [
            "git-upload-pack \(path)", "git-receive-pack \(path)", "git-upload-archive \(path)",
            "git-lfs-authenticate \(path) download",
        ] {
            let after = try await master.client(remote)
            #expect(!after.succeeded && after.standardOutput.isEmpty, "\(after)")
            #expect(after.errorText.hasPrefix("granary: ") || !master.isOpen, "\(after)")
        }
        await master.close()
    }

    @Test func aWithdrawnRightEndsAtTheNextCommand() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let master = try await SSHMaster.open(story.server.ssh(as: bob))
        for (role, status) in [("read", Int32(0)), ("none", 128), ("write", 0), ("none", 128)] {
            try await story.server.granary("repo", "grant", story.repository.address, bob.name, role)
            let result = try await master.client.list(story.repository)
            #expect(result.status == status, "\(role): \(result)")
        }
        await master.close()
    }

    @Test func aRevokedDeployKeyIsRefusedInAnOpenConnection() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let key = try await SSHKey.make()
        try await story.server.addKey(key, to: story.repository, role: "write")
        let master = try await SSHMaster.open(story.server.ssh(with: key))
        #expect(try await master.client.list(story.repository).succeeded)
        try await story.server.removeKey(key)
        let after = try await master.client.list(story.repository)
        #expect(!after.succeeded && after.standardOutput.isEmpty, "\(after)")
        #expect(try await story.server.ssh(with: key).list(story.repository).status == 255)
        await master.close()
    }
}
