import ObjectStore
import Synchronization

/// A store that lets something else happen once, when it has published an object and before anybody knows.
final class HookedObjectStore: LayeredObjectStore {
    let base: any ObjectStore
    private let hook = Mutex<(@Sendable () async throws -> Void)?>(nil)

    init(_ base: any ObjectStore) { self.base = base }

    /// Does it after the next `put` or `putUnnamed`.
    func afterPut(_ act: @escaping @Sendable () async throws -> Void) {
        hook.withLock { $0 = act }
    }

    func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws {
        try await base.put(key, size: size, bytes: bytes)
        try await runHook()
    }

    func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64) {
        let result = try await base.putUnnamed(upTo: limit, bytes: bytes)
        try await runHook()
        return result
    }

    private func runHook() async throws {
        let act = hook.withLock { hook in
            defer { hook = nil }
            return hook
        }
        try await act?()
    }
}
