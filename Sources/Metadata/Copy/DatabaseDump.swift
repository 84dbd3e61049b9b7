/// All records as pieces of bytes that mean the same on SQLite and on PostgreSQL, and back.
///
/// The tables, their columns and their order come from the schema of an empty database of SQLite's, whatever the records
/// are in: names that stand in a dump never become part of a statement.
package struct DatabaseDump: Sendable {
    /// A table in a dump.
    package struct Table: Codable, Sendable, Equatable {
        /// Its name.
        package let name: String
        /// The columns, in the order of the values.
        package let columns: [String]
        /// How many rows it has.
        package var rows: Int
        /// How many pieces its rows are in, in order.
        package var pieces: Int
    }

    private let shapes: [TableShape]

    private static let page = 200
    /// A piece ends behind a row whose hash has these bits clear, so that a row that comes or goes changes its own piece and
    /// leaves the others as they were; and where it gets this large.
    private static let boundary: UInt64 = 0x3ff
    private static let largestPiece = 4 << 20

    /// For databases with a schema.
    /// - Parameter template: runs a query on a database of SQLite's that has the schema.
    package init(
        template: (String, [SQLValue]) throws(MetadataError) -> [SQLRow]
    ) throws(MetadataError) {
        shapes = try TableShape.all(in: template)
    }

    /// Reads all records.
    /// - Parameters:
    ///   - connection: a snapshot.
    ///   - sink: takes the pieces one after the other, those of a table together.
    /// - Returns: the tables, in the order of their pieces; those that others refer to come first.
    package func write(
        from connection: any SQLConnection,
        to sink: ([UInt8]) throws -> Void
    ) throws -> [Table] {
        try shapes.map { try write($0, from: connection, to: sink) }
    }

    private func write(
        _ shape: TableShape,
        from connection: any SQLConnection,
        to sink: ([UInt8]) throws -> Void
    ) throws -> Table {
        var table = Table(name: shape.name, columns: shape.columns, rows: 0, pieces: 0)
        var (piece, last) = ([UInt8](), [SQLValue]())
        func end() throws {
            try sink(piece)
            piece.removeAll(keepingCapacity: true)
            table.pieces += 1
        }
        while true {
            let rows = try connection.query(shape.selection(after: last, limit: Self.page), last)
            for row in rows {
                let bytes = RowBytes.write(
                    try shape.columns.map { (column) throws(MetadataError) in try row.value(column) }
                )
                piece += bytes
                table.rows += 1
                if Self.hash(bytes) & Self.boundary == 0 || piece.count >= Self.largestPiece { try end() }
            }
            guard rows.count == Self.page, let row = rows.last else { break }
            last = try shape.key.map { (column) throws(MetadataError) in try row.value(column) }
        }
        if !piece.isEmpty { try end() }
        return table
    }

    /// FNV-1a; it decides where pieces end and nothing else.
    private static func hash(_ bytes: [UInt8]) -> UInt64 {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return hash ^ hash >> 32
    }

    /// Makes sure that a dump has the tables of the schema, and that the database has no records yet.
    /// - Throws: `corrupt` for other tables, `conflict` for a database with records.
    package func check(_ tables: [Table], for connection: any SQLConnection) throws(MetadataError) {
        guard tables.map(\.name) == shapes.map(\.name), tables.map(\.columns) == shapes.map(\.columns) else {
            throw .corrupt("the tables of the dump are not those of its schema")
        }
        for shape in shapes where try connection.first("SELECT 1 AS there FROM \(shape.name) LIMIT 1", []) != nil {
            throw .conflict("the table \(shape.name) has rows already: records are restored into an empty database")
        }
    }

    /// Adds the rows of a piece.
    /// - Parameter table: the number of the table among those of the dump.
    /// - Returns: how many there were.
    /// - Throws: `corrupt` for what `write` does not make; the refusal of the database.
    package func load(
        _ piece: [UInt8],
        ofTable table: Int,
        into connection: any SQLConnection
    ) throws(MetadataError) -> Int {
        guard shapes.indices.contains(table) else { throw .corrupt("there is no table \(table)") }
        let shape = shapes[table]
        let insertion = shape.insertion(rows: 1)
        var (rest, count) = (piece[...], 0)
        while !rest.isEmpty {
            try connection.run(insertion, try RowBytes.read(from: &rest, columns: shape.columns.count))
            count += 1
        }
        return count
    }

    /// Lets a database that counts numbers itself go on behind those that were loaded.
    package func finish(_ connection: any SQLConnection, kind: SQLDriverKind) throws(MetadataError) {
        if kind == .postgresql { try DatabaseCopy.continueNumbers(in: connection) }
    }
}
