import CLibSSH
import Glibc
import Synchronization

/// Wakes the one thread that polls `descriptor`, from any other.
package final class Wakeup: Sendable {
    /// Becomes readable when somebody signals.
    let descriptor: Int32
    private let isSignalled = Atomic(false)

    package init() throws {
        descriptor = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        guard descriptor >= 0 else { throw LibSSHError("make an eventfd", String(cString: strerror(errno))) }
    }

    deinit { close(descriptor) }

    /// Lets the thread look around; many signals before it does are one.
    func signal() {
        guard !isSignalled.exchange(true, ordering: .acquiringAndReleasing) else { return }
        var one: UInt64 = 1
        _ = write(descriptor, &one, MemoryLayout<UInt64>.size)
    }

    /// Takes the signal; the thread then has to look at everything that others may have changed.
    ///
    /// The flag falls after the read: a signal in between finds it raised and is covered by the look that follows.
    func drain() {
        var count: UInt64 = 0
        _ = read(descriptor, &count, MemoryLayout<UInt64>.size)
        isSignalled.store(false, ordering: .sequentiallyConsistent)
    }
}
