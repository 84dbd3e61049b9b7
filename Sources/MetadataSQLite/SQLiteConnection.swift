import Foundation
import GRDB
import Metadata

/// One read or transaction on a connection of GRDB.
///
/// Statements stay prepared on the connection.
final class SQLiteConnection: SQLConnection {
    private let database: Database
    /// The statements this closure has used: a look-up here is cheaper than GRDB's cache when one runs 20 000 times.
    private var prepared: [String: PreparedStatement] = [:]

    init(_ database: Database) {
        self.database = database
    }

    func query(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> [SQLRow] {
        try perform(sql, parameters) { statement, arguments in
            let columns = statement.columnNames
            var rows: [SQLRow] = []
            let cursor = try Row.fetchCursor(statement, arguments: arguments)
            while let row = try cursor.next() {
                rows.append(
                    SQLRow(columns: columns, values: (0..<columns.count).map { SQLValue(row[$0] as DatabaseValue) })
                )
            }
            return rows
        }
    }

    func run(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> Int {
        try perform(sql, parameters) { statement, arguments in
            try statement.execute(arguments: arguments)
            return database.changesCount
        }
    }

    private func perform<T>(
        _ sql: String,
        _ parameters: [SQLValue],
        _ body: (Statement, StatementArguments) throws -> T
    ) throws(MetadataError) -> T {
        do {
            let prepared = try statement(sql)
            return try body(prepared.statement, try prepared.arguments(parameters))
        } catch let error as MetadataError {
            throw error
        } catch {
            // SQLite cannot reset a statement that failed, so GRDB forgets it, and so must we.
            prepared[sql] = nil
            throw MetadataError(sqlite: error)
        }
    }

    private func statement(_ sql: String) throws -> PreparedStatement {
        if let known = prepared[sql] { return known }
        let fresh = PreparedStatement(statement: try database.cachedStatement(sql: sql), order: ParameterOrder(of: sql))
        prepared[sql] = fresh
        return fresh
    }
}

/// A statement of GRDB, and the order in which SQLite wants our parameters.
private struct PreparedStatement {
    let statement: Statement
    let order: ParameterOrder

    func arguments(_ parameters: [SQLValue]) throws(MetadataError) -> StatementArguments {
        guard order.highest == parameters.count else {
            throw .failed("\(parameters.count) parameters for a statement with \(order.highest): \(statement.sql)")
        }
        // GRDB binds C strings: what stands behind a NUL would be lost, and "ada\0" would find "ada". PostgreSQL refuses it too.
        guard !parameters.contains(where: \.isTextWithNUL) else { throw .failed("a text parameter holds a NUL") }
        return StatementArguments(order.indices.map { DatabaseValue(parameters[$0]) })
    }
}

extension DatabaseValue {
    fileprivate init(_ value: SQLValue) {
        self =
            switch value {
            case .null: .null
            case .integer(let number): number.databaseValue
            case .text(let text): text.databaseValue
            case .blob(let bytes): Data(bytes).databaseValue
            }
    }
}

extension SQLValue {
    fileprivate var isTextWithNUL: Bool {
        if case .text(let text) = self { text.utf8.contains(0) } else { false }
    }

    fileprivate init(_ value: DatabaseValue) {
        self =
            switch value.storage {
            case .null: .null
            case .int64(let number): .integer(number)
            case .string(let text): .text(text)
            case .blob(let data): .blob(Array(data))
            // No column of ours is REAL; a number that came to be one is worth a clear complaint where it is read.
            case .double(let number): .text(String(number))
            }
    }
}
