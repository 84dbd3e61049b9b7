import Foundation
import GranaryTesting
import Logging
import Metadata
import MetadataPostgres
import Synchronization

/// A database of a test's own on the server of `GRANARY_TEST_POSTGRES`.
struct PostgresDatabase: Sendable {
    /// The URL of the server, without a database; nil without a server.
    static let server = ProcessInfo.processInfo.environment["GRANARY_TEST_POSTGRES"]

    /// The URL of the database.
    let url: String

    /// Databases that nobody has at the moment: making one takes long, emptying one does not.
    private static let idle = Mutex<[PostgresDatabase]>([])

    /// Lends an empty database.
    static func lend(_ body: (PostgresDatabase) async throws -> Void) async throws {
        guard let server else { return }
        let database = try idle.withLock({ $0.popLast() }) ?? make(on: server)
        defer {
            if (try? database.empty()) != nil { idle.withLock { $0.append(database) } }
        }
        try await body(database)
    }

    private static func make(on server: String) throws -> PostgresDatabase {
        let name = "test_" + UUID().uuidString.replacing("-", with: "").lowercased()
        try psql(
            server + "postgres",
            "CREATE DATABASE \(name) TEMPLATE template0 ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C'"
        )
        return PostgresDatabase(url: server + name)
    }

    private func empty() throws {
        try run(
            """
            SELECT pg_terminate_backend(pid) FROM pg_stat_activity
            WHERE datname = current_database() AND pid <> pg_backend_pid();
            DROP SCHEMA public CASCADE; CREATE SCHEMA public
            """
        )
    }

    /// Settings for a driver on it.
    func settings() throws -> PostgresSettings {
        PostgresSettings(parameters: try ConnectionParameters(reading: url), logger: .quiet)
    }

    /// A driver on it.
    func open() async throws -> PostgresDriver {
        try await PostgresDriver.open(try settings())
    }

    /// Runs statements beside all drivers, as an operator does.
    func run(_ sql: String) throws {
        try psql(url, sql)
    }
}

extension Logger {
    /// One that writes nothing.
    static let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
}

/// Runs statements by `psql`, which is installed with the server.
private func psql(_ url: String, _ sql: String) throws {
    let process = Process()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/psql")
    process.arguments = ["--no-psqlrc", "--quiet", "--tuples-only", "--command", sql, url]
    process.standardOutput = FileHandle.nullDevice
    let errors = Pipe()
    process.standardError = errors
    try process.run()
    let text = try errors.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    guard process.terminationStatus == 0 else { throw MetadataError.failed(String(decoding: text, as: UTF8.self)) }
}
