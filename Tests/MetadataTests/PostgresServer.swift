import Foundation
import GranaryTesting
import Metadata

/// A PostgreSQL server of a test's own, which may be stopped.
struct PostgresServer: Sendable {
    private let directory: URL
    private let port: Int
    /// Its URL, without a database.
    let url: String

    /// Lends a server that runs.
    static func lend(_ body: (PostgresServer) async throws -> Void) async throws {
        let directory = FileManager.default.temporaryDirectory.appendingPathComponent("granary-pg-\(UUID().uuidString)")
        let port = Int.random(in: 12_000..<20_000)
        defer { try? FileManager.default.removeItem(at: directory) }
        let server = PostgresServer(directory: directory, port: port, url: "postgres://granary@127.0.0.1:\(port)/")
        do {
            try server.start()
            try await body(server)
        } catch {
            try? server.kill()
            throw error
        }
        try server.kill()
    }

    /// Starts it on its files.
    func start() throws { try script("start", directory.path, "\(port)") }

    /// Ends it, breaking connections off.
    func stop() throws { try script("stop", directory.path) }

    /// Ends it as a crash does.
    func kill() throws { try script("kill", directory.path) }

    private func script(_ arguments: String...) throws {
        let root = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        let process = Process()
        process.executableURL = root.appendingPathComponent("scripts/postgres-server")
        process.arguments = arguments
        process.standardOutput = FileHandle.nullDevice
        process.standardError = FileHandle.nullDevice
        try process.run()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else { throw MetadataError.unavailable("postgres-server \(arguments)") }
    }
}
