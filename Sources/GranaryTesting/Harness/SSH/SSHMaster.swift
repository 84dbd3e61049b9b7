import Foundation

/// One connection that further commands share as channels, as OpenSSH's ControlMaster does.
package final class SSHMaster: Sendable {
    private let files: TemporaryDirectory
    private let process: ChildProcess
    /// A client whose commands go through the connection; it opens none of its own.
    package let client: SSHClient

    private init(files: TemporaryDirectory, process: ChildProcess, client: SSHClient) {
        (self.files, self.process, self.client) = (files, process, client)
    }

    /// Opens the connection and waits until it can be shared.
    ///
    /// - Throws: `CommandFailure` when it cannot be opened.
    package static func open(_ client: SSHClient) async throws -> SSHMaster {
        let files = try TemporaryDirectory("master")
        let socket = files.path("s")
        let process = try client.with(arguments: ["-M", "-N", "-S", socket]).start(nil, in: files)
        let shared = client.with(arguments: ["-S", socket, "-o", "ControlMaster=no", "-o", "ProxyCommand=false"])
        _ = try await eventually { FileManager.default.fileExists(atPath: socket) || process.reap() != nil }
        guard process.reap() == nil else {
            let result = CommandResult(
                command: ["ssh", "-M"],
                status: process.reap()?.status ?? 0,
                timedOut: false,
                standardOutput: files.contents("stdout"),
                standardError: files.contents("stderr")
            )
            throw CommandFailure(result: result)
        }
        return SSHMaster(files: files, process: process, client: shared)
    }

    /// True while the connection is open.
    package var isOpen: Bool { process.reap() == nil }

    /// Ends the connection.
    package func close() async {
        await process.kill()
    }
}
