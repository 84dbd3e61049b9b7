import Synchronization

/// The pack files that are open, of all repositories together: descriptors are few, packs may be many.
package final class PackFileCache: Sendable {
    private struct State {
        var files: [String: (file: OpenFile, use: UInt64)] = [:]
        var clock: UInt64 = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: how many stay open; half of them are let go when there are more. A file that somebody reads
    ///   stays open for that reader.
    package init(limit: Int) {
        self.limit = limit
    }

    /// The open file at `path`.
    package func file(_ path: String) throws(FileError) -> OpenFile {
        let known = state.withLock { state -> OpenFile? in
            state.clock += 1
            state.files[path]?.use = state.clock
            return state.files[path]?.file
        }
        if let known { return known }
        let opened = try OpenFile(reading: path)
        state.withLock { state in
            state.clock += 1
            state.files[path] = (opened, state.clock)
            guard state.files.count > limit else { return }
            let uses = state.files.values.map(\.use).sorted()
            let oldest = uses[uses.count / 2]
            state.files = state.files.filter { $0.value.use >= oldest }
        }
        return opened
    }

    /// Lets go of the files below a directory that is being removed or replaced.
    package func forget(below directory: String) {
        state.withLock { state in state.files = state.files.filter { !$0.key.hasPrefix(directory) } }
    }
}
