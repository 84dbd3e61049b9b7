/// The system's `ssh`, used by one person or by nobody.
///
/// It reads no configuration, asks nobody, offers one key and trusts the host keys in one file.
package struct SSHClient: Sendable {
    /// The server's port on the loopback address.
    package let port: Int
    /// The file of known hosts.
    package let knownHosts: String
    /// The only key that is offered; nil offers none.
    package var key: SSHKey?
    /// The user name.
    package var user = "git"
    /// More arguments, such as `-o` and `Ciphers=…`; they win over the usual ones.
    package var options: [String] = []
    /// More variables.
    package var environment: [String: String] = [:]
    /// How long a command may take.
    package var timeout: Duration = .seconds(60)

    /// A client of one server.
    package init(port: Int, knownHosts: String, key: SSHKey?) {
        (self.port, self.knownHosts, self.key) = (port, knownHosts, key)
    }

    /// The same client with one more `-o`.
    package func with(_ setting: String) -> SSHClient {
        with(arguments: ["-o", setting])
    }

    /// The same client with more arguments.
    package func with(arguments: [String]) -> SSHClient {
        var client = self
        client.options += arguments
        return client
    }

    /// The same client with another user name.
    package func named(_ user: String) -> SSHClient {
        var client = self
        client.user = user
        return client
    }

    /// The arguments in front of the host; of two values for one setting `ssh` takes the first.
    package var arguments: [String] {
        options
            + [
                "-F", "/dev/null", "-o", "IdentitiesOnly=yes", "-o", "IdentityAgent=none", "-o", "BatchMode=yes", "-o",
                "StrictHostKeyChecking=yes", "-o", "UserKnownHostsFile=\(knownHosts)", "-o",
                "GlobalKnownHostsFile=/dev/null", "-o", "LogLevel=ERROR", "-o", "ConnectTimeout=20",
                "-i", key?.path ?? "none",
            ]
    }

    /// What `GIT_SSH_COMMAND` has to be; git adds port, host and command.
    package var shellWords: String {
        (["ssh"] + arguments).map { "'\($0.replacing("'", with: #"'\''"#))'" }.joined(separator: " ")
    }

    /// Runs a command of the server; nil asks for none, as `ssh git@host` does.
    ///
    /// - Parameter input: all that the server gets to read.
    package func callAsFunction(_ remote: String?, input: [UInt8] = []) async throws -> CommandResult {
        try await command(remote, input: input).run()
    }

    /// Lists the refs of a repository and wants nothing more, as `git ls-remote` does.
    package func list(_ repository: HostedRepository) async throws -> CommandResult {
        try await self("git-upload-pack \(repository.quotedPath)", input: Array("0000".utf8))
    }

    /// Starts a command and leaves it running.
    package func start(_ remote: String?, input: [UInt8] = [], in files: TemporaryDirectory) throws -> ChildProcess {
        try command(remote, input: input).start(in: files)
    }

    /// The command that `callAsFunction` runs.
    package func command(_ remote: String?, input: [UInt8] = []) -> Command {
        let destination = ["-p", "\(port)", "-l", user, "127.0.0.1"]
        var command = Command("ssh", arguments + destination + (remote.map { ["--", $0] } ?? []))
        command.input = input
        command.environment = environment
        command.timeout = timeout
        return command
    }
}
