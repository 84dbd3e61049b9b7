import NIOPosix

/// Threads that may wait for the disk; how many, whoever injects the pool decides.
struct BlockingPool: Sendable {
    let pool: NIOThreadPool

    /// Runs a job on the pool and waits for it, also when the task is cancelled meanwhile: a job is short, and whoever
    /// began to change files must learn what became of it.
    /// - Throws: `ObjectStoreError` in place of what the operating system said; other errors as they are.
    func run<Value: Sendable>(_ job: @escaping @Sendable () throws -> Value) async throws -> Value {
        try await withCheckedThrowingContinuation { continuation in
            pool.submit { state in
                guard case .active = state else {
                    return continuation.resume(throwing: ObjectStoreError.unavailable("the server is stopping"))
                }
                do {
                    continuation.resume(returning: try job())
                } catch let failure as FileFailure {
                    continuation.resume(throwing: failure.translated)
                } catch {
                    continuation.resume(throwing: error)
                }
            }
        }
    }
}
