import NIOCore

/// Runs the tasks of a connection on its own event loop, so that a request whose answer is at hand changes no thread.
///
/// Whoever has more to do leaves: see `leavingEventLoop`.
final class EventLoopExecutor: TaskExecutor {
    private let loop: any EventLoop

    /// An executor on a loop that never ends.
    init(_ loop: any EventLoop) {
        self.loop = loop
    }

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        loop.execute { job.runSynchronously(on: self.asUnownedTaskExecutor()) }
    }
}

/// Does what takes longer than a moment on the threads that are for it, as other connections wait for this one's loop.
func leavingEventLoop<T: Sendable>(
    isolation: isolated (any Actor)? = #isolation,
    _ body: () async throws -> T
) async rethrows -> T {
    try await withTaskExecutorPreference(globalConcurrentExecutor, operation: body)
}
