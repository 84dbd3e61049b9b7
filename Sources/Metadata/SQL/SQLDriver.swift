/// A connection inside one read or one transaction.
///
/// Statements are written in the dialect that SQLite and PostgreSQL share: parameters `$1`, `$2`, … in any order and any
/// number of times, `ON CONFLICT`, `RETURNING`, keyset pagination. Connections prepare a text once and keep it, so texts
/// are constant and values are always parameters.
///
/// After a statement failed inside a transaction the transaction must be given up: PostgreSQL executes nothing more in it.
package protocol SQLConnection {
    /// Runs a statement that answers rows (`SELECT`, `RETURNING`).
    /// - Parameter parameters: the value of `$1` first; exactly as many as the text names.
    /// - Throws: the refusal of the database.
    func query(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> [SQLRow]

    /// Runs a statement for its effect.
    /// - Parameter parameters: the value of `$1` first; exactly as many as the text names.
    /// - Returns: how many rows it inserted, changed or deleted; rows deleted by a cascade are not counted.
    /// - Throws: the refusal of the database.
    @discardableResult
    func run(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> Int

    /// Lets the statements that follow in this transaction take as long as they need: for changes of the schema.
    /// - Throws: the refusal of the database.
    func takeTime() throws(MetadataError)
}

extension SQLConnection {
    /// Nothing, where statements have no time-out anyway.
    package func takeTime() throws(MetadataError) {}

    /// Runs a statement that answers at most one row.
    /// - Returns: the first row, nil when there is none.
    /// - Throws: the refusal of the database.
    package func first(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> SQLRow? {
        try query(sql, parameters).first
    }
}

/// The database systems a driver can speak to.
package enum SQLDriverKind: String, Sendable {
    case sqlite
    case postgresql
}

/// Opens connections, and gives reads and transactions their isolation.
///
/// The promises that every driver keeps are in `GranaryTesting/Promises`.
package protocol SQLDriver: Sendable {
    /// Which database system answers.
    var kind: SQLDriverKind { get }

    /// Runs `body` on a snapshot: everything it reads belongs to one moment, not earlier than the call, whoever committed.
    ///
    /// `body` may run again from its beginning when a server was lost meanwhile, so it changes nothing but its result.
    /// Ask for everything a use case needs in one call: the change of threads costs many times a query.
    /// - Throws: what `body` throws; `MetadataError`; `CancellationError`.
    func read<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// Runs `body` as the only writer and commits durably; if it throws, nothing has happened.
    ///
    /// `body` may run again from its beginning as in `read`; what an earlier run wrote is then undone.
    /// - Throws: what `body` throws; `MetadataError.busy` after the time-out; other `MetadataError`; `CancellationError`.
    func transaction<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T

    /// A number that is another one after anybody, also in another process, has changed anything; nil when that cannot be
    /// told at once.
    ///
    /// What this driver commits shows before `transaction` returns. What others commit shows at once where they share a file,
    /// and within two seconds where they share a server. Takes microseconds, so it may be asked anywhere.
    var version: Int64? { get }

    /// Waits for what is running and closes all connections; later calls throw.
    func close() async throws
}
