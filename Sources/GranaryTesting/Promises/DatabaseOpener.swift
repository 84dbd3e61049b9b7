package import Metadata

/// Opens one database, empty at first, again and again: each driver stands for a process of its own.
package struct DatabaseOpener: Sendable {
    private let open: @Sendable () async throws -> any SQLDriver

    /// An opener for the database that `open` connects to.
    package init(_ open: @escaping @Sendable () async throws -> any SQLDriver) {
        self.open = open
    }

    /// Lends a new driver, and closes it afterwards.
    /// - Throws: what opening, the body or closing throws.
    func withDriver(_ body: (any SQLDriver) async throws -> Void) async throws {
        let driver = try await open()
        do {
            try await body(driver)
        } catch {
            try? await driver.close()
            throw error
        }
        try await driver.close()
    }

    /// Lends a store with the newest schema on a new driver, and closes it afterwards.
    /// - Throws: what opening, migrating, the body or closing throws.
    func withStore(_ body: (MetadataStore) async throws -> Void) async throws {
        try await withDriver { driver in
            let store = MetadataStore(driver: driver)
            try await store.migrate(at: Sample.time)
            try await body(store)
        }
    }
}
