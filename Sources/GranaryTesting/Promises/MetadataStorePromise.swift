import Access
import Metadata

/// Something that `MetadataStore` does on every driver, as a case for parameterised tests.
package struct MetadataStorePromise: Sendable, CustomStringConvertible {
    /// The rule, in words.
    package let description: String
    /// Tries it on an empty database; throws when the promise is broken.
    package let check: @Sendable (DatabaseOpener) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (MetadataStore) async throws -> Void) {
        self.init(onSeveral: description) { try await $0.withStore(check) }
    }

    init(onSeveral description: String, _ check: @escaping @Sendable (DatabaseOpener) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// All promises of a store.
    package static let all =
        migrations + keyMigrations + accounts + organizations + credentials + keys + repositories + moves + permissions
        + refs + races + journals + sums + largeFiles + chunks + locks + jobs + discussions + catalogue + webhooks

    static let migrations = [
        MetadataStorePromise("migrating again changes nothing") { store in
            let ada = try Sample.user(1, "ada")
            try await store.transaction { try $0.insertUser(ada) }
            try await store.migrate()
            try promise(try await store.read { try $0.users() }, is: [ada])
        },
        MetadataStorePromise(onSeveral: "programs that start together migrate once") { database in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<4 {
                    group.addTask { try await database.withStore { _ = try await $0.read { try $0.users() } } }
                }
                try await group.waitForAll()
            }
        },
        MetadataStorePromise(onSeveral: "a database of a later program is refused and stays as it is") { database in
            let known = try present(Migration.all.last).version
            try await database.withStore { _ in }
            try await database.withDriver { driver in
                try await driver.transaction { connection in
                    _ = try connection.run("INSERT INTO schema_migrations (version) VALUES ($1)", [.integer(known + 1)])
                }
                try await promiseFailure({ $0 as? MetadataError == .schemaTooNew(found: known + 1, known: known) }) {
                    try await MetadataStore(driver: driver).migrate()
                }
                let rows = try await driver.read { try $0.query("SELECT version FROM schema_migrations", []) }
                try promise(rows.count, is: Int(known) + 1)
            }
        },
        MetadataStorePromise(onSeveral: "a step that fails leaves the schema as it was") { database in
            try await database.withStore { _ in }
            try await database.withDriver { driver in
                let broken = Migration(version: 1000) { _ in ["CREATE TABLE half (a BIGINT)", "CREATE NONSENSE"] }
                try await promiseFailure(isFailed) {
                    try await driver.transaction { connection in
                        try Migrator(connection: connection, kind: driver.kind)
                            .migrate(to: Migration.all + [broken], at: nil)
                    }
                }
                try await promiseFailure(isFailed) { try await driver.read { try $0.query("SELECT a FROM half", []) } }
                try await MetadataStore(driver: driver).migrate()
            }
        },
        MetadataStorePromise(onSeveral: "every step is noted with its time") { database in
            try await database.withStore { _ in }
            try await database.withDriver { driver in
                let rows = try await driver.read { connection in
                    try connection.query("SELECT version, applied_at FROM schema_migrations ORDER BY version", [])
                }
                try promise(try rows.map { try $0.integer("version") }, is: Migration.all.map(\.version))
                for row in rows { try promise(try row.time("applied_at"), is: Sample.time) }
            }
        },
    ]
}
