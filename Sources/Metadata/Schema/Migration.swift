/// One numbered step of the schema.
///
/// Steps only go forward, and one that was released is never changed.
package struct Migration: Sendable {
    /// 1 for the first step; each later one is one more.
    package let version: Int64
    /// The statements of the step, in order, for a database system.
    package let statements: @Sendable (SQLDriverKind) -> [String]

    /// A step whose statements may depend on the database system.
    package init(version: Int64, statements: @escaping @Sendable (SQLDriverKind) -> [String]) {
        self.version = version
        self.statements = statements
    }

    /// All steps this program knows, in order.
    package static let all = [
        Migration(version: 1, statements: foundation(for:)),
        Migration(version: 2, statements: keyOwners(for:)),
        Migration(version: 3, statements: largeFiles(for:)),
        Migration(version: 4, statements: gates(for:)),
        Migration(version: 5, statements: jobs(for:)),
        Migration(version: 6, statements: uploadHolders(for:)),
        Migration(version: 7, statements: discussions(for:)),
        Migration(version: 8, statements: tokenPermissions(for:)),
        Migration(version: 9, statements: catalogue(for:)),
        Migration(version: 10, statements: people(for:)),
        Migration(version: 11, statements: collections(for:)),
        Migration(version: 12, statements: webhooks(for:)),
        Migration(version: 13, statements: attachments(for:)),
        Migration(version: 14, statements: xet(for:)),
        Migration(version: 15, statements: xorbUploads(for:)),
        Migration(version: 16, statements: xorbLosses(for:)),
    ]
}

/// Brings a database to the newest schema, inside one transaction that its caller opened: the write lock of that
/// transaction keeps two programs that start together apart.
package struct Migrator {
    private let connection: any SQLConnection
    private let kind: SQLDriverKind

    /// A migrator for the database behind a connection.
    package init(connection: any SQLConnection, kind: SQLDriverKind) {
        self.connection = connection
        self.kind = kind
    }

    /// Runs the steps that the database has not had.
    /// - Parameters:
    ///   - migrations: all steps in order.
    ///   - moment: noted beside each step.
    /// - Throws: `schemaTooNew` when the database has had steps that are not in the list.
    package func migrate(to migrations: [Migration], at moment: Timestamp?) throws(MetadataError) {
        try connection.run(
            "CREATE TABLE IF NOT EXISTS schema_migrations (version BIGINT NOT NULL PRIMARY KEY, applied_at BIGINT)",
            []
        )
        let current = try version()
        let known = migrations.last?.version ?? 0
        guard current <= known else { throw .schemaTooNew(found: current, known: known) }
        if current < known { try connection.takeTime() }
        for migration in migrations where migration.version > current {
            for statement in migration.statements(kind) { try connection.run(statement, []) }
            try connection.run(
                "INSERT INTO schema_migrations (version, applied_at) VALUES ($1, $2)",
                [.integer(migration.version), .time(moment)]
            )
        }
    }

    /// The number of the last step that was run; 0 for an empty database.
    private func version() throws(MetadataError) -> Int64 {
        let row = try connection.first("SELECT coalesce(max(version), 0) AS version FROM schema_migrations", [])
        return try row?.integer("version") ?? 0
    }
}
