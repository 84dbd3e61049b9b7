import GranaryTesting
import Metadata
import MetadataSQLite

/// A database system that tests of records run on.
enum TestDatabase: Sendable {
    case sqlite
    case postgresql

    /// SQLite, and PostgreSQL where there is a server.
    static let all: [TestDatabase] = PostgresDatabase.server == nil ? [.sqlite] : [.sqlite, .postgresql]

    /// Lends a store with the newest schema on an empty database, and closes it afterwards.
    func withStore(_ body: (MetadataStore) async throws -> Void) async throws {
        switch self {
        case .sqlite:
            try await withDatabaseFile { path in try await lend(try SQLiteDriver(path: path), body) }
        case .postgresql:
            try await PostgresDatabase.lend { try await lend(try await $0.open(), body) }
        }
    }

    private func lend(_ driver: any SQLDriver, _ body: (MetadataStore) async throws -> Void) async throws {
        let store = MetadataStore(driver: driver)
        do {
            try await store.migrate()
            try await body(store)
        } catch {
            try? await store.close()
            throw error
        }
        try await store.close()
    }
}
