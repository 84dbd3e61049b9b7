import Foundation

/// Real `git`, used by one person in a home directory of their own.
///
/// There is no system configuration and no prompt; credentials come from git's own `store` helper, so that the first request
/// of every conversation is anonymous and the 401 challenge is part of each story.
package struct GitClient: Sendable {
    /// Keeps the home directory.
    package let home: TemporaryDirectory
    /// The working directory of commands.
    package var directory: String
    /// More variables, such as fixed dates.
    package var environment: [String: String] = [:]
    /// More `-c key=value` pairs.
    package var configuration: [String] = []
    /// How git reaches `ssh://` remotes; nil leaves that to git.
    package var ssh: SSHClient?
    /// How long a command may take.
    package var timeout: Duration = .seconds(120)

    /// Makes the home directory.
    ///
    /// - Parameters:
    ///   - person: whose credentials to use; nil for somebody anonymous.
    ///   - base: scheme, host and port that the credentials are for.
    ///   - protocolVersion: 0, 1 or 2.
    package init(person: Person?, base: String, protocolVersion: Int) throws {
        home = try TemporaryDirectory("home")
        directory = home.path
        let name = person?.name ?? "nobody"
        try home.write(
            ".gitconfig",
            """
            [user]
            \tname = \(name)
            \temail = \(name)@example.com
            [init]
            \tdefaultBranch = main
            [protocol]
            \tversion = \(protocolVersion)
            [credential]
            \thelper = store
            [gc]
            \tauto = 0
            [maintenance]
            \tauto = false
            [advice]
            \tdetachedHead = false
            [core]
            \tfsync = none
            [pack]
            \tthreads = 1

            """
        )
        guard let person, let separator = base.range(of: "://") else { return }
        let location = "\(base[..<separator.upperBound])\(person.credentials)@\(base[separator.upperBound...])"
        try home.write(".git-credentials", location + "\n")
    }

    /// The same person in another directory, relative to the current one.
    package func at(_ path: String) -> GitClient {
        var client = self
        client.directory = path.hasPrefix("/") ? path : "\(directory)/\(path)"
        return client
    }

    /// The same client with one more configuration value.
    package func with(_ setting: String) -> GitClient {
        var client = self
        client.configuration.append(setting)
        return client
    }

    /// The same client with another way to reach `ssh://` remotes.
    package func over(_ ssh: SSHClient) -> GitClient {
        var client = self
        client.ssh = ssh
        return client
    }

    /// Runs git and gives what it printed.
    ///
    /// - Throws: `CommandFailure` unless it succeeded.
    @discardableResult
    package func callAsFunction(_ arguments: String..., input: [UInt8] = []) async throws -> String {
        try await run(arguments, input: input).required().output
    }

    /// Runs git, which may fail.
    package func attempt(_ arguments: String..., input: [UInt8] = []) async throws -> CommandResult {
        try await run(arguments, input: input)
    }

    /// Runs git with any arguments.
    package func run(_ arguments: [String], input: [UInt8] = []) async throws -> CommandResult {
        try await command(arguments, input: input).run()
    }

    /// Starts git and leaves it running.
    package func start(_ arguments: [String], in files: TemporaryDirectory) throws -> ChildProcess {
        try command(arguments, input: []).start(in: files)
    }

    private func command(_ arguments: [String], input: [UInt8]) -> Command {
        var command = Command("git", configuration.flatMap { ["-c", $0] } + arguments)
        command.environment = [
            "HOME": home.path, "GIT_CONFIG_NOSYSTEM": "1", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "/bin/false",
            "NO_PROXY": "*", "GIT_ADVICE": "0",
        ].merging(environment) { $1 }
        if let ssh, command.environment["GIT_SSH_COMMAND"] == nil {
            command.environment["GIT_SSH_COMMAND"] = ssh.shellWords
        }
        command.directory = directory
        command.input = input
        command.timeout = timeout
        return command
    }
}
