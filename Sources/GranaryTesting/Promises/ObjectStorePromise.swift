import NIOCore
package import ObjectStore

/// Lends stores over the same data, again and again: each stands for a start of the server.
package struct ObjectStoreOpener: Sendable {
    private let open: @Sendable () async throws -> any ObjectStore
    private let close: @Sendable (any ObjectStore) async throws -> Void

    /// An opener for the data, empty at first, that `open` finds.
    package init(
        _ open: @escaping @Sendable () async throws -> any ObjectStore,
        close: @escaping @Sendable (any ObjectStore) async throws -> Void = { _ in }
    ) {
        (self.open, self.close) = (open, close)
    }

    /// Lends a store, and closes it afterwards.
    func withStore(_ body: (any ObjectStore) async throws -> Void) async throws {
        let store = try await open()
        do {
            try await body(store)
        } catch {
            try? await close(store)
            throw error
        }
        try await close(store)
    }
}

/// Something that every `ObjectStore` does, as a case for parameterised tests.
package struct ObjectStorePromise: Sendable, CustomStringConvertible {
    /// The rule, in words.
    package let description: String
    /// Tries it on an empty store; throws when the promise is broken.
    package let check: @Sendable (ObjectStoreOpener) async throws -> Void

    init(_ description: String, _ check: @escaping @Sendable (any ObjectStore) async throws -> Void) {
        self.init(onSeveral: description) { try await $0.withStore(check) }
    }

    init(onSeveral description: String, _ check: @escaping @Sendable (ObjectStoreOpener) async throws -> Void) {
        self.description = description
        self.check = check
    }

    /// All promises of a store.
    package static let all =
        publishing + refusals + unnamed + reading + direct + multipart + brokenMultipart + housekeeping
}

/// The bytes of an object or a range, all at once; nil when it is not there.
func content(_ store: any ObjectStore, _ key: ObjectKey, _ range: Range<Int64>? = nil) async throws -> [UInt8]? {
    guard let reading = try await store.read(key, range: range) else { return nil }
    var bytes: [UInt8] = []
    for try await piece in reading.bytes { bytes += piece.readableBytesView }
    try promise(Int64(bytes.count), is: Int64(reading.range.count))
    return bytes
}

/// Demands that nothing is published and nothing lies about.
func promiseNothingLeft(_ store: any ObjectStore) async throws {
    try promise(try await store.list(after: nil, limit: 10), is: [])
    try promise(try await store.sweep(olderThanSeconds: 0), is: 0)
}

/// Whether an error is the one that is expected.
func isError(_ expected: ObjectStoreError) -> (any Error) -> Bool {
    { $0 as? ObjectStoreError == expected }
}

/// Whether an error says that the size is wrong.
func isWrongSize(_ error: any Error) -> Bool {
    if case .wrongSize = error as? ObjectStoreError { true } else { false }
}

/// Whether an error is about a part.
func isInvalidPart(_ error: any Error) -> Bool {
    if case .invalidPart = error as? ObjectStoreError { true } else { false }
}
