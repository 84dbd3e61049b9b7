import Foundation
import Glibc

/// A real PostgreSQL server on loopback: the one that `scripts/test` has started for everybody, or one of a test's own.
package final class PostgresTestServer: Sendable {
    /// Its URL, without a database.
    package let url: String
    private let own: Own?

    /// A server that is ours to stop.
    private struct Own: Sendable {
        let directory: TemporaryDirectory
        let port: Int
        let guardian: ChildProcess
    }

    private init(url: String, own: Own?) {
        self.url = url
        self.own = own
    }

    /// The server of `GRANARY_TEST_POSTGRES`, which is not to be stopped; nil without one.
    package static let shared = ProcessInfo.processInfo.environment["GRANARY_TEST_POSTGRES"].map {
        PostgresTestServer(url: $0, own: nil)
    }

    /// Whether hubs that no story asks to be elsewhere keep their records there, by `GRANARY_TEST_RECORDS=postgres`.
    package static let isUsual = ProcessInfo.processInfo.environment["GRANARY_TEST_RECORDS"] == "postgres"

    /// Lends a server in a directory of its own.
    package static func withOwn(_ body: (PostgresTestServer) async throws -> Void) async throws {
        let directory = try TemporaryDirectory("postgres")
        let port = Int.random(in: 12_000..<20_000)
        let guardian = try Guardian.start(script, "kill", directory)
        let url = try await run(["start", directory.path, "\(port)"])
        let server = PostgresTestServer(url: url, own: Own(directory: directory, port: port, guardian: guardian))
        do {
            try await body(server)
        } catch {
            try? await server.kill()
            throw error
        }
        try await server.kill()
    }

    /// Makes an empty database.
    /// - Returns: its URL.
    package func makeDatabase() async throws -> String {
        let name = "hub_" + UUID().uuidString.filter(\.isHexDigit).lowercased()
        try await psql(
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'",
            on: url + "postgres"
        )
        return url + name
    }

    /// Runs a statement as an operator does, and gives what it answers, unaligned.
    @discardableResult
    package func psql(_ sql: String, on database: String) async throws -> String {
        let flags = ["--no-psqlrc", "--quiet", "--tuples-only", "--no-align", "--command", sql, database]
        return try await Command("psql", flags).run().required().output
    }

    /// Breaks off all connections to a database.
    package func cutConnections(to database: String) async throws {
        try await psql(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid()
            """,
            on: database
        )
    }

    /// Stops it as an operator does, breaking connections off.
    package func stop() async throws { try await control("stop") }

    /// Kills it as a crash does.
    package func kill() async throws { try await control("kill") }

    /// Starts it again on its port.
    package func restart() async throws {
        guard let own else { return }
        _ = try await Self.run(["start", own.directory.path, "\(own.port)"])
    }

    private func control(_ verb: String) async throws {
        guard let own else { return }
        _ = try await Self.run([verb, own.directory.path])
    }

    private static var script: String {
        URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .appendingPathComponent("../../../../scripts/postgres-server").standardizedFileURL.path
    }

    private static func run(_ arguments: [String]) async throws -> String {
        try await Command(script, arguments).run().required().output
    }
}
