import Synchronization

/// Repositories that libgit2 has open, kept for the next reader.
///
/// A handle belongs to one thread at a time: it is taken out of the cache while somebody reads with it. Several readers
/// of one repository have a handle each.
package final class Libgit2Repositories: Sendable {
    private struct Idle {
        var path: String
        // Nobody else holds a handle that lies in the cache.
        nonisolated(unsafe) var repository: Libgit2Repository
    }

    private let idle = Mutex<[Idle]>([])
    private let limit: Int

    /// - Parameter limit: how many handles wait at most; the one that waits longest leaves first.
    package init(limit: Int) {
        self.limit = limit
    }

    /// Reads with a handle of the repository at `path`; blocks, so not for cooperative threads.
    package func read<T>(_ path: String, _ body: (Libgit2Repository) throws -> T) throws -> T {
        let repository = try take(path) ?? Libgit2Repository(path: path)
        let result = try body(repository)
        // After an error the handle is not trusted and simply closed.
        give(Idle(path: path, repository: repository))
        return result
    }

    /// Closes the handles of a repository that is being removed.
    package func forget(_ path: String) {
        idle.withLock { $0.removeAll { $0.path == path } }
    }

    private func take(_ path: String) -> Libgit2Repository? {
        idle.withLock { idle in
            guard let index = idle.lastIndex(where: { $0.path == path }) else { return nil as Idle? }
            return idle.remove(at: index)
        }?.repository
    }

    private func give(_ handle: Idle) {
        idle.withLock { idle in
            idle.append(handle)
            if idle.count > limit { idle.removeFirst() }
        }
    }
}
