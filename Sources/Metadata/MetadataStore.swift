/// The records of a hub: accounts, repositories, refs, permissions, events.
///
/// A use case does all its reads, or all its writes, in one closure.
package struct MetadataStore: Sendable {
    private let driver: any SQLDriver

    /// A store on an open driver; call `migrate()` before anything else.
    package init(driver: any SQLDriver) {
        self.driver = driver
    }

    /// Brings the schema to the version this program knows.
    /// - Parameter moment: noted beside each step; nil where the caller has no clock.
    /// - Throws: `MetadataError.schemaTooNew` for a database of a later program, which stays untouched.
    package func migrate(at moment: Timestamp? = nil) async throws {
        try await driver.transaction { connection in
            try Migrator(connection: connection, kind: driver.kind).migrate(to: Migration.all, at: moment)
        }
    }

    /// Answers from one snapshot of the records.
    /// - Throws: what `body` throws; `MetadataError`; `CancellationError`.
    package func read<T: Sendable>(_ body: @Sendable (Records) throws -> T) async throws -> T {
        try await driver.read { connection in try body(Records(connection: connection, kind: driver.kind)) }
    }

    /// Changes records: all of it, durably, or nothing when `body` throws.
    ///
    /// Keep it short, nobody else writes meanwhile; throw as soon as one step failed.
    /// - Throws: what `body` throws; `MetadataError`; `CancellationError`.
    package func transaction<T: Sendable>(_ body: @Sendable (Records) throws -> T) async throws -> T {
        try await driver.transaction { connection in try body(Records(connection: connection, kind: driver.kind)) }
    }

    /// A number that is another one after anybody, also in another process, has changed anything; nil when that cannot be
    /// told at once.
    ///
    /// What other nodes change on a shared server shows within two seconds; everything else at once. Ask for it before reading: what was read is right for as long as it is the same.
    package var version: Int64? { driver.version }

    /// Waits for running work and closes the database.
    package func close() async throws {
        try await driver.close()
    }
}
