import GranaryTesting
import Testing

@Suite("Who may clone and push over SSH", .serialized, .sharedServer)
struct AccessOverSSH {
    /// The same table as over HTTP, for all who can have a key.
    @Test(arguments: Cast.namesWithKeys, [true, false])
    func everyRoleGetsWhatItMay(name: String, isPrivate: Bool) async throws {
        let story = try await Story.begin(isPrivate: isPrivate)
        let work = try await story.seeded()
        let before = try await story.remoteRefs()
        let role = try await Cast.assemble(story, only: name)
        let expected = isPrivate ? role.privately : role.publicly
        let url = story.url(.standardSSH)

        let git = try story.git(.standardSSH, as: role.person)
        let clone = try await git.attempt("clone", url, "clone")
        #expect(try Cast.Outcome(clone) == expected.clone, "\(clone)")
        let source = try await git.clone("file://" + work.directory, "source")
        try await source.commit("by \(name)", ["by.txt": name])
        let push = try await source.attempt("push", url, "main:refs/heads/topic")
        #expect(try Cast.Outcome(push) == expected.push, "\(push)")
        if expected.push != .works { try await story.expectUnchanged(since: before) }
    }

    @Test func whatMayNotBeSeenDoesNotExist() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let ssh = story.server.ssh(as: bob)
        for verb in ["git-upload-pack", "git-receive-pack", "git-upload-archive"] {
            let hidden = try await ssh("\(verb) \(story.repository.quotedPath)")
            let missing = try await ssh("\(verb) '/alice/not-there.git'")
            let nobody = try await ssh("\(verb) '/no-such-user/not-there.git'")
            for result in [hidden, missing, nobody] {
                #expect(result.status == 128 && result.standardOutput.isEmpty, "\(result)")
                #expect(result.errorText == missing.errorText, "\(result)")
                #expect(result.errorText.hasPrefix("granary: "), "\(result)")
            }
        }
    }

    @Test func theRightIsThatOfTheServiceThatRuns() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "read")
        let ssh = story.server.ssh(as: bob)
        #expect(try await ssh.list(story.repository).succeeded)
        let push = try await ssh("git-receive-pack \(story.repository.quotedPath)")
        #expect(push.status == 128 && push.standardOutput.isEmpty, "\(push)")
        #expect(push.errorText.hasPrefix("granary: ") && !push.errorText.contains("not found"), "\(push)")
    }
}
