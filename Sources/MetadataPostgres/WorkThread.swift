import Dispatch
import Foundation
import Synchronization

/// A thread of our own for work that blocks, started with its first job.
///
/// Dispatch's threads will not do: on Linux it starts no more of them than there are cores, however many of them wait.
final class WorkThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var isStarted = false
        var isStopped = false
    }

    private let state = Mutex(State())
    private let wakeUps = DispatchSemaphore(value: 0)
    private let name: String

    /// A thread that has not been started.
    init(name: String) {
        self.name = name
    }

    /// Takes a job; they run one after the other, in this order.
    ///
    /// After `stop` nothing that blocks is left, so what still comes goes to Dispatch.
    func run(_ job: @escaping @Sendable () -> Void) {
        let (isStopped, isFirst) = state.withLock { state in
            guard !state.isStopped else { return (true, false) }
            state.jobs.append(job)
            defer { state.isStarted = true }
            return (false, !state.isStarted)
        }
        guard !isStopped else { return DispatchQueue.global().async(execute: job) }
        if isFirst { start() }
        wakeUps.signal()
    }

    /// Lets the thread end after the jobs that it has.
    func stop() {
        state.withLock { $0.isStopped = true }
        wakeUps.signal()
    }

    private func start() {
        let thread = Thread { self.work() }
        thread.name = name
        thread.stackSize = Self.stackBytes
        thread.start()
    }

    private static let stackBytes = 1 << 20

    private func work() {
        while true {
            wakeUps.wait()
            let (job, isStopped) = state.withLock { state in
                (state.jobs.isEmpty ? nil : state.jobs.removeFirst(), state.isStopped)
            }
            if let job { job() } else if isStopped { return }
        }
    }
}
