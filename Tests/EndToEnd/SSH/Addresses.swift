import GranaryTesting
import Testing

@Suite("Repositories' addresses over SSH", .serialized, .sharedServer)
struct Addresses {
    @Test(arguments: ["model", "dataset", "space", "code", "mcp", "skill"])
    func everyTypeOfRepositoryHasItsPath(type: String) async throws {
        let story = try await Story.begin(type: type)
        let work = try await story.seeded(.standardSSH)
        let git = try story.git(.standardSSH)
        let base = "ssh://git@127.0.0.1:\(story.server.sshPort)"
        for path in [story.repository.path, story.repository.path + ".git"] {
            #expect(try await git.remoteRefs(base + path)["HEAD"] == work.id("main"), "\(path)")
        }
    }

    @Test func theShortFormWorks() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let ssh = story.ssh.with("Port=\(story.server.sshPort)")
        let git = try story.git(.standardSSH).over(ssh)
        let path = story.repository.path
        for form in ["git@127.0.0.1:\(path.dropFirst()).git", "alice@127.0.0.1:\(path)", "git@127.0.0.1:\(path).git"] {
            #expect(try await git.remoteRefs(form)["HEAD"] == work.id("main"), "\(form)")
        }
        let clone = try await git.clone("git@127.0.0.1:\(path.dropFirst()).git", "clone")
        try await clone.commit("more", ["more": "m\n"])
        try await clone("push", "origin", "main")
        try await story.verify(equals: clone)
    }

    @Test func namesAreFoundInAnyCase() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let url = story.url(.standardSSH).replacing(story.repository.path, with: story.repository.path.uppercased())
        #expect(try await story.git(.standardSSH).remoteRefs(url)["HEAD"] == work.id("main"))
    }

    @Test func bothFormsOfACommandWork() async throws {
        let (story, work) = try await Story.common()
        let tip = try await work.id("main")
        let path = story.repository.path
        let commands = [
            "git-upload-pack '\(path)'", "git-upload-pack '\(path.dropFirst()).git'", "git upload-pack '\(path).git'",
            "git-upload-pack \(path)", "git-upload-pack \"\(path).git\"", "git-receive-pack '\(path).git'",
            "git receive-pack '\(path).git'", "git-upload-pack   '\(path).git'  ",
        ]
        for command in commands {
            let result = try await story.ssh(command, input: Array("0000".utf8))
            #expect(result.succeeded && result.output.contains(tip), "\(result)")
        }
        let quoted = try await story.ssh(#"git-upload-pack '/ali'\''ce/x'\!''"#)
        #expect(quoted.status == 128 && quoted.errorText.hasPrefix("granary: "), "\(quoted)")
    }

    @Test func twoTransportsShowTheSameRepository() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(.standard)
        try await work.commit("over ssh", ["ssh": "s\n"])
        try await work("push", story.url(.standardSSH), "main")
        try await work("fetch", "origin")
        #expect(try await work.id("origin/main") == work.id("main"))
        let (http, ssh) = try await (
            work.remoteRefs(story.url(.standard)), work.remoteRefs(story.url(.standardSSH))
        )
        #expect(http == ssh)
    }
}
