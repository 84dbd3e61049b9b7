import CLibPQ
import Metadata

/// An answer of the server, owned.
///
/// Not `Sendable`: it stays with the thread that works on its connection.
final class PGResult {
    private let result: OpaquePointer

    /// Takes an answer, which is cleared with this object.
    init(_ result: OpaquePointer) {
        self.result = result
    }

    deinit { PQclear(result) }

    /// Why the server refused; nil when it did not.
    var refusal: Refusal? {
        switch PQresultStatus(result) {
        case PGRES_FATAL_ERROR, PGRES_BAD_RESPONSE, PGRES_NONFATAL_ERROR, PGRES_PIPELINE_ABORTED: Refusal(result)
        default: nil
        }
    }

    /// How many rows a statement inserted, changed or deleted; 0 for every other statement.
    var affected: Int {
        guard !tag.hasPrefix("SELECT"), let text = PQcmdTuples(result) else { return 0 }
        return Int(String(cString: text)) ?? 0
    }

    /// Whether the statement may have changed anything that others can see.
    var hasChanged: Bool {
        switch tag.prefix(while: { $0 != " " }) {
        case "SELECT", "SET", "BEGIN", "": false
        case "INSERT", "UPDATE", "DELETE": affected > 0
        default: true
        }
    }

    /// The server's word for what it did, such as `UPDATE 1` or `COMMIT`.
    var tag: String { PQcmdStatus(result).map { String(cString: $0) } ?? "" }

    /// A value of an answer in text form, as statements without parameters give it; nil for null and where there is none.
    func text(_ row: Int32, _ column: Int32) -> String? {
        guard row < PQntuples(result), column < PQnfields(result), PQgetisnull(result, row, column) == 0 else {
            return nil
        }
        return PQgetvalue(result, row, column).map { String(cString: $0) }
    }

    /// Whether this is the end of the answers to statements that were sent together.
    var isSync: Bool { PQresultStatus(result) == PGRES_PIPELINE_SYNC }

    /// Whether the server waits for data, or would send some, in a form that nobody here speaks.
    var isCopy: Bool {
        [PGRES_COPY_IN, PGRES_COPY_OUT, PGRES_COPY_BOTH].contains(PQresultStatus(result))
    }

    /// The names of the columns.
    func columnNames() -> [String] {
        (0..<PQnfields(result)).map { column in PQfname(result, column).map { String(cString: $0) } ?? "" }
    }

    /// All rows, in binary form.
    /// - Parameter columns: as `columnNames` gives them.
    /// - Throws: `MetadataError.failed` for a column of a type that records do not have.
    func rows(_ columns: [String]) throws(MetadataError) -> [SQLRow] {
        let count = PQntuples(result)
        guard count > 0 else { return [] }
        var types: [ColumnType] = []
        for column in 0..<Int32(clamping: columns.count) {
            let oid = PQftype(result, column)
            guard let type = ColumnType(rawValue: oid) else {
                throw .failed("the column \(columns[Int(column)]) has type \(oid), which is none of records")
            }
            types.append(type)
        }
        var rows: [SQLRow] = []
        rows.reserveCapacity(Int(count))
        for row in 0..<count {
            var values: [SQLValue] = []
            values.reserveCapacity(types.count)
            for (column, type) in types.enumerated() {
                values.append(try value(row, Int32(clamping: column), type))
            }
            rows.append(SQLRow(columns: columns, values: values))
        }
        return rows
    }

    private func value(_ row: Int32, _ column: Int32, _ type: ColumnType) throws(MetadataError) -> SQLValue {
        guard PQgetisnull(result, row, column) == 0, let start = PQgetvalue(result, row, column) else { return .null }
        let bytes = UnsafeRawBufferPointer(start: start, count: Int(PQgetlength(result, row, column)))
        switch type {
        case .bool, .int2, .int4, .int8:
            guard let number = type.number(bytes) else { throw .corrupt("a number of \(bytes.count) bytes") }
            return .integer(number)
        case .text, .varchar, .name: return .text(String(decoding: bytes, as: UTF8.self))
        case .bytea: return .blob(Array(bytes))
        }
    }
}

/// A refusal with its code, which decides what to do.
struct Refusal: Error {
    /// Five characters; empty when libpq itself refused.
    let sqlState: String
    /// What it means to the records.
    let error: MetadataError

    fileprivate init(_ result: OpaquePointer) {
        let message =
            granary_pq_message(result).map { String(cString: $0) } ?? PQresultErrorMessage(result).map {
                String(cString: $0)
            } ?? ""
        sqlState = granary_pq_sqlstate(result).map { String(cString: $0) } ?? ""
        error =
            sqlState.isEmpty
            ? .unavailable(message)
            : MetadataError(
                sqlState: sqlState,
                message: message,
                constraint: granary_pq_constraint(result).map { String(cString: $0) }
            )
    }
}

/// The types of PostgreSQL that statements of ours answer with.
///
/// - Source: PostgreSQL, `pg_type.dat`: these numbers never change.
private enum ColumnType: UInt32 {
    case bool = 16
    case bytea = 17
    case name = 19
    case int8 = 20
    case int2 = 21
    case int4 = 23
    case text = 25
    case varchar = 1043

    /// A number in network order; nil when it has another length than its type.
    func number(_ bytes: UnsafeRawBufferPointer) -> Int64? {
        switch (self, bytes.count) {
        case (.bool, 1): bytes[0] == 0 ? 0 : 1
        case (.int2, 2): Int64(Int16(bigEndian: bytes.loadUnaligned(as: Int16.self)))
        case (.int4, 4): Int64(Int32(bigEndian: bytes.loadUnaligned(as: Int32.self)))
        case (.int8, 8): Int64(bigEndian: bytes.loadUnaligned(as: Int64.self))
        default: nil
        }
    }
}
