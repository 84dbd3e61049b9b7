package import Logging
package import Metadata
package import ObjectStore

/// The hub: its use cases, wired to one database and one data directory.
///
/// Frontends get this and nothing else.
package struct Hub: Sendable {
    /// What the person who runs it has decided.
    package let settings: HubSettings
    /// The records.
    package let metadata: MetadataStore
    /// Who people are.
    package let accounts: Accounts
    /// What there is.
    package let repositories: Repositories
    /// Git for whoever comes by HTTP or SSH.
    package let git: GitAccess
    /// Large files for whoever comes by HTTP or SSH.
    package let lfs: LFSAccess
    /// Gates before repositories' files.
    package let gates: Gates
    /// Work that can wait.
    package let jobs: Jobs
    /// What is in repositories.
    package let files: Files
    /// How many git requests are served at once.
    package let gate: GitGate
    /// Where it writes what happens.
    package let logger: Logger

    /// Brings the database up to date and wires the use cases.
    ///
    /// - Parameters:
    ///   - objects: where the bytes of large files are.
    ///   - storage: where repositories are made and removed; git's own directories unless a test watches.
    /// - Throws: `HubError.unavailable` or `.internalFailure` when the database cannot be used.
    package static func open(
        settings: HubSettings,
        driver: any SQLDriver,
        environment: HubEnvironment,
        logger: Logger,
        objects: any ObjectStore,
        storage: (any RepositoryStorage)? = nil
    ) async throws -> Hub {
        let metadata = MetadataStore(driver: driver)
        do { try await metadata.migrate(at: environment.now()) } catch { throw HubError.translating(error) }
        let git = GitAccess(
            metadata: metadata,
            settings: settings,
            environment: environment,
            logger: logger,
            agent: settings.agent,
            threads: settings.gitThreads
        )
        let accounts = try Accounts(
            metadata: metadata,
            settings: settings,
            environment: environment,
            logger: logger
        )
        let repositories = Repositories(
            metadata: metadata,
            settings: settings,
            environment: environment,
            logger: logger,
            storage: storage ?? git
        )
        let lfs = LFSAccess(
            metadata: metadata,
            settings: settings,
            environment: environment,
            logger: logger,
            store: objects,
            git: git
        )
        return Hub(
            settings: settings,
            metadata: metadata,
            accounts: accounts,
            repositories: repositories,
            git: git,
            lfs: lfs,
            gates: Gates(metadata: metadata, environment: environment),
            jobs: Jobs(
                metadata: metadata,
                environment: environment,
                logger: logger,
                kinds: [lfs.collectionJob]
            ),
            files: Files(git: git, lfs: lfs),
            gate: GitGate(settings.gitConcurrency),
            logger: logger
        )
    }

    /// Waits for running work, and closes the database and the store of large files.
    package func close() async throws {
        await lfs.store.shutdown()
        try await metadata.close()
    }
}
