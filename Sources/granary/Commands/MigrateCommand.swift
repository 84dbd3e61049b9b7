import ArgumentParser
import Logging
import Metadata
import MetadataPostgres
import MetadataSQLite
import OpenSSLKit

/// `granary migrate`.
struct MigrateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "migrate",
        abstract: "Move records to another database.",
        subcommands: [SQLiteToPostgres.self]
    )

    /// `granary migrate sqlite-to-postgres`.
    struct SQLiteToPostgres: AsyncParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "sqlite-to-postgres",
            abstract: "Copy all records from the data directory's SQLite file into an empty PostgreSQL database.",
            discussion: """
                The server must be stopped. All of it is one transaction: every table is read again on both sides and \
                compared by its number of rows and a SHA-256 over them; when anything differs, nothing has happened. The \
                SQLite file stays as it is. Afterwards start the server with the same `database`.

                Example: granary migrate sqlite-to-postgres --data /var/lib/granary --database postgres://granary@db/granary
                Exit codes: 2 without `database`, 4 when the server runs or the database has records already.
                """
        )

        @OptionGroup var common: CommonOptions
        @Flag(help: "Print a JSON array.")
        var json = false

        func run() async throws {
            let configuration = try common.resolve()
            guard let parameters = try configuration[Keys.database] else {
                throw CommandFailure(.usage, "say where to, with --database postgres://USER@HOST/DATABASE")
            }
            let directory = try DataDirectory(existing: configuration[Keys.data])
            let lock = try DataDirectoryLock(of: directory)
            defer { withExtendedLifetime(lock) {} }
            let logger = LogOutput(format: try configuration[Keys.logFormat], level: .warning).logger(label: "granary")
            let composition = Composition(configuration: configuration, directory: directory, logger: logger)
            let source = try SQLiteDriver(path: directory.database)
            do {
                let target = try await composition.openPostgres(parameters)
                do { try await copy(from: source, to: target) } catch {
                    try? await target.close()
                    throw error
                }
                try await target.close()
            } catch {
                try? await source.close()
                throw error
            }
            try await source.close()
        }

        private func copy(from source: SQLiteDriver, to target: PostgresDriver) async throws {
            let now = WallClock.now()
            try await MetadataStore(driver: source).migrate(at: now)
            try await MetadataStore(driver: target).migrate(at: now)
            let isQuiet = json
            let tables = try await target.transaction { connection in
                try DatabaseCopy(
                    from: { (sql, values) throws(MetadataError) in
                        try source.blockingRead { (connection) throws(MetadataError) in
                            try connection.query(sql, values)
                        }
                    },
                    to: connection,
                    digest: SHA256Rows.init
                ).run { table in
                    if !isQuiet { Terminal.note("\(table.name): \(table.rows)") }
                }
            }
            guard !json else { return Terminal.print(try JSONOutput.text(tables.map(CopiedTable.init))) }
            var text = TextTable(["TABLE", "ROWS", "SHA-256"])
            for table in tables { text.add([table.name, "\(table.rows)", table.checksum]) }
            Terminal.print(text.text)
        }
    }
}

/// A table that is the same in both databases.
private struct CopiedTable: Encodable, Sendable {
    let table: String
    let rows: Int
    let sha256: String

    init(_ table: DatabaseCopy.Table) {
        (self.table, rows, sha256) = (table.name, table.rows, table.checksum)
    }
}

/// SHA-256 over rows.
private final class SHA256Rows: RowDigest {
    private var hash: SHA256Stream?

    init() { hash = try? SHA256Stream() }

    func update(_ bytes: [UInt8]) {
        do { try bytes.withUnsafeBytes { (bytes) throws in try hash?.update(bytes) } } catch { hash = nil }
    }

    func text() -> String {
        // Without memory for a digest there is none, and none is like another.
        guard let digest = try? hash?.finalize() else { return "none \(ObjectIdentifier(self))" }
        return digest.map { String($0 >> 4, radix: 16) + String($0 & 15, radix: 16) }.joined()
    }
}
