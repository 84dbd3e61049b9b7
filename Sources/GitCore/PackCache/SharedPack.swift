import Synchronization

/// A pack that is produced once and read by everybody who has asked for the same.
///
/// One task writes it to a file without a name; readers follow it there, each at its own pace, also while it grows. The file
/// never grows beyond its capacity: a pack that turns out to be larger takes no more readers, and goes on at the beginning of
/// the file, over what all of them have read.
final class SharedPack: Sendable {
    /// How far the pack is.
    struct Look: Sendable {
        /// Grows with every change.
        fileprivate(set) var version = 0
        /// Objects that were selected so far.
        fileprivate(set) var selected = 0
        /// Whether all of them were.
        fileprivate(set) var isSelected = false
        /// Where the bytes are.
        fileprivate(set) var file: OpenFile?
        /// Whether the file is a stored pack's.
        fileprivate(set) var isBorrowed = false
        /// Bytes that were produced so far.
        fileprivate(set) var produced: Int64 = 0
        /// Objects of the whole pack; nil while it is produced.
        fileprivate(set) var objects: Int?
    }

    private struct State {
        var look = Look()
        var failure: (any Error)?
        /// Whether bytes at the beginning are overwritten, or are just going to be.
        var isClosed = false
        /// How far each reader is.
        var positions: [Int: Int64] = [:]
        var nextReader = 0
        /// Readers that wait for bytes, and the producer that waits for readers.
        var waiting: [Int: CheckedContinuation<Void, Never>] = [:]
        var nextWaiter = 0
        /// Grows whenever those who wait have to look again.
        var changes = 0

        mutating func takeWaiting() -> [CheckedContinuation<Void, Never>] {
            changes += 1
            defer { waiting = [:] }
            return Array(waiting.values)
        }
    }

    let key: PackKey
    /// Bytes that the file has at most.
    let capacity: Int64
    private let state = Mutex(State())

    init(_ key: PackKey, capacity: Int64) {
        self.key = key
        self.capacity = capacity
    }

    // MARK: For the cache

    /// Bytes on the disk that are there for this pack alone, or are going to be.
    var reservedBytes: Int64 {
        state.withLock { state in
            if state.look.isBorrowed { return 0 }
            return state.look.objects == nil ? capacity : min(state.look.produced, capacity)
        }
    }

    /// Whether the next who asks for the same can have it when nobody reads it any more.
    var isWorthKeeping: Bool {
        state.withLock { state in
            state.look.objects != nil && !state.isClosed && !state.look.isBorrowed && state.failure == nil
        }
    }

    /// Lets somebody read; nil when its beginning is gone, or nothing comes any more.
    func addReader() -> Int? {
        state.withLock { state in
            guard state.failure == nil, !state.isClosed else { return nil }
            state.nextReader += 1
            state.positions[state.nextReader] = 0
            return state.nextReader
        }
    }

    /// Ends a reader's part.
    func removeReader(_ reader: Int) {
        let waiting = state.withLock { state in
            state.positions[reader] = nil
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: For readers

    /// How far the pack is, once that is further than at `version`; 0 is before everything.
    ///
    /// - Throws: what made its production fail; `CancellationError`.
    func look(after version: Int) async throws -> Look {
        try await wait { state in
            if let failure = state.failure { throw failure }
            return state.look.version > version || state.look.objects != nil ? state.look : nil
        }
    }

    /// Notes that a reader needs nothing before `position` any more.
    func note(_ position: Int64, of reader: Int) {
        let waiting = state.withLock { state in
            state.positions[reader] = position
            // Only a producer that has filled the file waits for that.
            return state.look.produced + Self.pieceBytes > capacity ? state.takeWaiting() : []
        }
        for continuation in waiting { continuation.resume() }
    }

    // MARK: For the producer

    /// Bytes that are produced at a time.
    private static let pieceBytes: Int64 = 256 << 10

    /// The same, where the file is smaller than that.
    var pieceBytes: Int { Int(min(Self.pieceBytes, max(1, capacity / 2))) }

    /// Returns when so many more bytes would overwrite nothing that somebody has still to read.
    ///
    /// - Throws: `CancellationError`.
    func waitForRoom(_ count: Int) async throws {
        _ = try await wait { state in
            let end = state.look.produced + Int64(count)
            if end <= capacity { return true }
            guard end - (state.positions.values.min() ?? 0) <= capacity else { return nil }
            state.isClosed = true
            return true
        }
    }

    /// Notes how many objects were selected.
    func note(selected: Int, isAll: Bool) {
        change { state in
            state.look.selected = selected
            state.look.isSelected = isAll
        }
    }

    /// Notes that so many bytes were produced, of which the last `capacity` are there.
    func note(produced: Int64, in file: OpenFile) {
        change { state in
            state.look.file = file
            state.look.produced = produced
        }
    }

    /// Notes the end.
    func complete(objects: Int) {
        change { $0.look.objects = objects }
    }

    /// Notes that the pack is a stored one as it is.
    func borrow(_ file: OpenFile, bytes: Int64, objects: Int) {
        change { state in
            state.look.file = file
            state.look.produced = bytes
            state.look.isBorrowed = true
            state.look.objects = objects
        }
    }

    /// Notes that nothing more comes.
    func fail(_ error: any Error) {
        change { $0.failure = error }
    }

    /// Changes what is known, and tells all who wait.
    private func change(_ body: (inout State) -> Void) {
        let waiting = state.withLock { state in
            body(&state)
            state.look.version += 1
            return state.takeWaiting()
        }
        for continuation in waiting { continuation.resume() }
    }

    /// Waits until `find` has an answer; it is asked at every change.
    private func wait<Answer: Sendable>(_ find: (inout State) throws -> Answer?) async throws -> Answer {
        let waiter = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        while true {
            try Task.checkCancellation()
            let (answer, changes) = try state.withLock { state in (try find(&state), state.changes) }
            if let answer { return answer }
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    let isDue = state.withLock { state in
                        guard state.changes == changes, !Task.isCancelled else { return true }
                        state.waiting[waiter] = continuation
                        return false
                    }
                    if isDue { continuation.resume() }
                }
            } onCancel: {
                state.withLock { $0.waiting.removeValue(forKey: waiter) }?.resume()
            }
        }
    }
}
