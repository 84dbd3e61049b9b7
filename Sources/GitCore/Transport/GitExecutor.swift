import Glibc
import Synchronization

/// A bounded pool of threads for work that blocks: reading packs, hashing, waiting for the disk.
///
/// Protocol conversations prefer it (`withTaskExecutorPreference`), so that they may read files in a straight line while
/// the cooperative threads and event loops stay free. A conversation that waits for its client holds no thread.
package final class GitExecutor: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        var next = 0
    }

    private let state = Mutex(State())
    private let wakeUps: Semaphore

    /// Starts the threads, which live as long as the process.
    package init(threads: Int) {
        wakeUps = Semaphore()
        for _ in 0..<max(1, threads) { startThread() }
    }

    /// Takes a job; jobs start in the order in which they come.
    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        wakeUps.signal()
    }

    /// Jobs that wait for a thread; for the metrics.
    package var queueDepth: Int { state.withLock { $0.jobs.count - $0.next } }

    private func take() -> UnownedJob? {
        state.withLock { state in
            guard state.next < state.jobs.count else { return nil }
            let job = state.jobs[state.next]
            state.next += 1
            if state.next > 1_024 || state.next == state.jobs.count {
                state.jobs.removeFirst(state.next)
                state.next = 0
            }
            return job
        }
    }

    private func run() {
        let executor = asUnownedTaskExecutor()
        while true {
            wakeUps.wait()
            guard let job = take() else { continue }
            job.runSynchronously(on: executor)
        }
    }

    /// The threads live as long as the process, and so does the executor they hold.
    private func startThread() {
        _ = DetachedThread.start(stackBytes: Self.stackBytes) { self.run() }
    }

    /// Room for recursion into trees of `GitLimits.treeDepth`, 8 KiB for each level.
    private static let stackBytes = 32 << 20
}

/// A counting semaphore at an address of its own, as POSIX wants it.
private final class Semaphore: Sendable {
    nonisolated(unsafe) private let semaphore: UnsafeMutablePointer<sem_t>

    init() {
        semaphore = .allocate(capacity: 1)
        sem_init(semaphore, 0, 0)
    }

    deinit {
        sem_destroy(semaphore)
        semaphore.deallocate()
    }

    func signal() {
        sem_post(semaphore)
    }

    func wait() {
        while sem_wait(semaphore) != 0 && errno == EINTR {}
    }
}
