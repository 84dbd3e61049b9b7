import CLibPQ
import Glibc
import Metadata

/// A connection to the server, owned.
///
/// Not `Sendable`: one thread works on it at a time. Every answer is waited for with a deadline of ours, because the server's
/// time-outs do not help when the server itself does not move.
final class PGSession {
    /// Why what was done may be done again from the beginning, on another connection or on this one.
    enum Trouble {
        /// The connection is gone. Nothing was committed unless `COMMIT` had been sent.
        case lost
        /// Prepared statements belong to an older schema, or to another session.
        case stalePlans
        /// The server could not let transactions follow one another.
        case collision
    }

    private let connection: OpaquePointer
    /// What went wrong since the last `forgetTrouble()`.
    private(set) var trouble: Trouble?
    private var statements = PreparedStatements()
    /// Begins a transaction in the message of its first statement.
    private var opening: String?
    /// Whether answers come that nobody has waited for.
    private var isOwed = false
    /// Seconds to wait for an answer.
    var patience: Double

    /// Connects.
    ///
    /// Blocks for as long as `connect_timeout` says, for each host.
    /// - Parameter patience: seconds to wait for an answer.
    /// - Throws: `MetadataError.unavailable` with libpq's words.
    init(_ parameters: ConnectionParameters, patience: Double) throws(MetadataError) {
        let all = parameters.all
        let opened = withCStrings(all.map(\.keyword)) { keywords in
            withCStrings(all.map(\.value)) { values in PQconnectdbParams(keywords, values, 0) }
        }
        guard let opened else { throw .unavailable("no memory") }
        guard PQstatus(opened) == CONNECTION_OK else {
            let error = MetadataError.lost(opened)
            PQfinish(opened)
            throw error
        }
        granary_pq_silence(opened)
        connection = opened
        self.patience = patience
    }

    deinit { PQfinish(connection) }

    /// Whether nothing more can be asked on this connection.
    var isLost: Bool { trouble == .lost || PQstatus(connection) != CONNECTION_OK }

    /// Whether a transaction is open or has failed.
    var isInTransaction: Bool { !isOwed && PQtransactionStatus(connection) != PQTRANS_IDLE }

    /// The number of the server's version: 150004 for 15.4.
    var serverVersion: Int { Int(PQserverVersion(connection)) }

    /// The socket, for waiting.
    var socket: Int32 { PQsocket(connection) }

    /// Starts something that may be done again when it fails.
    func forgetTrouble() {
        opening = nil
        if trouble != .lost { trouble = nil }
    }

    /// Runs statements without parameters, separated by semicolons; the first that fails ends it.
    /// - Throws: the refusal of the server, `unavailable` when the connection is lost.
    @discardableResult
    func script(_ sql: String) throws(MetadataError) -> [PGResult] {
        try settle()
        if let begin = opening {
            opening = nil
            try script(begin)
        }
        guard PQsendQuery(connection, sql) == 1 else { throw lose() }
        return try answers()
    }

    /// Begins a transaction together with its first statement, which saves a round trip.
    /// - Parameter sql: one statement.
    func begin(with sql: String) {
        opening = sql
    }

    /// Ends a transaction that has changed nothing, without waiting for the answer; the next use of the connection does.
    /// - Throws: `unavailable` when the connection is lost.
    func endReading() throws(MetadataError) {
        guard opening == nil else {
            opening = nil
            return
        }
        guard PQsendQuery(connection, "COMMIT") == 1 else { throw lose() }
        isOwed = true
    }

    /// Runs one statement with parameters, prepared at its first use on this connection.
    /// - Throws: the refusal of the server, `unavailable` when the connection is lost.
    func perform(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> (PGResult, columns: [String]) {
        let buffer = try ParameterBuffer(parameters)
        try settle()
        // What is prepared stays so, whether a transaction is open or not.
        let begin = opening
        opening = nil
        let statement = try prepared(sql, parameters)
        if let begin {
            guard PQenterPipelineMode(connection) == 1,
                PQsendQueryParams(connection, begin, 0, nil, nil, nil, nil, 0) == 1
            else { throw lose() }
        }
        let formats = [Int32](repeating: 1, count: parameters.count)
        let isSent = buffer.withPointers { values in
            PQsendQueryPrepared(
                connection,
                statement.name,
                Int32(clamping: parameters.count),
                values,
                buffer.lengths,
                formats,
                1
            )
        }
        guard isSent == 1 else { throw lose() }
        let results = try begin == nil ? answers() : pipelined()
        guard let result = results.last else { throw .corrupt("the server gave no answer") }
        if let columns = statement.columns { return (result, columns) }
        let columns = result.columnNames()
        statements.note(columns: columns, of: sql)
        return (result, columns)
    }

    /// What other sessions have told since the last look; reads what has arrived, and does not wait.
    /// - Throws: `unavailable` when the connection is lost.
    func notifications() throws(MetadataError) -> [String] {
        guard PQconsumeInput(connection) == 1 else { throw lose() }
        var texts: [String] = []
        while let notification = PQnotifies(connection) {
            texts.append(notification.pointee.extra.map { String(cString: $0) } ?? "")
            PQfreemem(notification)
        }
        return texts
    }

    /// Forgets all prepared statements, here and on the server.
    func forgetStatements() throws(MetadataError) {
        statements = PreparedStatements()
        try script("DEALLOCATE ALL")
    }

    private func prepared(_ sql: String, _ parameters: [SQLValue]) throws(MetadataError) -> PreparedStatements.Entry {
        if let known = statements.entry(sql, for: parameters) { return known }
        if statements.isFull { try forgetStatements() }
        let (entry, old) = try statements.newEntry(sql, for: parameters)
        if let old { try script("DEALLOCATE \(old)") }
        let types = entry.types.map(\.rawValue)
        guard PQsendPrepare(connection, entry.name, sql, Int32(clamping: types.count), types) == 1 else { throw lose() }
        _ = try answers()
        statements.keep(entry, of: sql)
        return entry
    }

    /// Waits for answers that were not waited for.
    private func settle() throws(MetadataError) {
        guard isOwed else { return }
        isOwed = false
        _ = try answers()
    }

    /// Waits for all answers to statements that were sent together.
    private func pipelined() throws(MetadataError) -> [PGResult] {
        guard PQpipelineSync(connection) == 1 else { throw lose() }
        var results: [PGResult] = []
        var (refusal, gaps): (Refusal?, Int) = (nil, 0)
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            try wait(until: deadline)
            // There is nothing between the answers to two statements; nothing again means that nothing comes.
            guard let pointer = PQgetResult(connection) else {
                gaps += 1
                guard gaps <= 3, PQstatus(connection) == CONNECTION_OK else { throw lose() }
                continue
            }
            let result = PGResult(pointer)
            if result.isSync { break }
            if refusal == nil { refusal = result.refusal }
            results.append(result)
        }
        guard PQexitPipelineMode(connection) == 1 else { throw lose() }
        guard let refusal else { return results }
        note(refusal)
        throw refusal.error
    }

    /// Waits for all answers to what was sent.
    private func answers() throws(MetadataError) -> [PGResult] {
        var results: [PGResult] = []
        var refusal: Refusal?
        let deadline = ContinuousClock.now + .seconds(patience)
        while true {
            try wait(until: deadline)
            guard let pointer = PQgetResult(connection) else { break }
            let result = PGResult(pointer)
            if result.isCopy { throw lose("the server speaks of copying") }
            if refusal == nil { refusal = result.refusal }
            results.append(result)
        }
        guard let refusal else { return results }
        note(refusal)
        throw refusal.error
    }

    private func wait(until deadline: ContinuousClock.Instant) throws(MetadataError) {
        while PQisBusy(connection) == 1 {
            let left = deadline - ContinuousClock.now
            guard left > .zero else { throw lose("the server does not answer") }
            var descriptor = pollfd(fd: PQsocket(connection), events: Int16(POLLIN), revents: 0)
            let milliseconds = min(left.components.seconds, 1_000) * 1_000 + 1_000
            _ = poll(&descriptor, 1, Int32(clamping: milliseconds))
            guard PQconsumeInput(connection) == 1 else { throw lose() }
        }
    }

    private func note(_ refusal: Refusal) {
        switch refusal.sqlState {
        case "", "57P01", "57P02", "57P03", "57P05", "25P03": trouble = .lost
        case "40001", "40P01": trouble = .collision
        case "0A000", "26000": trouble = .stalePlans
        case "08P01": break
        case let state where state.hasPrefix("08"): trouble = .lost
        default: if PQstatus(connection) != CONNECTION_OK { trouble = .lost }
        }
    }

    private func lose(_ reason: String? = nil) -> MetadataError {
        trouble = .lost
        return reason.map(MetadataError.unavailable) ?? .lost(connection)
    }
}

/// Lends texts as C wants them, with a nil behind the last.
private func withCStrings<T>(_ texts: [String], _ body: ([UnsafePointer<CChar>?]) -> T) -> T {
    let copies = texts.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies.map { $0.map { UnsafePointer($0) } } + [nil])
}
