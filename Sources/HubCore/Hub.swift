package import Logging
package import Metadata
package import ObjectStore
package import Outbound

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
    /// Copies of repositories.
    package let duplication: Duplication
    /// Git for whoever comes by HTTP or SSH.
    package let git: GitAccess
    /// Large files for whoever comes by HTTP or SSH.
    package let lfs: LFSAccess
    /// Large files in chunks.
    package let xet: XetAccess
    /// Gates before repositories' files.
    package let gates: Gates
    /// Discussions and pull requests.
    package let discussions: Discussions
    /// Files that people attach to what they write.
    package let attachments: Attachments
    /// Collections.
    package let collections: Collections
    /// What people like.
    package let likes: Likes
    /// Users and organisations as everybody sees them.
    package let profiles: Profiles
    /// Telling others what happens.
    package let webhooks: Webhooks
    /// What spaces are given to run with.
    package let spaces: Spaces
    /// What those do who administer the hub.
    package let administration: Administration
    /// Work that can wait.
    package let jobs: Jobs
    /// What is in repositories.
    package let files: Files
    /// Commits, branches and tags that are made without git.
    package let commits: Commits
    /// What there is and how it is found.
    package let catalogue: Catalogue
    /// How many git requests are served at once.
    package let gate: GitGate
    /// Where it writes what happens.
    package let logger: Logger

    /// Brings the database up to date and wires the use cases.
    ///
    /// - Parameters:
    ///   - objects: where the bytes of large files are.
    ///   - outbound: what webhooks call with; nil in commands.
    ///   - storage: where repositories are made and removed; git's own directories unless a test watches.
    /// - Throws: `HubError.unavailable` or `.internalFailure` when the database cannot be used.
    package static func open(
        settings: HubSettings,
        driver: any SQLDriver,
        environment: HubEnvironment,
        logger: Logger,
        objects: any ObjectStore,
        outbound: (any OutboundSender)? = nil,
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
        let xorbs = XorbStorage(metadata: metadata, store: objects)
        let lfs = LFSAccess(
            metadata: metadata,
            settings: settings,
            environment: environment,
            logger: logger,
            store: ChunkedObjectStore(base: objects, metadata: metadata, storage: xorbs),
            xorbs: xorbs,
            git: git
        )
        let xet = XetAccess(
            metadata: metadata,
            settings: settings,
            environment: environment,
            lfs: lfs,
            storage: xorbs
        )
        let files = Files(git: git, lfs: lfs)
        let commits = Commits(git: git, lfs: lfs, files: files)
        let catalogue = Catalogue(metadata: metadata, environment: environment, logger: logger, files: files)
        let webhooks = try Webhooks(
            metadata: metadata,
            environment: environment,
            settings: settings,
            logger: logger,
            outbound: outbound
        )
        return Hub(
            settings: settings,
            metadata: metadata,
            accounts: accounts,
            repositories: repositories,
            duplication: Duplication(repositories: repositories, git: git, lfs: lfs),
            git: git,
            lfs: lfs,
            xet: xet,
            gates: Gates(metadata: metadata, environment: environment),
            discussions: Discussions(commits: commits),
            attachments: Attachments(
                metadata: metadata,
                environment: environment,
                settings: settings,
                lfs: lfs
            ),
            collections: Collections(metadata: metadata, environment: environment),
            likes: Likes(metadata: metadata, environment: environment),
            profiles: Profiles(metadata: metadata, environment: environment),
            webhooks: webhooks,
            spaces: try Spaces(
                metadata: metadata,
                environment: environment,
                settings: settings,
                catalogue: catalogue
            ),
            administration: Administration(
                metadata: metadata,
                environment: environment,
                git: git,
                lfs: lfs
            ),
            jobs: Jobs(
                metadata: metadata,
                environment: environment,
                logger: logger,
                kinds: [lfs.collectionJob, xet.chunkingJob, webhooks.fanningOut, webhooks.sending, webhooks.forgetting]
                    + catalogue.jobs + git.maintenanceJobs
            ),
            files: files,
            commits: commits,
            catalogue: catalogue,
            gate: GitGate(settings.gitConcurrency),
            logger: logger
        )
    }

    /// Waits for running work, and closes the database and the store of large files.
    package func close() async throws {
        await catalogue.downloads.flush()
        await lfs.store.shutdown()
        try await metadata.close()
    }
}
