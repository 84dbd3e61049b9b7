import Access
import Synchronization

/// Lets pushes to one repository publish and change refs one after the other, in the order in which they come.
///
/// Only for this process; between processes the database's compare-and-swap decides.
final class RepositoryLocks: Sendable {
    private let waiting = Mutex<[RecordID: [CheckedContinuation<Void, Never>]]>([:])

    func acquire(_ id: RecordID) async {
        await withCheckedContinuation { continuation in
            let isFree = waiting.withLock { waiting in
                guard waiting[id] != nil else {
                    waiting[id] = []
                    return true
                }
                waiting[id]?.append(continuation)
                return false
            }
            if isFree { continuation.resume() }
        }
    }

    func release(_ id: RecordID) {
        let next = waiting.withLock { waiting -> CheckedContinuation<Void, Never>? in
            guard let queue = waiting[id], !queue.isEmpty else {
                waiting[id] = nil
                return nil
            }
            return waiting[id]?.removeFirst()
        }
        next?.resume()
    }
}
