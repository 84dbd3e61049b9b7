import Foundation
package import Glibc
import Synchronization

/// The real `granary` binary, serving a fresh data directory on free loopback ports.
package final class GranaryServer: Sendable {
    /// A server that did not come up or did not stop.
    package struct Failure: Error, CustomStringConvertible {
        /// What went wrong, with the end of the server's log.
        package let description: String
    }

    private struct State {
        var child: ChildProcess?
        var guardian: ChildProcess?
        var httpPort = 0
        var metricsPort = 0
        var sshPort = 0
        var starts = 0
    }

    /// Where the server's files are: `data/`, the log, the first administrator's credentials.
    package let directory: TemporaryDirectory
    private let arguments: [String]
    private let environment: [String: String]
    private let state = Mutex(State())
    /// Held while a repository is made.
    let creation = Slots(1)

    private init(arguments: [String], environment: [String: String]) throws {
        directory = try TemporaryDirectory("server")
        self.arguments = arguments
        self.environment = environment
    }

    /// Starts a server on a data directory of its own.
    ///
    /// - Parameters:
    ///   - arguments: more flags of `granary serve`.
    ///   - environment: more variables.
    ///   - sharesHostKeys: false lets the server make its host keys itself.
    package static func start(
        _ arguments: [String] = [],
        environment: [String: String] = [:],
        sharesHostKeys: Bool = true
    ) async throws -> GranaryServer {
        var environment = environment
        if PostgresTestServer.isUsual, environment["GRANARY_DATABASE"] == nil, let shared = PostgresTestServer.shared {
            environment["GRANARY_DATABASE"] = try await shared.makeDatabase()
        }
        let server = try GranaryServer(arguments: arguments, environment: environment)
        if sharesHostKeys { try await SharedHostKeys.shared.install(in: server.dataDirectory + "/secrets") }
        try await server.start()
        return server
    }

    /// The path of the binary under test: beside the test bundle.
    package static var executable: String {
        let bundle =
            (try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")) ?? CommandLine.arguments[0]
        let products = URL(fileURLWithPath: bundle).deletingLastPathComponent()
        let beside = products.appendingPathComponent("granary").path
        guard !FileManager.default.isExecutableFile(atPath: beside) else { return beside }
        // A test runner that is not the bundle itself is given the bundle as an argument.
        let argument = CommandLine.arguments.first { $0.contains(".xctest") } ?? CommandLine.arguments[0]
        return URL(fileURLWithPath: argument).deletingLastPathComponent().appendingPathComponent("granary").path
    }

    /// The URL of the database with its records; nil for a file in the data directory.
    package var database: String? { environment["GRANARY_DATABASE"] }
    /// The data directory.
    package var dataDirectory: String { directory.path("data") }
    /// The port of the HTTP listener.
    package var httpPort: Int { state.withLock { $0.httpPort } }
    /// The port of the metrics listener.
    package var metricsPort: Int { state.withLock { $0.metricsPort } }
    /// The port of the SSH listener; 0 without one.
    package var sshPort: Int { state.withLock { $0.sshPort } }
    /// Scheme, host and port.
    package var base: String {
        "\(arguments.contains("--tls-certificate") ? "https" : "http")://127.0.0.1:\(httpPort)"
    }
    /// The process id.
    package var identifier: pid_t { state.withLock { $0.child?.identifier ?? 0 } }
    /// Requests to the HTTP listener.
    package var curl: Curl { Curl(base: base) }
    /// What the server wrote to standard error since its first start.
    package var log: String { String(decoding: directory.contents("stderr"), as: UTF8.self) }
    /// What the server wrote to standard output since its first start.
    package var announcements: String { String(decoding: directory.contents("stdout"), as: UTF8.self) }
    /// True while the process runs.
    package var isRunning: Bool { state.withLock { $0.child.map { $0.reap() == nil } ?? false } }

    /// Starts the process and waits until it accepts connections.
    package func start() async throws {
        let starts = state.withLock { $0.starts }
        var command = Command(Self.executable, ["serve", "--data", dataDirectory] + listeners + arguments)
        command.environment = environment
        command.directory = directory.path
        let child = try command.start(in: directory)
        let guardian = try guardian(of: child)
        state.withLock { ($0.child, $0.guardian, $0.starts) = (child, guardian, starts + 1) }

        var ports: [String: Int]?
        _ = try await eventually(within: .seconds(60)) {
            ports = readyPorts(after: starts)
            return ports != nil || child.reap() != nil
        }
        guard let ports else {
            await kill()
            throw Failure(description: "the server did not become ready:\n\(log.suffix(4_000))")
        }
        state.withLock { state in
            state.httpPort = ports["http"] ?? ports["https"] ?? 0
            state.metricsPort = ports["metrics"] ?? 0
            state.sshPort = ports["ssh"] ?? 0
        }
        // Without the file every login fails, which is for the stories about SSH to tell.
        if sshPort != 0, !FileManager.default.fileExists(atPath: knownHosts) { try? await noteHostKeys() }
    }

    /// Flags for free loopback ports; those of an earlier start are taken again, so that clones keep their remote's URL.
    private var listeners: [String] {
        let (http, ssh) = state.withLock { ($0.httpPort, $0.sshPort) }
        let flags = ["--http", "127.0.0.1:\(http)", "--metrics", "127.0.0.1:0"]
        return arguments.contains("--ssh") ? flags : flags + ["--ssh", "127.0.0.1:\(ssh)"]
    }

    /// Stops the server as an operator does.
    ///
    /// - Returns: the exit status.
    /// - Throws: `Failure` when it does not end within the time.
    @discardableResult
    package func stop(within limit: Duration = .seconds(60)) async throws -> Int32 {
        guard let child = state.withLock({ $0.child }) else { return 0 }
        child.signal(SIGTERM)
        let outcome = await child.wait(timeout: limit)
        await kill()
        guard let outcome else { throw Failure(description: "the server did not stop:\n\(log.suffix(4_000))") }
        return outcome.status
    }

    /// Kills the server as a power cut does.
    package func kill() async {
        let (child, guardian) = state.withLock { ($0.child, $0.guardian) }
        await guardian?.kill()
        await child?.kill()
        state.withLock { ($0.child, $0.guardian) = (nil, nil) }
    }

    /// Sends a signal to the server.
    package func signal(_ signal: Int32) {
        state.withLock { $0.child }?.signal(signal)
    }

    /// `granary` with this server's data directory.
    package func command(_ arguments: [String]) -> Command {
        var command = Command(Self.executable, arguments + ["--data", dataDirectory])
        command.environment = environment
        command.directory = directory.path
        return command
    }

    /// Runs `granary` with this server's data directory.
    package func run(_ arguments: [String], input: String = "") async throws -> CommandResult {
        var command = command(arguments)
        command.input = Array(input.utf8)
        return try await command.run()
    }

    /// Runs `granary` and gives what it printed.
    ///
    /// - Throws: `CommandFailure` unless it succeeded.
    @discardableResult
    package func granary(_ arguments: String..., input: String = "") async throws -> String {
        try await run(arguments, input: input).required().output
    }

    /// The ports of the ready line that belongs to the start number `index`; a listener that is off has none.
    private func readyPorts(after index: Int) -> [String: Int]? {
        let lines = log.split(separator: "\n").filter { $0.contains("granary ready ") }
        guard lines.count > index else { return nil }
        var ports: [String: Int] = [:]
        for word in lines[index].split(separator: " ") {
            let parts = word.split(separator: "=", maxSplits: 1)
            guard parts.count == 2, let port = parts[1].split(separator: ":").last.flatMap({ Int($0) }) else {
                continue
            }
            ports[String(parts[0])] = port
        }
        return ports["http"] == nil && ports["https"] == nil ? nil : ports
    }

    /// A shell that kills the server when the test process dies in a way that runs no clean-up.
    private func guardian(of child: ChildProcess) throws -> ChildProcess {
        let script = "while kill -0 \(getpid()) 2>/dev/null; do sleep 1; done; kill -KILL -\(child.identifier)"
        return try ChildProcess.start(
            Launch(
                executable: "/bin/sh",
                arguments: ["-c", script],
                environment: Command.baseEnvironment,
                directory: "/"
            )
        )
    }
}
