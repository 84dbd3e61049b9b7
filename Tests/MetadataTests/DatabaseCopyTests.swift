import Access
import GranaryTesting
import Metadata
import MetadataPostgres
import MetadataSQLite
import Testing

@Suite(.enabled(if: PostgresDatabase.server != nil)) struct DatabaseCopyTests {
    @Test func copiesEveryTableAndGoesOn() async throws {
        try await withBoth { sqlite, postgres in
            let (ada, count) = (try Sample.user(1, "ada"), UInt16(450))
            try await MetadataStore(driver: sqlite).transaction { records in
                try records.insertUser(ada)
                for number in 0..<count {
                    let repository = try Sample.repository(number + 10, "model-\(number)", of: ada)
                    try records.insertRepository(repository)
                    _ = try records.updateRef(
                        repositoryID: repository.id,
                        name: "refs/heads/main",
                        old: nil,
                        new: Sample.oid(1),
                        peeled: nil
                    )
                }
                let token = try Sample.token(5, "laptop", of: ada)
                try records.insertToken(token)
            }
            let tables = try await copy(sqlite, postgres)
            #expect(tables.first { $0.name == "repositories" }?.rows == Int(count))
            #expect(tables.contains { $0.name == "xorbs" && $0.rows == 0 })
            let store = MetadataStore(driver: postgres)
            #expect(try await store.read { try $0.users() } == [ada])
            let another = try Sample.repository(2_000, "another", of: ada)
            try await store.transaction { try $0.insertRepository(another) }
            let found = try await store.read { records in
                let filter = CatalogueFilter(type: .model, terms: ["another"])
                return try records.candidates(filter, .private, for: .user(ada.id), after: nil, limit: 9, scanning: 9)
                    .found
            }
            #expect(found.map(\.id) == [another.id])
        }
    }

    @Test func refusesADatabaseWithRecords() async throws {
        try await withBoth { sqlite, postgres in
            let ada = try Sample.user(1, "ada")
            try await MetadataStore(driver: postgres).transaction { try $0.insertUser(ada) }
            let error = await #expect(throws: MetadataError.self) { try await copy(sqlite, postgres) }
            guard case .conflict = error else { Issue.record("\(String(describing: error))"); return }
        }
    }

    private func copy(_ sqlite: SQLiteDriver, _ postgres: PostgresDriver) async throws -> [DatabaseCopy.Table] {
        try await postgres.transaction { connection in
            try DatabaseCopy(
                from: { (sql, values) throws(MetadataError) in
                    try sqlite.blockingRead { (connection) throws(MetadataError) in try connection.query(sql, values) }
                },
                to: connection,
                digest: { Joined() }
            ).run { _ in }
        }
    }

    private func withBoth(_ body: (SQLiteDriver, PostgresDriver) async throws -> Void) async throws {
        try await PostgresDatabase.lend { database in
            try await withDatabaseFile { path in
                let (sqlite, postgres) = (try SQLiteDriver(path: path), try await database.open())
                for driver in [sqlite, postgres] as [any SQLDriver] {
                    try await MetadataStore(driver: driver).migrate(at: Sample.time)
                }
                try await body(sqlite, postgres)
                try await postgres.close()
                try await sqlite.close()
            }
        }
    }
}

/// The rows themselves in place of a digest.
private final class Joined: RowDigest {
    private var bytes: [UInt8] = []

    func update(_ bytes: [UInt8]) { self.bytes += bytes }

    func text() -> String { "\(bytes)" }
}
