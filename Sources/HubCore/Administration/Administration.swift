package import Access
package import Metadata

/// What those do who administer the hub, beside what accounts, repositories and large files have for them.
package struct Administration: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let journal: Journal
    private let git: GitAccess
    private let lfs: LFSAccess

    /// The administration of the hub in `metadata`.
    init(metadata: MetadataStore, environment: HubEnvironment, git: GitAccess, lfs: LFSAccess) {
        database = Database(store: metadata)
        self.environment = environment
        journal = Journal(environment: environment)
        self.git = git
        self.lfs = lfs
    }

    /// Asks whether the actor administers the hub.
    ///
    /// - Throws: `HubError.unauthenticated` or `.forbidden` unless it does.
    package func admit(_ actor: Actor) throws(HubError) {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
    }

    /// A page of the audit log, newest first.
    ///
    /// - Parameter before: the last id of the page before; nil for the first page.
    package func audit(before: RecordID?, limit: Int, by actor: Actor) async throws -> [AuditRecord] {
        try admit(actor)
        return try await database.read { try $0.audit(before: before, limit: limit) }
    }

    /// A page of the work that waits or runs, or of what was given up, in the order in which it was first asked for.
    ///
    /// - Parameter after: the last id of the page before; nil for the first page.
    package func jobs(failed: Bool, after: RecordID?, limit: Int, by actor: Actor) async throws -> [JobRecord] {
        try admit(actor)
        return try await database.read { try $0.jobs(failed: failed, after: after, limit: limit) }
    }

    /// Asks for a collection of garbage among large files, which a job then does.
    ///
    /// Asked for twice before it has begun it happens once, as it was asked for last.
    /// - Throws: `HubError.invalid` for times that make no sense.
    package func askForCollection(_ plan: LFSCollectionPlan, by actor: Actor) async throws {
        try admit(actor)
        try LFSCollectionPlan.check(plan)
        let job = JobRequest(
            kind: LFSCollectionPlan.jobKind,
            key: LFSCollectionPlan.jobKey,
            payload: plan.payload,
            at: environment.now()
        )
        try await database.transaction { records in
            try records.enqueue(job, id: try environment.newID(), at: environment.now())
            let details: KeyValuePairs = [
                "graceSeconds": "\(plan.graceSeconds)", "quarantineSeconds": "\(plan.quarantineSeconds)",
            ]
            try journal.audit("hub.lfs.collection.asked", "large files", by: actor, details, in: records)
        }
    }

    /// Reads everything that is stored of a repository again; what is wrong, a sentence each.
    package func check(_ address: RepositoryAddress, by actor: Actor) async throws -> [String] {
        try admit(actor)
        let record = try await database.read {
            try $0.repository(at: address, action: .administerRepository, by: actor)
        }
        do { return try await git.fsck(record) } catch { throw HubError.translating(error) }
    }
}
