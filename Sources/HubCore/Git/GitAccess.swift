package import Access
package import GitCore
package import Logging
package import Metadata

/// Git for everybody who comes by a frontend: opens repositories for actors, keeps their refs in the database.
///
/// All work on packs runs on an executor of its own, never on the cooperative threads.
package struct GitAccess: Sendable {
    let database: Database
    let settings: HubSettings
    let environment: HubEnvironment
    let journal: Journal
    let logger: Logger
    let context: GitContext
    let executor: GitExecutor
    let packCache: PackCache
    let open = OpenRepositories(limit: 512)
    private let openings = LastingReads<Opening.Key, Opening>(limit: 4_096)
    let locks = RepositoryLocks()
    let files = PackFileCache(limit: 1_024)

    /// Git on the files below the data directory and the refs in `metadata`, which must have been migrated.
    ///
    /// - Parameters:
    ///   - agent: what the server calls itself, for instance `granary/0.1`.
    ///   - threads: how much work on packs runs at a time.
    package init(
        metadata: MetadataStore,
        settings: HubSettings,
        environment: HubEnvironment,
        logger: Logger,
        agent: String,
        threads: Int
    ) {
        database = Database(store: metadata)
        self.settings = settings
        self.environment = environment
        self.logger = logger
        journal = Journal(environment: environment)
        executor = GitExecutor(threads: threads)
        packCache = PackCache(limits: settings.packCache, executor: executor, now: monotonicNanoseconds)
        context = GitContext(
            limits: settings.limits,
            agent: agent,
            packCache: packCache,
            now: monotonicNanoseconds
        )
    }

    /// Opens a repository for one conversation.
    ///
    /// - Parameter followsRename: whether a former address serves, too. Redirects are for the first request only: git does
    ///   not take one after a 401, and goes on posting to the name that it knows.
    /// - Throws: `HubError` as `Access` decides; `.moved` when it has another address now.
    package func open(
        _ address: RepositoryAddress,
        service: GitService,
        actor: Actor,
        requestID: String,
        followsRename: Bool
    ) async throws -> GitSession {
        let version = database.version
        let key = Opening.Key(address, service, actor, followsRename: followsRename)
        let opening: Opening
        if let version, let known = openings.value(of: key, version: version), known.actor == actor {
            opening = known
        } else {
            let action: Action = service == .receivePack ? .writeRepository : .readContent
            opening = try await database.read { records in
                let record = try records.repository(
                    at: address,
                    action: action,
                    by: actor,
                    followsRename: followsRename
                )
                let rules = service == .receivePack ? try PushRules(for: actor, record, in: records) : nil
                return Opening(actor: actor, record: record, rules: rules)
            }
            if let version { openings.keep(opening, of: key, version: version) }
        }
        let repository = repository(of: opening.record.id)
        if let version { repository.confirm(opening.record, version: version) }
        return GitSession(
            git: self,
            record: opening.record,
            repository: repository,
            service: service,
            actor: actor,
            rules: opening.rules,
            requestID: requestID
        )
    }

    /// What the records said when a repository was opened.
    private struct Opening: Sendable {
        /// All that access depends on besides records, but for who asks, of whom it has the name.
        struct Key: Hashable {
            let address: RepositoryAddress
            let service: GitService
            let followsRename: Bool
            let actor: String

            init(_ address: RepositoryAddress, _ service: GitService, _ actor: Actor, followsRename: Bool) {
                self.address = address
                self.service = service
                self.followsRename = followsRename
                self.actor = actor.auditName
            }
        }

        let actor: Actor
        let record: RepositoryRecord
        let rules: PushRules?
    }

    /// The files of a repository, shared by all who use it at the moment.
    func repository(of id: RecordID) -> OpenRepository {
        open.repository(of: id) { GitRepository(path: settings.directory(of: id), files: files) }
    }

    /// The refs for a conversation, without asking the database while no record has changed anywhere.
    ///
    /// What other nodes change is known some milliseconds later; so not for work that drops objects.
    func snapshotAtHand(of id: RecordID, _ repository: OpenRepository) async throws -> RefSnapshot {
        if let version = database.version, let known = repository.snapshot(version: version) { return known }
        return try await snapshot(of: id, repository)
    }

    /// The refs at this moment; read anew only when the generation has changed.
    func snapshot(of id: RecordID, _ repository: OpenRepository) async throws -> RefSnapshot {
        let version = database.version
        let (record, refs) = try await database.read { records in
            guard let record = try records.repository(id: id) else {
                throw HubError(.notFound, "The repository was not found.")
            }
            return (record, try snapshot(of: record, repository, records))
        }
        if let version { repository.confirm(record, version: version) }
        return refs
    }

    /// The refs that a record speaks of, in the read that it comes from.
    func snapshot(
        of record: RepositoryRecord,
        _ repository: OpenRepository,
        _ records: Records
    ) throws -> RefSnapshot {
        if let known = repository.snapshot(of: record) { return known }
        let refs = try records.refs(repositoryID: record.id).map { try Ref(record: $0) }
        let snapshot = RefSnapshot(
            refs: refs,
            headTarget: try RefName(lenient: record.headTarget.utf8),
            generation: record.generation,
            everyObjectReachable: record.everyObjectReachable
        )
        repository.remember(snapshot)
        return snapshot
    }

    /// Jobs that wait for a thread; for the metrics.
    package var queueDepth: Int { executor.queueDepth }

    /// Packs that several clients have got; for the metrics.
    package var packCacheCounts: PackCache.Counts { packCache.counts }
}

extension Ref {
    /// A ref as the database holds it.
    init(record: RefRecord) throws {
        let name = try RefName(lenient: record.name.utf8)
        guard let oid = ObjectID(hex: record.oid) else { throw MetadataError.corrupt("refs.oid") }
        self.init(name: name, oid: oid, peeled: record.peeled.flatMap { ObjectID(hex: $0) })
    }
}
