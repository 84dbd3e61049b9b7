import Foundation
import GranaryTesting
import Testing

/// The ways that large files take to the server and back.
enum LargeFileWay: String, CaseIterable, Sendable, CustomTestStringConvertible {
    /// Git and large files over HTTP.
    case http
    /// Git over SSH, large files over HTTP with what `git-lfs-authenticate` gives.
    case sshAuthenticate
    /// Git and large files over SSH: `git-lfs-transfer`.
    case pureSSH

    /// How git talks.
    var wire: Wire { self == .http ? .standard : .standardSSH }

    var testDescription: String { rawValue }

    /// The commands over SSH that the server has to have logged, and those that it must not have.
    var commands: (used: String?, unused: [String]) {
        switch self {
        case .http: (nil, ["git-lfs-authenticate", "git-lfs-transfer"])
        case .sshAuthenticate: ("git-lfs-authenticate", ["git-lfs-transfer"])
        case .pureSSH: ("git-lfs-transfer", ["git-lfs-authenticate"])
        }
    }
}

extension Story {
    /// Git with git-lfs in the hands of the owner, or of anybody.
    func largeFileGit(_ way: LargeFileWay, as person: Person? = nil) async throws -> GitClient {
        let git = try await largeFileGit(way.wire, as: person ?? owner)
        switch way {
        case .http: return git
        case .pureSSH: return git
        case .sshAuthenticate: return try git.withoutTransferOverSSH()
        }
    }

    /// A working repository with a remote called `origin` and large files of some patterns.
    func largeFileWork(_ way: LargeFileWay, tracking patterns: [String] = ["*.bin"]) async throws -> GitClient {
        let work = try await largeFileGit(way).newLargeFileRepository("work", tracking: patterns)
        try await work("remote", "add", "origin", url(way.wire))
        return work
    }

    /// Bytes that the server has logged as received for this repository's large files: uploads over HTTP, and
    /// conversations of `git-lfs-transfer`.
    func receivedBytes() -> Int {
        server.log.split(separator: "\n").reduce(0) { sum, line in
            let isUpload = line.contains("operation=upload") && line.contains("route=lfs")
            let isConversation = line.contains("ssh command") && line.contains("command=git-lfs-transfer")
            guard isUpload && line.contains(repository.path) || isConversation && line.contains(repository.address)
            else {
                return sum
            }
            let field = line.split(separator: " ").first { $0.hasPrefix("bytes_in=") }
            return sum + (field.flatMap { Int($0.dropFirst("bytes_in=".count)) } ?? 0)
        }
    }

    /// Checks that large files went the way that they were to go.
    func expectWent(_ way: LargeFileWay, sourceLocation: SourceLocation = #_sourceLocation) {
        let lines = server.log.split(separator: "\n").filter {
            $0.contains("ssh command") && $0.contains(repository.address)
        }
        let (used, unused) = way.commands
        if let used {
            #expect(lines.contains { $0.contains("command=\(used)") }, "\(used)", sourceLocation: sourceLocation)
        }
        for command in unused {
            let isUsed = lines.contains { $0.contains("command=\(command)") }
            #expect(!isUsed, "\(command)", sourceLocation: sourceLocation)
        }
    }
}

extension GitClient {
    /// The same person with an `ssh` by which `git-lfs-transfer` does not work, so that git-lfs falls back: 3.3 has no
    /// setting for it.
    fileprivate func withoutTransferOverSSH() throws -> GitClient {
        guard let ssh else { return self }
        let path = home.path("ssh-without-transfer")
        let script = """
            case "$*" in *git-lfs-transfer*) echo "no such command" >&2; exit 127;; esac
            exec \(ssh.shellWords) "$@"

            """
        try script.write(toFile: path, atomically: true, encoding: .utf8)
        var client = self
        // Read by a shell, not run itself: while another test starts a program, a file just written may count as busy.
        client.environment["GIT_SSH_COMMAND"] = "sh \(path)"
        return client
    }
}
