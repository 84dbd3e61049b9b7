import GranaryTesting
import Testing

@Suite("Hostile commands over SSH", .serialized, .sharedServer)
struct HostileCommands {
    /// Commands of which nothing may happen; `PATH` is a repository that the user may read and write.
    private static let commands: [String] = [
        // More than one command.
        "git-upload-pack 'PATH'; id", "git-upload-pack 'PATH' && id", "git-upload-pack 'PATH' || id",
        "git-upload-pack 'PATH' | id", "git-upload-pack 'PATH' & id", "git-upload-pack 'PATH'\nid",
        "git-upload-pack 'PATH'\r\nid", "id; git-upload-pack 'PATH'", "git-upload-pack 'PATH'; git-upload-pack 'PATH'",
        "\ngit-upload-pack 'PATH'\nid\n",
        // Substitution, redirection, variables, globs and groups.
        "git-upload-pack $(id)", "git-upload-pack \"$(id)\"", "git-upload-pack `id`", "git-upload-pack \"`id`\"",
        "git-upload-pack 'PATH' > /tmp/granary-was-here", "git-upload-pack < /etc/passwd", "git-upload-pack $HOME",
        "git-upload-pack \"$HOME\"", "git-upload-pack ${PATH}", "git-upload-pack (PATH)", "git-upload-pack {PATH,x}",
        "git-upload-pack /alice/*", "git-upload-pack /alice/?", "$(git-upload-pack 'PATH')", "(git-upload-pack 'PATH')",
        "GIT_DIR=/etc git-upload-pack 'PATH'", "env GIT_DIR=/etc git-upload-pack 'PATH'", "exec git-upload-pack 'PATH'",
        // Quoting.
        "git-upload-pack 'PATH", "git-upload-pack PATH'", "git-upload-pack \"PATH", "git-upload-pack 'PATH'\\",
        "git-upload-pack '''PATH", "git-upload-pack 'PATH'\\''", "'git-upload-pack PATH'", "git-upload-pack \\'PATH\\'",
        // Options and operands.
        "git-upload-pack --strict 'PATH'", "git-upload-pack --timeout=1 'PATH'", "git-upload-pack -x 'PATH'",
        "git-upload-pack '--option'", "git-upload-pack '-x'", "git-upload-pack -- 'PATH'", "git-upload-pack --help",
        "git-receive-pack --advertise-refs 'PATH'", "git-upload-pack --stateless-rpc 'PATH'",
        "git-upload-pack 'PATH' 'PATH'", "git-upload-pack 'PATH' x", "git-upload-pack", "git-upload-pack ''",
        "git-upload-pack \"\"", "git-upload-pack ' '", "git-upload-archive", "git-upload-archive --exec=id 'PATH'",
        "git-receive-pack", "git-receive-pack ''", "git-lfs-authenticate",
        // Paths.
        "git-upload-pack '~'", "git-upload-pack '~alice/x'", "git-upload-pack ~/x", "git-upload-pack '..'",
        "git-upload-pack '/../PATH'", "git-upload-pack 'PATH/../../../etc'", "git-upload-pack 'PATH/..'",
        "git-upload-pack '/./PATH'", "git-upload-pack '/etc/passwd'", "git-upload-pack '/'", "git-upload-pack '.'",
        "git-upload-pack '.git'", "git-upload-pack '//'", "git-upload-pack 'file:///etc'", "git-upload-pack 'PATH%00'",
        "git-upload-pack '/%2e%2e/%2e%2e/etc'", "git-upload-pack 'PATH\\..\\..'", "git-upload-pack 'PATH/objects'",
        "git-upload-pack 'PATH/info/refs'", "git-upload-pack '/repositories'", "git-upload-pack 'PATH\u{1}'",
        "git-upload-pack '/\u{202e}alice/x'", "git-upload-pack '/alice/\u{0}x'", "git-upload-pack '/api/whoami-v2'",
        // Other programs.
        "id", "sh", "sh -c 'id'", "/bin/sh -c id", "bash -i", "scp -t /tmp", "scp -f /etc/passwd", "sftp-server",
        "/usr/lib/openssh/sftp-server", "internal-sftp", "rsync --server -e.LsfxCIvu . /tmp", "git-shell",
        "git-shell -c \"git-upload-pack 'PATH'\"", "git", "git --version", "git status", "git upload-pack",
        "git  --git-dir=/etc upload-pack 'PATH'", "git -c core.sshCommand=id upload-pack 'PATH'",
        "git --exec-path=/tmp upload-pack 'PATH'", "/usr/bin/git-upload-pack 'PATH'", "./git-upload-pack 'PATH'",
        "GIT-UPLOAD-PACK 'PATH'", "git_upload_pack 'PATH'", "git-upload-pack.exe 'PATH'", "gitupload-pack 'PATH'",
        "git-http-backend", "git-daemon", "git-cvsserver server", "cvs server", "svnserve -t", "hg serve --stdio",
        "mosh-server", "info", "help", "-x", "--", "\\", "'", "\"", "''", " ", "\t", "\n", "#", "!", "!!", "~",
        // Terminal escapes, which must not come back.
        "\u{1b}]0;owned\u{7}", "git-upload-pack '\u{1b}[31mred\u{1b}[0m'", "\u{1b}[2J\u{1b}[H",
        "a\u{8}\u{8}\u{8}b\u{7}",
        "git-upload-pack '/alice/\u{9b}31m'", "\u{7f}\u{85}\u{202e}",
    ]

    @Test func nothingHappensButARefusal() async throws {
        let (story, _) = try await Story.common()
        let before = try await story.remoteRefs()
        let master = try await SSHMaster.open(story.ssh)
        for command in Self.commands {
            // An argument of a program ends at a zero byte; ProtocolMisuse sends those.
            let text = command.replacing("PATH", with: story.repository.path).replacing("\0", with: "%00")
            let result = try await master.client(text)
            expectRefusal(result, command)
        }
        #expect(master.isOpen, "refused commands do not end the connection")
        await master.close()
        #expect(Self.commands.count >= 100)
        let list = try await story.ssh.list(story.repository)
        #expect(list.succeeded, "\(list)")
        try await story.expectUnchanged(since: before)
    }

    @Test(arguments: [4_000, 30_000, 120_000])
    func veryLongCommandsAreRefused(length: Int) async throws {
        let (story, _) = try await Story.common()
        let long = String(repeating: "a", count: length)
        for command in [long, "git-upload-pack '/\(long)'", "git-upload-pack '\(story.repository.path)' \(long)"] {
            let result = try await story.ssh(command)
            #expect(!result.succeeded && !result.timedOut && result.standardOutput.isEmpty, "\(result.status)")
            #expect(result.standardError.count < 2_000, "the command is not echoed whole")
        }
        let spaces = String(repeating: " ", count: length)
        let result = try await story.ssh("git-upload-pack\(spaces)'\(story.repository.path)'")
        #expect(!result.timedOut)
        #expect(try await story.ssh.list(story.repository).succeeded)
    }

    /// Status 127 or 128, one line about it, and nothing that a terminal would obey.
    private func expectRefusal(
        _ result: CommandResult,
        _ command: String,
        sourceLocation: SourceLocation = #_sourceLocation
    ) {
        let name = command.debugDescription
        let isLFS = command.hasPrefix("git-lfs-authenticate")
        #expect(
            [127, 128].contains(result.status) || isLFS && result.status == 1,
            "\(name): \(result)",
            sourceLocation: sourceLocation
        )
        #expect(result.standardOutput.isEmpty, "\(name): \(result)", sourceLocation: sourceLocation)
        #expect(result.errorText.hasPrefix("granary: "), "\(name): \(result)", sourceLocation: sourceLocation)
        #expect(!result.errorText.contains("uid="), "\(name): \(result)", sourceLocation: sourceLocation)
        let isClean = String(decoding: result.standardError, as: UTF8.self).unicodeScalars.allSatisfy { scalar in
            scalar == "\n" || scalar == "\r"
                || !(scalar.value < 32 || (127..<160).contains(scalar.value))
                    && scalar != "\u{202e}"
        }
        #expect(isClean, "\(name) is echoed raw", sourceLocation: sourceLocation)
    }
}
