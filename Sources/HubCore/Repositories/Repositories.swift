package import Access
package import Logging
package import Metadata

/// Use cases about repositories: where they are, whose they are, who may do what with them.
///
/// Each asks `Access` once, in the transaction that makes the change; each change writes an audit row and an event there.
/// The command line calls them as `.operator`.
package struct Repositories: Sendable {
    let database: Database
    let settings: HubSettings
    let environment: HubEnvironment
    let logger: Logger
    let journal: Journal
    let storage: any RepositoryStorage

    /// Repositories in `metadata`, which must have been migrated, and on `storage`.
    package init(
        metadata: MetadataStore,
        settings: HubSettings,
        environment: HubEnvironment,
        logger: Logger,
        storage: any RepositoryStorage
    ) {
        database = Database(store: metadata)
        self.settings = settings
        self.environment = environment
        self.logger = logger
        journal = Journal(environment: environment)
        self.storage = storage
    }

    /// The repository at an address, for an actor who may do `action` to it.
    ///
    /// - Throws: `HubError.unauthenticated`, `.notFound` or `.forbidden` as `Access` decides; `.moved` when the repository
    ///   that was there has another address now and the actor may read it.
    package func resolve(
        _ address: RepositoryAddress,
        action: Action,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        try await database.read { try $0.repository(at: address, action: action, by: actor) }
    }

    /// Asks `Access` about a repository that has been read, inside the same `read` or `transaction`.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func authorize(
        _ actor: Actor,
        _ action: Action,
        _ record: RepositoryRecord,
        in records: Records
    ) throws {
        try records.authorize(actor, action, record)
    }

    /// Where a repository's files are, whether or not they exist: an absolute path.
    package func directory(of id: RecordID) -> String {
        settings.directory(of: id)
    }
}

extension HubSettings {
    /// Where a repository's files are: `DATA/repositories/ab/<32 digits>.git`.
    ///
    /// The two digits are the last of the id. Those are random; the first ones are the time, and all repositories of some
    /// years would be in one directory.
    package func directory(of id: RecordID) -> String {
        "\(repositoriesDirectory)/\(id.text.suffix(2))/\(id.text).git"
    }
}
