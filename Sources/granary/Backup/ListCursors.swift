import ObjectStore

/// Goes through a store's list alongside other keys, which come in order.
struct StoreCursor {
    private let store: any ObjectStore
    private var page: ArraySlice<StoredObject> = []
    private var last: ObjectKey?
    private var isAtEnd = false

    private static let limit = 1_000

    /// Begins before the first object.
    init(_ store: any ObjectStore) { self.store = store }

    /// The size of an object; nil when the store has none of that name.
    /// - Parameter key: not before the one that was asked for last.
    mutating func size(of key: ObjectKey) async throws -> Int64? {
        while true {
            if let first = page.first {
                if first.key == key { return first.size }
                if first.key > key { return nil }
                page = page.dropFirst()
            } else {
                guard !isAtEnd else { return nil }
                let next = try await store.list(after: last, limit: Self.limit)
                isAtEnd = next.count < Self.limit
                (page, last) = (next[...], next.last?.key ?? last)
            }
        }
    }
}

/// Goes through the large files that a snapshot needs alongside those that are there.
struct NeededCursor {
    private let spool: DatabaseSpool
    private var page: ArraySlice<ObjectKey> = []
    private var next = 0

    private static let limit = 1_000

    /// Begins before the first.
    init(_ spool: DatabaseSpool) { self.spool = spool }

    /// Those that are needed and come before `key`, which is there; all that are left for nil.
    mutating func missing(before key: ObjectKey?) throws -> [String] {
        var missing: [String] = []
        while true {
            if page.isEmpty {
                page = try spool.neededObjects(from: next, limit: Self.limit)[...]
                next += page.count
                guard !page.isEmpty else { return missing }
            }
            while let first = page.first {
                if let key, first > key { return missing }
                page = page.dropFirst()
                if first == key { return missing }
                missing.append(first.hex)
            }
        }
    }
}
