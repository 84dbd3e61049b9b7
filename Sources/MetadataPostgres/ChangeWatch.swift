import Dispatch
import Glibc
import Logging
import Metadata
import Synchronization

/// Knows the number of the last change that anybody has committed.
///
/// What this driver commits it knows at once. Of others it hears by `NOTIFY`, in milliseconds; and twice a second it asks, so
/// that a lost message costs half a second. When it has had no answer for two seconds it says that it does not know.
final class ChangeWatch: Sendable {
    private struct State {
        var number: Int64 = 0
        /// Added, so that a database that was put back to an older state does not bring old versions back.
        var offset: Int64 = 0
        var raisedAt: ContinuousClock.Instant
        var confirmedAt: ContinuousClock.Instant
    }

    private let state: Mutex<State>
    private let isClosed = Atomic(false)
    private let wakeUp: (read: Int32, write: Int32)
    private let finished = DispatchSemaphore(value: 0)

    private static let interval = 0.5
    private static let validity = Duration.seconds(2)

    /// A watch that starts with a number that was just read.
    /// - Throws: `MetadataError.unavailable` when there are no file descriptors left.
    init(startingAt number: Int64) throws(MetadataError) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { throw .unavailable("no file descriptors are left") }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        wakeUp = (ends[0], ends[1])
        state = Mutex(State(number: number, raisedAt: .now, confirmedAt: .now))
    }

    deinit {
        Glibc.close(wakeUp.read)
        Glibc.close(wakeUp.write)
    }

    /// Another number after each change; nil when the server has not answered lately.
    var version: Int64? {
        let now = ContinuousClock.now
        return state.withLock { now - $0.confirmedAt < Self.validity ? $0.number &+ $0.offset : nil }
    }

    /// Notes a change of this driver's own, or one that others have told of.
    func note(_ number: Int64) {
        state.withLock { state in
            guard number > state.number else { return }
            state.number = number
            state.raisedAt = .now
        }
    }

    /// Notes a change whose number is not known.
    func noteUnknown() {
        state.withLock { $0.offset &+= 1 }
    }

    /// Notes what the server answered to a question that was put at `moment`.
    private func confirm(_ number: Int64, at moment: ContinuousClock.Instant) {
        state.withLock { state in
            if number > state.number {
                state.number = number
                state.raisedAt = .now
            } else if number < state.number, moment > state.raisedAt {
                state.offset &+= state.number &- number &+ 1
                state.number = number
            }
            state.confirmedAt = moment
        }
    }

    /// Starts to listen and ask, on a thread of its own, until `close`.
    func start(_ settings: PostgresSettings) {
        let thread = WorkThread(name: "granary.changes")
        thread.run {
            self.watch(settings)
            self.finished.signal()
        }
        thread.stop()
    }

    /// Ends the thread and waits for it, for as long as connecting takes at most.
    func close() {
        isClosed.store(true, ordering: .releasing)
        var byte: UInt8 = 0
        _ = write(wakeUp.write, &byte, 1)
        finished.wait()
        // Whoever closes once more does not wait.
        finished.signal()
        state.withLock { $0.confirmedAt = .now - .seconds(3_600) }
    }

    private func watch(_ settings: PostgresSettings) {
        while !isClosed.load(ordering: .acquiring) {
            do {
                // An answer that takes longer would come too late.
                let session = try PGSession(settings.parameters, patience: 5)
                try session.script("SET statement_timeout = '5s'; LISTEN \(ChangeNumber.channel)")
                while !isClosed.load(ordering: .acquiring) { try ask(session) }
            } catch {
                // Whoever uses the records tells of it; here it shows in that the version is not known.
                settings.logger.debug("changes cannot be watched", metadata: ["error": "\(error)"])
                sleep(on: nil)
            }
        }
    }

    private func ask(_ session: PGSession) throws(MetadataError) {
        let moment = ContinuousClock.now
        let answer = try session.script(ChangeNumber.question).last?.text(0, 0)
        guard let number = answer.flatMap({ Int64($0) }) else { throw .corrupt("granary_changes has no number") }
        confirm(number, at: moment)
        let next = moment + .seconds(Self.interval)
        while ContinuousClock.now < next, !isClosed.load(ordering: .acquiring) {
            for text in try session.notifications() {
                if let number = Int64(text) { note(number) }
            }
            sleep(on: session.socket)
        }
    }

    /// Waits for the server, for `close`, or until it is time to ask again.
    private func sleep(on socket: Int32?) {
        var descriptors = [pollfd(fd: wakeUp.read, events: Int16(POLLIN), revents: 0)]
        if let socket { descriptors.append(pollfd(fd: socket, events: Int16(POLLIN), revents: 0)) }
        _ = poll(&descriptors, nfds_t(descriptors.count), Int32(Self.interval * 1_000))
    }
}
