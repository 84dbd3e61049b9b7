import GranaryTesting
import Testing

@Suite("git archive --remote", .serialized, .sharedServer)
struct RemoteArchives {
    /// A repository with a directory, an executable, a symbolic link and a tag, and git to ask with.
    private func seeded() async throws -> (story: Story, work: GitClient) {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try work.write("run.sh", Array("#!/bin/sh\n".utf8))
        try await Command("chmod", ["755", "\(work.directory)/run.sh"]).run().required()
        try await Command("ln", ["-s", "run.sh", "\(work.directory)/link"]).run().required()
        try await work.commit("modes", ["ünï côde": "u\n", "empty": ""])
        try await work("tag", "-a", "-m", "one", "v1")
        try await work("push", "origin", "main", "v1")
        return (story, work)
    }

    private func archive(_ story: Story, _ arguments: String...) async throws -> CommandResult {
        try await story.git(.standardSSH).run(["archive", "--remote=\(story.url(.standardSSH))"] + arguments)
    }

    /// What an archive unpacks to: each path with its mode, kind and content.
    private func contents(_ archive: [UInt8], zip: Bool = false) async throws -> String {
        let files = try TemporaryDirectory("archive")
        let path = try files.write("archive", archive)
        let place = try files.directory("place")
        let unpack =
            zip ? Command("python3", ["-c", Self.unzip, path, place]) : Command("tar", ["-xf", path, "-C", place])
        try await unpack.run().required()
        let script =
            "find . -mindepth 1 | LC_ALL=C sort | while read -r f; do stat -c '%N %F %A' \"$f\"; "
            + "test -f \"$f\" && ! test -h \"$f\" && sha256sum < \"$f\"; done; true"
        var list = Command("sh", ["-c", script])
        list.directory = place
        return try await list.run().required().output
    }

    /// Python's own extraction forgets modes and links.
    private static let unzip = """
        import os, stat, sys, zipfile
        for info in zipfile.ZipFile(sys.argv[1]).infolist():
            path = os.path.join(sys.argv[2], info.filename)
            mode = info.external_attr >> 16
            data = zipfile.ZipFile(sys.argv[1]).read(info)
            if info.is_dir(): os.makedirs(path, exist_ok=True); continue
            os.makedirs(os.path.dirname(path), exist_ok=True)
            if stat.S_ISLNK(mode): os.symlink(data, path); continue
            open(path, 'wb').write(data)
            os.chmod(path, 0o775 if mode & 0o100 else 0o664)
        """

    @Test(arguments: ["main", "HEAD", "v1", "refs/heads/main", "main:data"])
    func tarHoldsTheTree(revision: String) async throws {
        let (story, work) = try await seeded()
        let remote = try await archive(story, revision).required()
        let local = try await work.attempt("archive", revision).required()
        #expect(try await contents(remote.standardOutput) == contents(local.standardOutput))
    }

    @Test func zipHoldsTheTree() async throws {
        let (story, work) = try await seeded()
        let remote = try await archive(story, "--format=zip", "main").required()
        let local = try await work.attempt("archive", "--format=zip", "main").required()
        #expect(
            try await contents(remote.standardOutput, zip: true) == contents(local.standardOutput, zip: true)
        )
    }

    @Test func prefixAndPathsChooseAndMove() async throws {
        let (story, work) = try await seeded()
        let arguments = ["--prefix=story-1/", "main", "data", "README.md"]
        let git = try story.git(.standardSSH)
        let remote = try await git.run(["archive", "--remote=\(story.url(.standardSSH))"] + arguments).required()
        let local = try await work.run(["archive"] + arguments).required()
        #expect(try await contents(remote.standardOutput) == contents(local.standardOutput))
    }

    @Test func theCommitIsNamedInTheArchive() async throws {
        let (story, work) = try await seeded()
        let remote = try await archive(story, "main").required()
        let files = try TemporaryDirectory("archive")
        var command = Command("git", ["get-tar-commit-id"])
        command.input = remote.standardOutput
        command.directory = files.path
        #expect(try await command.run().required().output == work.id("main"))
    }

    @Test func formatsAreListed() async throws {
        let (story, _) = try await seeded()
        let listed = try await archive(story, "--list").required()
        #expect(listed.lines.contains("tar") && listed.lines.contains("zip"), "\(listed)")
    }

    @Test func whatIsNotVisibleIsRefused() async throws {
        let (story, work) = try await seeded()
        let secret = try await work.commit("secret", ["secret.txt": "password\n"])
        try await work("push", "origin", "main")
        try await work("reset", "--quiet", "--hard", "main~1")
        try await work("push", "--force", "origin", "main")
        for revision in [
            secret, "\(secret):secret.txt", "nowhere", "main:no-such-directory", "main@{1}", "main~1", "-x",
            "--exec=id",
            "--output=/tmp/x", "--remote=/etc", "--add-file=/etc/passwd", "main --add-file=/etc/passwd", "..", "",
        ] {
            // Behind the client's own parser, which keeps some of these.
            var lines = PktLines()
            lines.line("argument \(revision)\n")
            lines.flush()
            let result = try await story.ssh("git-upload-archive \(story.repository.quotedPath)", input: lines.bytes)
            let text = result.output + result.errorText
            #expect(!text.contains("password") && !text.contains("root:x"), "\(revision): \(result)")
            #expect(
                !result.standardOutput.starts(with: Array("0008ACK\n".utf8)) || result.status != 0
                    || text.contains("fatal"),
                "\(revision): \(result)"
            )
        }
        #expect(story.server.isRunning)
    }

    @Test func unknownFormatsAreRefusedClearly() async throws {
        let (story, _) = try await seeded()
        let result = try await archive(story, "--format=rar", "main")
        #expect(!result.succeeded && result.standardOutput.isEmpty && !result.errorText.isEmpty, "\(result)")
    }

    @Test func malformedRequestsEnd() async throws {
        let (story, _) = try await seeded()
        var many = PktLines()
        for index in 0..<5_000 { many.line("argument path-\(index)\n") }
        many.flush()
        let requests: [[UInt8]] = [
            [], Array("0000".utf8), Array("zzzz".utf8), Array("0009hello".utf8), Array("0010argument".utf8),
            Array("fffffffff".utf8), Array("0001".utf8), many.bytes, [UInt8](repeating: 0, count: 100_000),
        ]
        for request in requests {
            let result = try await story.ssh("git-upload-archive \(story.repository.quotedPath)", input: request)
            #expect(!result.timedOut, "\(request.prefix(20)): \(result)")
            #expect(!result.standardOutput.starts(with: Array("0008ACK\n".utf8)) || !result.succeeded)
        }
        #expect(try await archive(story, "main").succeeded)
    }

    @Test func readersMayAndStrangersMayNot() async throws {
        let (story, _) = try await seeded()
        let bob = try await story.server.addPerson(Story.freshName("person"))
        let git = try story.git(.standardSSH, as: bob)
        let arguments = ["archive", "--remote=\(story.url(.standardSSH))", "main"]
        let stranger = try await git.run(arguments)
        #expect(!stranger.succeeded && stranger.errorText.contains("not found"), "\(stranger)")
        try await story.server.granary("repo", "grant", story.repository.address, bob.name, "read")
        #expect(try await git.run(arguments).succeeded)
    }

    @Test func emptyRepositoriesHaveNothingToArchive() async throws {
        let story = try await Story.begin()
        let result = try await archive(story, "HEAD")
        #expect(!result.succeeded && result.standardOutput.isEmpty, "\(result)")
    }
}
