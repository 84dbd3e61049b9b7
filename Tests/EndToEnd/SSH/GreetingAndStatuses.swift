import GranaryTesting
import Testing

@Suite("What commands over SSH say and how they end", .serialized, .sharedServer)
struct GreetingAndStatuses {
    @Test func withoutACommandTheUserIsGreeted() async throws {
        let (story, _) = try await Story.common()
        let greeting = try await story.ssh(nil)
        #expect(greeting.status == 1 && greeting.standardOutput.isEmpty, "\(greeting)")
        #expect(greeting.errorText.contains("Hi alice!") && greeting.errorText.contains("no shell"), "\(greeting)")
    }

    @Test(arguments: Wire.ssh)
    func finishedCommandsEndWithZero(wire: Wire) async throws {
        let (story, work) = try await Story.common()
        var ssh = story.ssh.with("SendEnv=GIT_PROTOCOL")
        ssh.environment["GIT_PROTOCOL"] = "version=\(wire.version)"
        // A flush-pkt says that nothing is wanted; so does the end of the input.
        for input in ["0000", ""] {
            let result = try await ssh("git-upload-pack \(story.repository.quotedPath)", input: Array(input.utf8))
            #expect(result.succeeded && result.errorText.isEmpty, "\(result)")
            let lines = Pkt.parse(result.standardOutput)
            switch wire.version {
            case 0: #expect(try await lines.first?.text.hasPrefix(work.id("main")) == true)
            case 1: #expect(lines.first?.text == "version 1")
            default: #expect(lines.first?.text == "version 2")
            }
            #expect(lines.last == .flush)
        }
    }

    @Test func aRepositoryThatIsNotThereIs128() async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh("git-upload-pack '/alice/not-there.git'")
        #expect(result.status == 128 && result.standardOutput.isEmpty, "\(result)")
        #expect(result.errorText.hasPrefix("granary: ") && result.errorText.contains("not found"), "\(result)")
        let git = try await story.git(.standardSSH).attempt("ls-remote", story.url(.standardSSH) + "x")
        #expect(git.status == 128 && git.errorText.contains("granary: "), "\(git)")
    }

    @Test(arguments: ["id", "bash", "git", "git-shell", "git-upload-pack2 '/a/b'"])
    func aCommandThatIsNotOfferedIs127(command: String) async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh(command)
        #expect(result.status == 127 && result.standardOutput.isEmpty, "\(result)")
        #expect(result.errorText.hasPrefix("granary: "), "\(result)")
    }

    /// The report tells what was refused; the transport did its work.
    @Test func aPushWithRefusedRefsEndsWithZero() async throws {
        let story = try await Story.begin()
        let tip = try await story.seeded().id("main")
        let empty = try HostilePack().bytes
        let request = PushRequest(creating: "refs/heads/-x", at: tip, pack: empty).bytes
        let result = try await story.ssh("git-receive-pack \(story.repository.quotedPath)", input: request)
        #expect(result.succeeded, "\(result)")
        #expect(result.output.contains("ng refs/heads/-x"), "\(result)")
        let good = PushRequest(creating: "refs/heads/x", at: tip, pack: empty).bytes
        let accepted = try await story.ssh("git-receive-pack \(story.repository.quotedPath)", input: good)
        #expect(accepted.succeeded && accepted.output.contains("ok refs/heads/x"), "\(accepted)")
    }

    /// The tail of an answer must not be lost although the server ends the conversation.
    @Test func nothingIsLostAtTheEnd() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .incompressible(files: 3, bytesEach: 1 << 20, seed: 301))
        try await source("push", "--quiet", story.url(), "main")
        var request = PktLines()
        request.line("want \(try await source.id("main")) ofs-delta\n")
        request.flush()
        request.line("done\n")
        for round in 0..<8 {
            let result = try await story.ssh(
                "git-upload-pack \(story.repository.quotedPath)",
                input: request.bytes
            )
            #expect(result.succeeded, "round \(round): \(result.status)")
            let marker = Array("0008NAK\nPACK".utf8)
            let output = result.standardOutput
            let start = try #require(output.indices.first { output[$0...].starts(with: marker) })
            let reader = try await story.git().newRepository("reader-\(round)")
            try await reader("index-pack", "--stdin", input: Array(output[(start + 8)...]))
        }
    }

    @Test func progressIsShown() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 300, seed: 302))
        let push = try await source.attempt("push", "--progress", story.url(.standardSSH), "main")
        #expect(push.succeeded, "\(push)")
        let clone = try await story.git(.standardSSH).attempt("clone", "--progress", story.url(.standardSSH), "clone")
        #expect(clone.succeeded && clone.errorText.contains("remote: "), "\(clone)")
    }

    /// Both sides name the conversation for their logs.
    @Test func sessionIDsAreExchanged() async throws {
        let (story, _) = try await Story.common()
        let result = try await story.ssh("git-upload-pack \(story.repository.quotedPath)", input: Array("0000".utf8))
        #expect(result.output.contains(" session-id="), "\(result)")
        let clone = try await story.git(.standardSSH).attempt(
            "clone",
            "-c",
            "transfer.advertiseSID=true",
            story.url(.standardSSH),
            Story.freshName("clone")
        )
        #expect(clone.succeeded, "\(clone)")
    }

    @Test func theLogTellsWhoDidWhat() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded(.standardSSH)
        try await work("fetch", "origin")
        let fingerprint = try await #require(story.owner.key).fingerprint()
        let noted = try await eventually(within: .seconds(20)) { story.server.log.contains(fingerprint) }
        #expect(noted, "the log has no line with the key's fingerprint")
    }
}
