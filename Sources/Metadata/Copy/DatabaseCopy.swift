/// Copies all records from a database of SQLite's into an empty one of PostgreSQL's, and compares.
///
/// Both have the newest schema. The tables and their order are read from the schema, so that a new table is not forgotten.
/// Memory is bounded by a page of rows.
package struct DatabaseCopy {
    /// What a table came to, on both sides.
    package struct Table: Sendable, Equatable {
        /// Its name.
        package let name: String
        /// How many rows it has.
        package let rows: Int
        /// The digest of all rows in the order of their keys.
        package let checksum: String
    }

    /// Runs a query on SQLite.
    private let source: (String, [SQLValue]) throws(MetadataError) -> [SQLRow]
    /// The transaction on PostgreSQL in which all of it happens.
    private let target: any SQLConnection
    /// Makes a digest, which is fed rows and then read.
    private let digest: () -> any RowDigest

    /// Rows that are read and written at a time.
    private static let page = 200

    /// A copy from one open database to another.
    package init(
        from source: @escaping (String, [SQLValue]) throws(MetadataError) -> [SQLRow],
        to target: any SQLConnection,
        digest: @escaping () -> any RowDigest
    ) {
        self.source = source
        self.target = target
        self.digest = digest
    }

    /// Copies, and reads both sides again.
    /// - Parameter progress: told each table after it was copied and compared.
    /// - Returns: all tables in the order in which they were copied.
    /// - Throws: `conflict` when the target has rows already, `corrupt` when a table is not the same on both sides;
    ///   whoever has opened the transaction then gives it up.
    package func run(progress: (Table) -> Void) throws(MetadataError) -> [Table] {
        try target.takeTime()
        let shapes = try TableShape.all(in: source)
        for shape in shapes where try target.first("SELECT 1 AS there FROM \(shape.name) LIMIT 1", []) != nil {
            throw .conflict("the table \(shape.name) has rows already: records are copied into an empty database")
        }
        var tables: [Table] = []
        for shape in shapes {
            try copy(shape)
            let target = target
            let before = try summary(of: shape) { (sql, values) throws(MetadataError) in try source(sql, values) }
            let after = try summary(of: shape) { (sql, values) throws(MetadataError) in try target.query(sql, values) }
            guard before == after else {
                throw .corrupt("\(shape.name) has \(before.rows) rows, and \(after.rows) that differ after copying")
            }
            tables.append(after)
            progress(after)
        }
        try Self.continueNumbers(in: target)
        return tables
    }

    private func copy(_ shape: TableShape) throws(MetadataError) {
        try pages(of: shape, source) { (rows) throws(MetadataError) in
            // Two texts for each table: a full page, and one row.
            if rows.count == Self.page {
                try target.run(shape.insertion(rows: rows.count), Array(rows.joined()))
            } else {
                for row in rows { try target.run(shape.insertion(rows: 1), row) }
            }
        }
    }

    private func summary(
        of shape: TableShape,
        _ query: (String, [SQLValue]) throws(MetadataError) -> [SQLRow]
    ) throws(MetadataError) -> Table {
        let digest = digest()
        var count = 0
        try pages(of: shape, query) { (rows) throws(MetadataError) in
            count += rows.count
            for row in rows { digest.update(RowBytes.write(row)) }
        }
        return Table(name: shape.name, rows: count, checksum: digest.text())
    }

    /// Reads a table in the order of its key.
    private func pages(
        of shape: TableShape,
        _ query: (String, [SQLValue]) throws(MetadataError) -> [SQLRow],
        _ body: ([[SQLValue]]) throws(MetadataError) -> Void
    ) throws(MetadataError) {
        var last: [SQLValue] = []
        while true {
            let rows = try query(shape.selection(after: last, limit: Self.page), last)
            var values: [[SQLValue]] = []
            for row in rows {
                values.append(try shape.columns.map { (column) throws(MetadataError) in try row.value(column) })
            }
            if !values.isEmpty { try body(values) }
            guard rows.count == Self.page, let end = rows.last else { return }
            last = try shape.key.map { (column) throws(MetadataError) in try end.value(column) }
        }
    }

    /// Numbers that PostgreSQL counts itself go on behind those that were copied.
    static func continueNumbers(in target: any SQLConnection) throws(MetadataError) {
        let counted = try target.query(
            """
            SELECT CAST(c.relname AS TEXT) AS relation, CAST(a.attname AS TEXT) AS attribute
            FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
            WHERE a.attidentity <> '' AND c.relnamespace = (SELECT oid FROM pg_namespace WHERE nspname = current_schema())
            """,
            []
        )
        for row in counted {
            let (table, column) = (try row.text("relation"), try row.text("attribute"))
            _ = try target.query(
                """
                SELECT setval(pg_get_serial_sequence($1, $2), coalesce(max(\(column)), 0) + 1, false) AS next FROM \(table)
                """,
                [.text(table), .text(column)]
            )
        }
    }
}

/// A digest of rows.
package protocol RowDigest: AnyObject {
    /// Takes in a row.
    func update(_ bytes: [UInt8])
    /// The digest of all rows, for people.
    func text() -> String
}
