import Dispatch
package import Metadata

/// A database on a PostgreSQL server, which any number of nodes share.
///
/// One connection writes, some read, one listens. Work runs on the connections' own threads; a task that waits for one
/// holds no thread. A connection that is lost is made again, and what was not committed runs again, a bounded number of times.
package struct PostgresDriver: SQLDriver {
    private let writer: ConnectionPool
    private let readers: ConnectionPool
    private let changes: ChangeWatch

    /// Connects, and looks whether the database is one for records.
    ///
    /// - Throws: `MetadataError.unavailable` when the server cannot be reached within `reconnectSeconds`, or the database is
    ///   not as it must be.
    package static func open(_ settings: PostgresSettings) async throws -> PostgresDriver {
        let reachability = Reachability(logger: settings.logger)
        func slots(_ kind: String, _ count: Int) -> [ConnectionSlot] {
            (0..<max(1, count)).map {
                ConnectionSlot(label: "granary.\(kind).\($0)", settings: settings, reachability: reachability)
            }
        }
        let writer = ConnectionPool(
            slots("writer", 1),
            mostWaiting: settings.mostWaiting,
            seconds: settings.queueSeconds
        )
        let readers = ConnectionPool(
            slots("reader", settings.readers),
            mostWaiting: settings.mostWaiting,
            seconds: settings.queueSeconds
        )
        let number = try await Self.on(writer) { slot in
            let session = try slot.readySession()
            defer { slot.tidy() }
            try DatabaseRequirements.check(session)
            return try DatabaseRequirements.changeNumber(session)
        }
        let changes = try ChangeWatch(startingAt: number)
        changes.start(settings)
        return PostgresDriver(writer: writer, readers: readers, changes: changes)
    }

    /// PostgreSQL.
    package var kind: SQLDriverKind { .postgresql }

    /// The number of the last change: at once for this driver's own, soon for those of others.
    package var version: Int64? { changes.version }

    /// Runs `body` on a snapshot of the last commit of any node.
    ///
    /// It may run more than once, when a connection is lost.
    /// - Throws: what `body` throws; `MetadataError.busy` when no connection is free in time; other `MetadataError`;
    ///   `CancellationError`.
    package func read<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await Self.on(readers) { try $0.read(body) }
    }

    /// Runs `body` as the only writer of all nodes, and commits; nothing has happened when it throws.
    ///
    /// It may run more than once, when a connection is lost before anything was committed.
    /// - Throws: what `body` throws; `MetadataError.busy` when others write for too long; `unavailable` also when the connection
    ///   was lost so late that nobody knows; other `MetadataError`; `CancellationError`.
    package func transaction<T: Sendable>(_ body: @Sendable (any SQLConnection) throws -> T) async throws -> T {
        try await Self.on(writer) { slot in
            let committed = try slot.transaction(body)
            switch committed.change {
            case .number(let number): changes.note(number)
            case .unknown: changes.noteUnknown()
            case .none: break
            }
            return committed.value
        }
    }

    /// Waits for running work and closes all connections.
    package func close() async throws {
        for slot in await writer.close() + readers.close() {
            await withTaskExecutorPreference(slot) { slot.disconnect() }
        }
        let changes = changes
        await withCheckedContinuation { (continuation: CheckedContinuation<Void, Never>) in
            // Closing waits for a thread, so it gets one of its own.
            DispatchQueue.global().async {
                changes.close()
                continuation.resume()
            }
        }
    }

    /// Lends a connection to work that runs on its thread.
    private static func on<T: Sendable>(
        _ pool: ConnectionPool,
        _ work: @Sendable (ConnectionSlot) throws -> T
    ) async throws -> T {
        let slot = try await pool.borrow()
        defer { pool.giveBack(slot) }
        do {
            return try await withTaskExecutorPreference(slot) { try work(slot) }
        } catch MetadataError.cancelled {
            throw CancellationError()
        }
    }
}
