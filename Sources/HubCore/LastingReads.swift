import Synchronization

/// What the database has answered, for as long as no record has changed anywhere.
///
/// A token that is revoked, a grant that is withdrawn, a ref that moves: each changes the records' version, so the next
/// request asks again.
final class LastingReads<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        let version: Int64
        let value: Value
    }

    private let entries = Mutex<[Key: Entry]>([:])
    private let limit: Int

    /// - Parameter limit: how many answers are kept.
    init(limit: Int) {
        self.limit = limit
    }

    /// What the records said at this version.
    func value(of key: Key, version: Int64) -> Value? {
        let entry = entries.withLock { $0[key] }
        guard let entry, entry.version == version else { return nil }
        return entry.value
    }

    /// Keeps what the records said.
    ///
    /// - Parameter version: that of the records before they were asked.
    func keep(_ value: Value, of key: Key, version: Int64) {
        entries.withLock { entries in
            if entries.count >= limit { entries.removeAll(keepingCapacity: true) }
            entries[key] = Entry(version: version, value: value)
        }
    }
}
