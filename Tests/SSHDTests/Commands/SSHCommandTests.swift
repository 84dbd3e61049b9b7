import Access
import GitCore
import LFS
import SSHD
import Testing

@Suite("Commands over SSH")
struct SSHCommandTests {
    private static let model = RepositoryAddress(type: .model, namespace: "alice", name: "first")
    private static let dataset = RepositoryAddress(type: .dataset, namespace: "alice", name: "rows")

    private func parse(_ text: String) throws(SSHCommand.Refusal) -> SSHCommand {
        try SSHCommand(parsing: Array(text.utf8))
    }

    @Test(arguments: [
        ("git-upload-pack 'alice/first'", SSHCommand.git(.uploadPack, model)),
        ("git-upload-pack '/alice/first.git'", .git(.uploadPack, model)),
        ("git upload-pack '/models/alice/first.git'", .git(.uploadPack, model)),
        ("git-receive-pack '/datasets/alice/rows.git'", .git(.receivePack, dataset)),
        ("git receive-pack datasets/alice/rows", .git(.receivePack, dataset)),
        ("git-upload-archive 'alice/first.git'", .archive(model)),
        ("git-lfs-authenticate /alice/first.git download", .lfsAuthenticate(model, .download)),
        ("git-lfs-authenticate 'datasets/alice/rows' upload", .lfsAuthenticate(dataset, .upload)),
        ("git-lfs-transfer alice/first upload", .lfsTransfer(model, .upload)),
    ])
    func readsThem(text: String, command: SSHCommand) throws {
        #expect(try parse(text) == command)
    }

    @Test(arguments: [
        "ls", "sh -c id", "scp -t /tmp", "rsync --server", "git-shell", "git", "git config --list",
        "git-upload-pack-x a/b",
        "/usr/bin/git-upload-pack a/b", "GIT-UPLOAD-PACK a/b", "-c", "git-credential fill",
    ])
    func offersNothingElse(text: String) {
        #expect(throws: SSHCommand.Refusal.unknown) { try parse(text) }
        #expect(SSHCommand.Refusal.unknown.exitStatus == 127)
    }

    @Test(arguments: [
        "git-upload-pack", "git-upload-pack a/b c/d", "git-upload-pack --strict a/b", "git-upload-pack --timeout=1 a/b",
        "git-lfs-authenticate a/b", "git-lfs-authenticate a/b delete", "git-lfs-authenticate a/b upload oid",
        "git-receive-pack -- a/b",
    ])
    func refusesOtherOperands(text: String) {
        #expect { try parse(text) } throws: { error in
            if case SSHCommand.Refusal.usage = error {
                (error as? SSHCommand.Refusal)?.exitStatus == 128
            } else {
                false
            }
        }
    }

    @Test(arguments: [
        "''", "/", "alice", "'/alice'", "../alice/first", "alice/../first", "'alice/..'", "//alice/first",
        "alice/first/", "/etc/passwd/x", "models/alice/first/x", "'alice/fi rst'", "'-x/first'", "~/first",
        "'~alice/first'",
        "unknown/alice/first", "'alice/first.git.git'", "'alice/first\\x'", "'alice/fïrst'", "alice/.git",
    ])
    func refusesWhatIsNoRepository(path: String) {
        #expect(throws: SSHCommand.Refusal.path) { try parse("git-upload-pack \(path)") }
    }
}
