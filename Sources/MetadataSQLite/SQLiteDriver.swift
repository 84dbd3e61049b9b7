import Dispatch
import GRDB
import Glibc
package import Metadata

/// The embedded database: one file in WAL mode, one writer and up to eight readers per process, any number of processes.
///
/// An acknowledged transaction survives a power cut (`synchronous = FULL`: the log is synced at every commit). Work runs
/// on queues of GRDB; a task that waits for it holds no thread.
package struct SQLiteDriver: SQLDriver {
    private let pool: DatabasePool
    private let changes: ChangeCounter

    /// How many connections read at a time; further reads wait without a thread.
    private static let readerLimit = 8

    /// Opens the database file, and makes it if it is not there.
    ///
    /// Blocks for some milliseconds, and up to the time-out while another process recovers the file: call it at start.
    /// - Parameters:
    ///   - path: the file, whose directory exists; SQLite puts `-wal` and `-shm` beside it. All have mode 0600.
    ///   - busyTimeout: seconds to wait for another process that writes.
    /// - Throws: `MetadataError.unavailable` when the file cannot be opened, `corrupt` when it is not a database.
    package init(path: String, busyTimeout: Double = 10) throws(MetadataError) {
        try DatabaseFile.prepare(at: path)
        pool = try Self.open(path, busyTimeout: busyTimeout)
        changes = try ChangeCounter(path: path)
    }

    /// Opens the file; of several programs that open a new one together, SQLite refuses some at once, whatever the time-out,
    /// as each holds what the others wait for.
    private static func open(_ path: String, busyTimeout: Double) throws(MetadataError) -> DatabasePool {
        let end = ContinuousClock.now + .seconds(busyTimeout)
        while true {
            do {
                let pool = try DatabasePool(path: path, configuration: configuration(busyTimeout: busyTimeout))
                // GRDB chooses NORMAL for its writer when it switches to WAL, after the configuration was applied.
                try pool.writeWithoutTransaction { try demandDurability($0) }
                return pool
            } catch {
                let error = MetadataError(sqlite: error)
                guard error == .busy, ContinuousClock.now < end else { throw error }
                usleep(20_000)
            }
        }
    }

    /// SQLite.
    package var kind: SQLDriverKind { .sqlite }

    /// SQLite's counter of changes.
    package var version: Int64? { changes.value }

    /// Runs `body` on a snapshot of the last commit of any process.
    /// - Throws: what `body` throws; `MetadataError`; `CancellationError`.
    package func read<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await translatingErrors {
            try await pool.read { database in try body(SQLiteConnection(database)) }
        }
    }

    /// Runs `body` like `read`, and blocks meanwhile: for threads that may wait.
    /// - Throws: what `body` throws; `MetadataError`.
    package func blockingRead<T>(_ body: (any SQLConnection) throws(MetadataError) -> T) throws(MetadataError) -> T {
        do {
            return try pool.read { database in try body(SQLiteConnection(database)) }
        } catch {
            throw MetadataError(sqlite: error)
        }
    }

    /// Runs `body` between `BEGIN IMMEDIATE` and `COMMIT`, or `ROLLBACK` when it throws.
    /// - Throws: what `body` throws; `MetadataError.busy` after the time-out; other `MetadataError`; `CancellationError`.
    package func transaction<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await translatingErrors {
            try await pool.write { database in try body(SQLiteConnection(database)) }
        }
    }

    /// Waits for running work and closes all connections.
    ///
    /// The last process that closes folds the log into the file.
    package func close() async throws {
        let (pool, changes) = (pool, changes)
        try await translatingErrors {
            try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
                // Closing waits for the queues, so it gets a thread of its own.
                DispatchQueue.global().async {
                    continuation.resume(
                        with: Result {
                            changes.close()
                            try pool.close()
                        }
                    )
                }
            }
        }
    }

    private static func configuration(busyTimeout: Double) -> Configuration {
        var configuration = Configuration()
        configuration.label = "granary"
        configuration.foreignKeysEnabled = true
        configuration.busyMode = .timeout(busyTimeout)
        configuration.maximumReaderCount = readerLimit
        configuration.persistentReadOnlyConnections = true
        configuration.prepareDatabase(demandDurability)
        return configuration
    }

    @Sendable
    private static func demandDurability(_ database: Database) throws {
        try database.execute(sql: "PRAGMA synchronous = FULL")
    }

    private func translatingErrors<T>(_ body: () async throws -> T) async throws -> T {
        do {
            return try await body()
        } catch let error as DatabaseError {
            throw MetadataError(sqlite: error)
        } catch MetadataError.cancelled {
            throw CancellationError()
        }
    }
}
