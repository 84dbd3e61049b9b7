import Glibc
import Metadata

/// A place for one connection, with the thread that works on it: made when it is needed, and again after it was lost.
///
/// Whoever has borrowed it prefers it as executor, so that what blocks never does so on one of Swift's cooperative threads.
/// The session is touched on the slot's thread only, by the one who has borrowed it: that makes it safe to hand on.
final class ConnectionSlot: TaskExecutor, @unchecked Sendable {
    private let thread: WorkThread
    private let settings: PostgresSettings
    private let reachability: Reachability
    private var session: PGSession?

    /// A place without a connection.
    /// - Parameter label: of its thread.
    init(label: String, settings: PostgresSettings, reachability: Reachability) {
        thread = WorkThread(name: label)
        self.settings = settings
        self.reachability = reachability
    }

    deinit { thread.stop() }

    /// Takes a job for the slot's thread.
    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        thread.run { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }

    /// A connection that works as far as anybody knows.
    /// - Throws: `MetadataError.unavailable` when there is none within the time.
    func readySession() throws(MetadataError) -> PGSession {
        if let session, !session.isLost {
            session.forgetTrouble()
            return session
        }
        session = nil
        let fresh = try connect()
        session = fresh
        return fresh
    }

    /// Leaves the connection as the next borrower wants it: without a transaction, or gone.
    func tidy() {
        guard let session else { return }
        do {
            if !session.isLost, session.isInTransaction { try session.script("ROLLBACK") }
            if session.trouble == .stalePlans { try session.forgetStatements() }
        } catch {
            self.session = nil
        }
        session.patience = settings.patience
        if session.isLost { self.session = nil }
    }

    /// Ends the connection, and the thread.
    func disconnect() {
        session = nil
        thread.stop()
    }

    /// Tries until there is a connection or the time is over; where all have failed for long it tries once.
    private func connect() throws(MetadataError) -> PGSession {
        var pause = 0.05
        while true {
            do {
                let session = try PGSession(settings.parameters, patience: settings.patience)
                try session.script(settings.sessionSetup)
                reachability.noteSuccess()
                return session
            } catch {
                guard reachability.noteFailure(error, patience: settings.reconnectSeconds) else { throw error }
                usleep(useconds_t(pause * 1_000_000))
                pause = min(pause * 2, 1)
            }
        }
    }
}

extension PostgresSettings {
    /// Seconds to wait for an answer: the server's own time-outs come first, unless it stands still.
    var patience: Double { Double(statementSeconds) + 5 }

    /// What a session starts with.
    ///
    /// Commits are durable whatever the server's configuration says; one that asks for more, a replica's word, keeps it.
    var sessionSetup: String {
        """
        SET lock_timeout = '\(lockSeconds)s';
        SET statement_timeout = '\(statementSeconds)s';
        SET idle_in_transaction_session_timeout = '\(idleSeconds)s';
        SET standard_conforming_strings = on;
        SET jit = off;
        SELECT set_config('synchronous_commit', 'on', false) WHERE current_setting('synchronous_commit') = 'off'
        """
    }
}
