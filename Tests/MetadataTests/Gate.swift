import Dispatch

/// Lets a thread of a database wait for a test, and a test for that thread.
final class Gate: Sendable {
    private let semaphore = DispatchSemaphore(value: 0)

    /// Lets whoever waits go on.
    func open() {
        semaphore.signal()
    }

    /// Waits on the thread of a database, which may block.
    func wait() {
        semaphore.wait()
    }

    /// Waits in a test, which may not.
    func opened() async {
        while semaphore.wait(timeout: .now()) == .timedOut { await Task.yield() }
    }
}
