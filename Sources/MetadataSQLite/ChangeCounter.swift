import GRDBSQLite
import Metadata
import Synchronization

/// A connection that only asks SQLite whether others have written: those of this process, and other processes.
///
/// It is asked for every request, by threads that must not wait: without a queue, with a statement that stays prepared. The
/// answer takes two locks of the file, and never waits for a writer.
/// - Source: SQLite, "PRAGMA data_version".
final class ChangeCounter: Sendable {
    /// A pointer belongs to whoever holds the lock.
    private struct Handle: @unchecked Sendable {
        var database: OpaquePointer?
        var statement: OpaquePointer?
    }

    private let handle: Mutex<Handle>

    /// A counter of the changes of a database that is open already.
    ///
    /// - Throws: `MetadataError.unavailable` with SQLite's words.
    init(path: String) throws(MetadataError) {
        var opened = Handle()
        let flags = SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX
        guard sqlite3_open_v2(path, &opened.database, flags, nil) == SQLITE_OK,
            // For the first look alone, beside a program that just opens the file; what is asked later never waits.
            sqlite3_busy_timeout(opened.database, 10_000) == SQLITE_OK,
            sqlite3_prepare_v2(opened.database, "PRAGMA data_version", -1, &opened.statement, nil) == SQLITE_OK
        else {
            let message = String(cString: sqlite3_errmsg(opened.database))
            sqlite3_close_v2(opened.database)
            throw .unavailable(message)
        }
        handle = Mutex(opened)
    }

    deinit { close() }

    /// Another number after each change; nil when SQLite cannot say, and after `close`.
    var value: Int64? {
        handle.withLock { handle in
            guard let statement = handle.statement else { return nil }
            defer { sqlite3_reset(statement) }
            return sqlite3_step(statement) == SQLITE_ROW ? sqlite3_column_int64(statement, 0) : nil
        }
    }

    /// Closes the connection.
    func close() {
        handle.withLock { handle in
            sqlite3_finalize(handle.statement)
            sqlite3_close_v2(handle.database)
            handle = Handle()
        }
    }
}
