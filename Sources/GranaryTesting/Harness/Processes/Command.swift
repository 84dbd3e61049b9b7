import Foundation
import Glibc

/// One run of a program from start to end.
package struct Command: Sendable {
    /// A path, or a name that is looked up in `PATH`.
    package var executable: String
    /// The arguments after the program's own name.
    package var arguments: [String]
    /// Variables besides `Command.baseEnvironment`.
    package var environment: [String: String] = [:]
    /// The working directory.
    package var directory = "/tmp"
    /// What the program reads from standard input.
    package var input: [UInt8] = []
    /// After this time the program and its children are killed.
    package var timeout: Duration = .seconds(120)

    /// A command with the default directory, no input and two minutes.
    package init(_ executable: String, _ arguments: [String]) {
        self.executable = executable
        self.arguments = arguments
    }

    /// What every program gets: the search path and a locale with English messages.
    package static let baseEnvironment = [
        "PATH": ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin:/bin",
        "LC_ALL": "C.UTF-8",
        "SWIFT_BACKTRACE": "enable=no",
    ]

    /// Runs the program.
    ///
    /// - Throws: only when it cannot be started; a failing program is an ordinary result.
    package func run() async throws -> CommandResult {
        let files = try TemporaryDirectory("command")
        let child = try start(in: files)
        let outcome = await child.wait(timeout: timeout)
        if outcome == nil { await child.kill() }
        return CommandResult(
            command: [executable] + arguments,
            status: outcome?.status ?? 124,
            timedOut: outcome == nil,
            standardOutput: files.contents("stdout"),
            standardError: files.contents("stderr")
        )
    }

    /// Starts the program with its streams as the files `stdin`, `stdout` and `stderr` of a directory.
    package func start(in files: TemporaryDirectory) throws -> ChildProcess {
        var launch = Launch(
            executable: executable,
            arguments: arguments,
            environment: Self.baseEnvironment.merging(environment) { $1 },
            directory: directory
        )
        if !input.isEmpty { launch.inputFile = try files.write("stdin", input) }
        launch.outputFile = files.path("stdout")
        launch.errorFile = files.path("stderr")
        return try ChildProcess.start(launch)
    }
}

/// What a program said and how it ended.
package struct CommandResult: Sendable, CustomStringConvertible {
    /// The program and its arguments.
    package let command: [String]
    /// The exit status; 128 + signal for a killed program, 124 when the time was over.
    package let status: Int32
    /// True when the program was killed because it took too long.
    package let timedOut: Bool
    /// The bytes of standard output.
    package let standardOutput: [UInt8]
    /// The bytes of standard error.
    package let standardError: [UInt8]

    /// True for exit status 0.
    package var succeeded: Bool { status == 0 }
    /// Standard output as text without the white space around it.
    package var output: String { trimmed(standardOutput) }
    /// Standard error as text without the white space around it.
    package var errorText: String { trimmed(standardError) }
    /// The lines of standard output.
    package var lines: [String] { output.split(separator: "\n").map(String.init) }

    package var description: String {
        let ending = timedOut ? "did not end in time" : "status \(status)"
        return
            "\(command.joined(separator: " ").prefix(600)): \(ending)\n\(output.prefix(2_000))\n\(errorText.prefix(6_000))"
    }

    /// This result, if the program succeeded.
    ///
    /// - Throws: `CommandFailure` otherwise.
    @discardableResult
    package func required() throws -> CommandResult {
        guard succeeded else { throw CommandFailure(result: self) }
        return self
    }

    private func trimmed(_ bytes: [UInt8]) -> String {
        String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// A program that failed although it should not have.
package struct CommandFailure: Error, CustomStringConvertible {
    /// What it said.
    package let result: CommandResult

    /// A failure with what the program said.
    package init(result: CommandResult) {
        self.result = result
    }

    package var description: String { result.description }
}
