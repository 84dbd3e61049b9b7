import ArgumentParser
import Glibc

/// The program: one subcommand per thing a person at the server's command line can do.
@main
struct Granary: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "granary",
        abstract: "A self-hosted hub for models, datasets, spaces and code.",
        discussion: """
            Start a server with `granary serve`; every other command works on the same data directory, also while the \
            server runs.

            EXIT CODES
              0  done
              1  failed
              2  wrong usage, or a configuration that cannot be used
              3  the user, repository, token or key does not exist
              4  conflict with what already exists
              5  forbidden
            """,
        version: ProgramVersion.text,
        subcommands: [
            ServeCommand.self, UserCommand.self, OrganizationCommand.self, TokenCommand.self, KeyCommand.self,
            RepositoryCommand.self, ImportCommand.self, LFSCommand.self, StorageCommand.self, HostKeyCommand.self,
            ConfigCommand.self,
            DoctorCommand.self,
            FsckCommand.self, BackupCommand.self, RestoreCommand.self, MigrateCommand.self, VersionCommand.self,
        ]
    )

    /// Parses the arguments, runs the command and ends the process with a documented exit code.
    static func main() async {
        ProcessSetup.makeFilesPrivate()
        do {
            var command = try parseAsRoot()
            if var asynchronous = command as? any AsyncParsableCommand {
                try await asynchronous.run()
            } else {
                try command.run()
            }
        } catch {
            finish(with: error)
        }
    }

    private static func finish(with error: any Error) -> Never {
        if let failure = CommandFailure(describing: error) {
            if !failure.message.isEmpty { Terminal.note("granary: \(failure.message)") }
            Glibc.exit(failure.status.rawValue)
        }
        // What is left is the parser's: help and version on standard output, wrong usage on standard error.
        let (code, message) = (exitCode(for: error), fullMessage(for: error))
        guard !code.isSuccess else {
            Terminal.print(message)
            Glibc.exit(ExitStatus.success.rawValue)
        }
        Terminal.note(message)
        Glibc.exit(code == .validationFailure ? ExitStatus.usage.rawValue : code.rawValue)
    }
}
