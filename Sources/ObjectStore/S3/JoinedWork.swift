import Synchronization

/// Work that goes on when whoever began it gives up, so that asking again finds it further along.
///
/// A client waits half a minute for an answer; a store may need longer to copy an object.
final class JoinedWork<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private let running = Mutex([Key: Task<Value, any Error>]())

    /// Runs `body`, unless the same is already running; gives its result to everybody who waits.
    func run(_ key: Key, _ body: @escaping @Sendable () async throws -> Value) async throws -> Value {
        let task = running.withLock { running in
            if let task = running[key] { return task }
            let task = Task {
                defer { self.running.withLock { _ = $0.removeValue(forKey: key) } }
                return try await body()
            }
            running[key] = task
            return task
        }
        return try await task.value
    }

    /// Ends what is running and waits for its end.
    func cancel() async {
        for task in running.withLock({ Array($0.values) }) {
            task.cancel()
            _ = await task.result
        }
    }
}
