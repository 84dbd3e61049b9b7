import Glibc
import Metadata

/// What a transaction has come to.
struct Committed<T> {
    /// What is known of what has changed.
    enum Change {
        case none
        case number(Int64)
        /// It was found out later that the transaction was committed.
        case unknown
    }

    let value: T
    let change: Change
}

extension ConnectionSlot {
    /// How often a body runs again because the server was lost, or could not let transactions follow one another.
    private static let attempts = 3

    /// Runs a body on a snapshot.
    /// - Throws: what the body throws; `MetadataError`.
    func read<T>(_ body: (any SQLConnection) throws -> T) throws -> T {
        try repeating { session in
            session.begin(with: "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
            let value = try body(PostgresConnection(session))
            try session.endReading()
            return value
        }
    }

    /// Runs a body as the only writer of all nodes.
    ///
    /// Each statement sees what was committed before it, and nobody commits anything in between: the lock is taken first.
    /// - Throws: what the body throws; `MetadataError`.
    func transaction<T>(_ body: (any SQLConnection) throws -> T) throws -> Committed<T> {
        try repeating { session in
            let ticket = try session.script(WriterLock.begin).last?.text(0, 0) ?? ""
            let connection = PostgresConnection(session)
            let value = try body(connection)
            if Task.isCancelled { throw MetadataError.cancelled }
            guard connection.hasChanged else {
                try session.script("COMMIT")
                return Committed(value: value, change: .none)
            }
            let number = try commit(session, ticket)
            return Committed(value: value, change: number.map { .number($0) } ?? .unknown)
        }
    }

    /// Commits, and tells the other nodes.
    ///
    /// When the connection is lost before the answer comes, the server is asked what became of the transaction.
    /// - Returns: the number of the change; nil when it is not known.
    private func commit(_ session: PGSession, _ ticket: String) throws -> Int64? {
        do {
            let answers = try session.script(ChangeNumber.raise + "; COMMIT")
            guard answers.last?.tag == "COMMIT" else { throw MetadataError.failed("the transaction was not committed") }
            return answers.first?.text(0, 0).flatMap { Int64($0) }
        } catch {
            guard session.isLost else { throw error }
            switch try fate(of: ticket) {
            case .committed: return nil
            case .undone: throw error
            case .unknown: throw Unresolved(error: error)
            }
        }
    }

    private enum Fate { case committed, undone, unknown }

    /// A transaction of which nobody knows whether it was committed; it must not run again.
    private struct Unresolved: Error {
        let error: any Error
    }

    /// Asks a new connection what became of a transaction whose connection was lost.
    /// - Source: PostgreSQL, "pg_xact_status".
    private func fate(of ticket: String) throws -> Fate {
        guard !ticket.isEmpty, ticket.utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 }) else {
            return .unknown
        }
        for attempt in 0..<50 {
            guard let answers = try? readySession().script("SELECT pg_xact_status('\(ticket)'::xid8)") else {
                if attempt < Self.attempts { continue }
                return .unknown
            }
            switch answers.last?.text(0, 0) {
            case "committed": return .committed
            case "aborted": return .undone
            // Its process has not noticed yet.
            case "in progress": usleep(100_000)
            default: return .unknown
            }
        }
        return .unknown
    }

    private func repeating<T>(_ work: (PGSession) throws -> T) throws -> T {
        var attempt = 1
        while true {
            let session = try readySession()
            do {
                let value = try work(session)
                tidy()
                return value
            } catch let unresolved as Unresolved {
                tidy()
                throw unresolved.error
            } catch {
                let trouble = session.isLost ? .lost : session.trouble
                tidy()
                guard trouble != nil, attempt < Self.attempts, !Task.isCancelled else { throw error }
                attempt += 1
            }
        }
    }
}

/// The lock that makes transactions of all nodes follow one another.
enum WriterLock {
    /// "granary" in ASCII; locks of this kind belong to one database.
    private static let key = 0x67_72_61_6e_61_72_79

    /// Begins a transaction with the lock.
    ///
    /// Answers with the number of the transaction.
    static let begin = """
        BEGIN ISOLATION LEVEL READ COMMITTED READ WRITE;
        SELECT pg_current_xact_id()::text FROM pg_advisory_xact_lock(\(key))
        """
}
