import Foundation
import Glibc
import Synchronization

/// A real S3 server (SeaweedFS) on loopback: the one that `scripts/test` has started for everybody, or one of a test's own.
package final class S3TestServer: Sendable {
    /// Where it answers, such as `http://127.0.0.1:8333`.
    package let endpoint: String
    /// Who may use it.
    package let accessKey: String
    package let secretKey: String
    /// The bucket.
    package let bucket: String
    private let own: Own?

    /// A server that is ours to stop.
    private struct Own: Sendable {
        let directory: TemporaryDirectory
        let port: Int
        let guardian: ChildProcess
    }

    /// Reads "endpoint,access key,secret key,bucket", as `scripts/s3-server` prints it.
    private init(_ text: String, own: Own?) throws {
        let fields = text.split(separator: ",").map(String.init)
        guard fields.count == 4 else { throw Unusable(description: "no S3 server: \(text)") }
        (endpoint, accessKey, secretKey, bucket) = (fields[0], fields[1], fields[2], fields[3])
        self.own = own
    }

    /// A server that cannot be used.
    package struct Unusable: Error, CustomStringConvertible {
        package let description: String
    }

    /// The server of `GRANARY_TEST_S3`, which is not to be stopped; nil without one.
    package static let shared = ProcessInfo.processInfo.environment["GRANARY_TEST_S3"].flatMap {
        try? S3TestServer($0, own: nil)
    }

    /// The program of `GRANARY_TEST_SEAWEEDFS`, of which tests may start one of their own.
    package static var program: String? { ProcessInfo.processInfo.environment["GRANARY_TEST_SEAWEEDFS"] }

    /// Lends a server with a bucket in a directory of its own.
    package static func withOwn(_ body: (S3TestServer) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("s3")
        let port = try freePort()
        let guardian = try Guardian.start(script, "stop", directory)
        let text = try await run(["start", directory.path, "\(port)"])
        let server = try S3TestServer(text, own: Own(directory: directory, port: port, guardian: guardian))
        do {
            try await body(server)
        } catch {
            _ = try? await run(["stop", directory.path])
            throw error
        }
        _ = try await run(["stop", directory.path])
    }

    /// Kills the server as a power cut does; its files stay.
    package func kill() {
        if let own { Self.kill(own.directory) }
    }

    /// Starts it again on its port.
    package func restart() async throws {
        guard let own else { return }
        _ = try await Self.run(["start", own.directory.path, "\(own.port)"])
    }

    /// The variables by which `granary` keeps large files here, below a prefix of their own.
    package func environment(_ changes: [String: String] = [:]) -> [String: String] {
        let variables = [
            "GRANARY_S3_ENDPOINT": endpoint, "GRANARY_S3_BUCKET": bucket, "GRANARY_S3_ACCESS_KEY": accessKey,
            "GRANARY_S3_SECRET_KEY": secretKey, "GRANARY_S3_PREFIX": "end-to-end/\(UUID().uuidString.lowercased())",
        ]
        return variables.merging(changes) { $1 }
    }

    private static var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../scripts/s3-server").standardizedFileURL.path
    }

    private static func run(_ arguments: [String]) async throws -> String {
        var command = Command(script, arguments)
        if let program { command.environment["SEAWEEDFS"] = program }
        return try await command.run().required().output
    }

    /// Kills the process that the script has noted.
    private static func kill(_ directory: TemporaryDirectory) {
        let text = String(decoding: directory.contents("pid"), as: UTF8.self)
        guard let process = pid_t(text.trimmingCharacters(in: .whitespacesAndNewlines)), process > 1,
            isServer(process, directory)
        else { return }
        Glibc.kill(process, SIGKILL)
        // The next start must not take the dying process for a living one.
        for _ in 0..<100 where isServer(process, directory) { usleep(20_000) }
    }

    /// Whether a process is the server of a directory; one that is dead and not yet reaped is not.
    private static func isServer(_ process: pid_t, _ directory: TemporaryDirectory) -> Bool {
        let line = FileManager.default.contents(atPath: "/proc/\(process)/cmdline") ?? Data()
        return String(decoding: line, as: UTF8.self).contains("-dir=\(directory.path)/data")
    }

    /// The first of the ports that a server takes, below those that the system gives to outgoing connections.
    private static func freePort() throws -> Int {
        for _ in 0..<100 {
            let port = Int.random(in: 20_000..<32_000)
            let isTaken = [0, 1, 2, 3, 10, 11, 12, 13].contains { (try? RawConnection(port: port + $0)) != nil }
            if !isTaken { return port }
        }
        throw Unusable(description: "no free ports")
    }
}
