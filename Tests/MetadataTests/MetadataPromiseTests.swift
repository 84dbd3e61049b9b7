import GranaryTesting
import Metadata
import MetadataSQLite
import Testing

@Suite struct SQLitePromiseTests {
    @Test(arguments: SQLDriverPromise.all)
    func keepsTheDriverPromise(_ promise: SQLDriverPromise) async throws {
        try await withDatabaseFile { path in
            try await promise.check(DatabaseOpener { try SQLiteDriver(path: path) })
        }
    }

    @Test(arguments: MetadataStorePromise.all)
    func keepsTheStorePromise(_ promise: MetadataStorePromise) async throws {
        try await withDatabaseFile { path in
            try await promise.check(DatabaseOpener { try SQLiteDriver(path: path) })
        }
    }
}

/// One after the other, because each makes a database and some open many connections.
@Suite(.serialized, .enabled(if: PostgresDatabase.server != nil)) struct PostgresPromiseTests {
    @Test(arguments: SQLDriverPromise.all)
    func keepsTheDriverPromise(_ promise: SQLDriverPromise) async throws {
        try await PostgresDatabase.lend { database in
            try await promise.check(DatabaseOpener { try await database.open() })
        }
    }

    @Test(arguments: MetadataStorePromise.all)
    func keepsTheStorePromise(_ promise: MetadataStorePromise) async throws {
        try await PostgresDatabase.lend { database in
            try await promise.check(DatabaseOpener { try await database.open() })
        }
    }
}
