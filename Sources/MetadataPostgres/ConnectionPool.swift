import Dispatch
import Metadata
import Synchronization

/// A bounded number of connections, lent to one caller after the other.
///
/// Whoever waits holds no thread, and not for ever.
final class ConnectionPool: Sendable {
    private struct State {
        var idle: [ConnectionSlot]
        var lent = 0
        var isClosed = false
        var nextTicket: UInt64 = 0
        /// Callers by their tickets, in the order of which they are served.
        var waiting: [UInt64: CheckedContinuation<ConnectionSlot, any Error>] = [:]
        var order: [UInt64] = []
        var served = 0
        var closing: [CheckedContinuation<Void, Never>] = []

        /// The caller that has waited longest.
        mutating func nextWaiting() -> CheckedContinuation<ConnectionSlot, any Error>? {
            while served < order.count {
                let ticket = order[served]
                served += 1
                if served > 1_024 || served == order.count {
                    order.removeFirst(served)
                    served = 0
                }
                if let found = waiting.removeValue(forKey: ticket) { return found }
            }
            return nil
        }
    }

    private let state: Mutex<State>
    private let mostWaiting: Int
    private let seconds: Double

    /// A pool of connections that nobody has.
    /// - Parameters:
    ///   - mostWaiting: callers that may wait at a time.
    ///   - seconds: how long one waits.
    init(_ slots: [ConnectionSlot], mostWaiting: Int, seconds: Double) {
        state = Mutex(State(idle: slots))
        self.mostWaiting = mostWaiting
        self.seconds = seconds
    }

    /// A connection for the caller alone, who gives it back.
    /// - Throws: `MetadataError.busy` when too many wait, or after the time-out; `unavailable` when the pool is closed;
    ///   `CancellationError`.
    func borrow() async throws -> ConnectionSlot {
        try Task.checkCancellation()
        if let slot = try takeIdle() { return slot }
        let ticket = state.withLock { state in
            state.nextTicket += 1
            return state.nextTicket
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in wait(ticket, continuation) }
        } onCancel: {
            giveUp(ticket, CancellationError())
        }
    }

    /// Takes a connection back, for the next who waits.
    func giveBack(_ slot: ConnectionSlot) {
        var closing: [CheckedContinuation<Void, Never>] = []
        let next: CheckedContinuation<ConnectionSlot, any Error>? = state.withLock { state in
            if let next = state.nextWaiting() { return next }
            state.lent -= 1
            state.idle.append(slot)
            if state.isClosed, state.lent == 0 { swap(&closing, &state.closing) }
            return nil
        }
        next?.resume(returning: slot)
        for waiting in closing { waiting.resume() }
    }

    /// Refuses everybody from now on, and waits for those who have a connection.
    /// - Returns: all connections.
    func close() async -> [ConnectionSlot] {
        let refused = state.withLock { state in
            state.isClosed = true
            defer { state.waiting = [:] }
            return state.waiting.values.map { $0 }
        }
        for waiting in refused { waiting.resume(throwing: Self.closed) }
        await withCheckedContinuation { continuation in
            let isDone = state.withLock { state in
                if state.lent > 0 { state.closing.append(continuation) }
                return state.lent == 0
            }
            if isDone { continuation.resume() }
        }
        return state.withLock { $0.idle }
    }

    private static let closed = MetadataError.unavailable("the database was closed")

    private func takeIdle() throws -> ConnectionSlot? {
        try state.withLock { state in
            guard !state.isClosed else { throw Self.closed }
            // The last one given back is the likeliest to be warm.
            guard let slot = state.idle.popLast() else { return nil }
            state.lent += 1
            return slot
        }
    }

    private func wait(_ ticket: UInt64, _ continuation: CheckedContinuation<ConnectionSlot, any Error>) {
        let outcome: Result<ConnectionSlot, any Error>? = state.withLock { state in
            guard !state.isClosed else { return .failure(Self.closed) }
            if let slot = state.idle.popLast() {
                state.lent += 1
                return .success(slot)
            }
            guard state.waiting.count < mostWaiting else { return .failure(MetadataError.busy) }
            state.waiting[ticket] = continuation
            state.order.append(ticket)
            return nil
        }
        if let outcome {
            continuation.resume(with: outcome)
            return
        }
        // The handler may have run before there was anything to give up.
        if Task.isCancelled { return giveUp(ticket, CancellationError()) }
        DispatchQueue.global().asyncAfter(deadline: .now() + seconds) { [weak self] in
            self?.giveUp(ticket, MetadataError.busy)
        }
    }

    private func giveUp(_ ticket: UInt64, _ error: any Error) {
        state.withLock { $0.waiting.removeValue(forKey: ticket) }?.resume(throwing: error)
    }
}
