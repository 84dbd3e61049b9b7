import Foundation
import GranaryTesting
import Testing

/// git runs `pre-push` on an open connection, and git-lfs sends its files in it.
@Suite(
    "Pushes with hooks",
    .serialized,
    .sharedServer(["--set", "limits.ssh-stall-seconds=2", "--set", "limits.git-requests=1"])
)
struct PushHooks {
    private func work(_ story: Story, hook: String) async throws -> GitClient {
        let work = try await story.git(.standardSSH).newRepository("work")
        try await work.commit("first", ["README.md": "# Story\n"])
        let path = work.directory + "/.git/hooks/pre-push"
        try FileManager.default.createDirectory(
            atPath: work.directory + "/.git/hooks",
            withIntermediateDirectories: true
        )
        try "#!/bin/sh\n\(hook)\n".write(toFile: path, atomically: true, encoding: .utf8)
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: path)
        try await work("remote", "add", "origin", story.url(.standardSSH))
        return work
    }

    /// The only place among requests is free while the hook runs: it reads from the hub itself.
    @Test func mayTakeTheirTimeAndUseTheHub() async throws {
        let story = try await Story.begin()
        let work = try await work(story, hook: "sleep 5; git ls-remote origin >seen || exit 1")
        try await work("push", "--quiet", "origin", "main")
        #expect(work.exists("seen"))
        try await story.verify(equals: work)
    }

    @Test func mayRefuse() async throws {
        let story = try await Story.begin()
        let before = try await story.remoteRefs()
        let work = try await work(story, hook: "exit 1")
        #expect(try await !work.attempt("push", "--quiet", "origin", "main").succeeded)
        try await story.expectUnchanged(since: before)
    }

    /// Once it has begun, a push that stops talking is ended.
    @Test func silenceAfterTheFirstByteIsEnded() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded(.standardSSH)
        let command = "'git-receive-pack \(story.repository.quotedPath.replacing("'", with: #"'\''"#))'"
        let script =
            "(printf 00; sleep 8) | \(story.ssh.shellWords) -p \(story.server.sshPort) -l git 127.0.0.1 -- \(command)"
        let result = try await Command("sh", ["-c", script]).run()
        #expect(result.status == 128, "\(result)")
    }
}
