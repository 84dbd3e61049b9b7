import Dispatch
import Synchronization

/// A few threads for work that keeps a processor busy, and a queue of stated length in front of them.
///
/// Keeps such work off Swift's cooperative threads, of which there is one a processor.
package final class BoundedWorkers: Sendable {
    /// More work is waiting than was agreed.
    package struct Full: Error {}

    private struct State {
        var running = 0
        var waiting: [@Sendable () -> Void] = []
    }

    private let state = Mutex(State())
    private let queue: DispatchQueue
    private let width: Int
    private let depth: Int

    /// Makes the threads when there is work for them.
    ///
    /// - Parameters:
    ///   - label: names the threads.
    ///   - width: how much runs at a time.
    ///   - depth: how much may wait.
    package init(label: String, width: Int, depth: Int) {
        queue = DispatchQueue(label: label, attributes: .concurrent)
        self.width = width
        self.depth = depth
    }

    /// Runs `work` on one of the threads and gives back what it gives.
    ///
    /// Work that has been admitted runs to its end, also when the task that waits for it is cancelled.
    /// - Throws: `Full` at once when `depth` others wait; else what `work` throws.
    package func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            let isAdmitted = admit {
                continuation.resume(with: Result { try work() })
            }
            if !isAdmitted { continuation.resume(throwing: Full()) }
        }
    }

    private func admit(_ job: @escaping @Sendable () -> Void) -> Bool {
        enum Admission { case start, wait, refuse }
        let admission = state.withLock { state -> Admission in
            if state.running < width {
                state.running += 1
                return .start
            }
            guard state.waiting.count < depth else { return .refuse }
            state.waiting.append(job)
            return .wait
        }
        if admission == .start { queue.async { self.work(through: job) } }
        return admission != .refuse
    }

    /// Runs `first` and then whatever waits, until nothing does.
    private func work(through first: @Sendable () -> Void) {
        first()
        while let next = next() { next() }
    }

    private func next() -> (@Sendable () -> Void)? {
        state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.running -= 1
                return nil
            }
            return state.waiting.removeFirst()
        }
    }
}
