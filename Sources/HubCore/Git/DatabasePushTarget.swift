package import Access
import GitCore
import Logging
import Metadata

/// The refs of one repository in the database, as one actor may change them.
struct DatabasePushTarget: PushTarget {
    let git: GitAccess
    let id: RecordID
    let repository: OpenRepository
    let actor: Actor
    let rules: PushRules
    let largeFiles: PushedLargeFiles
    /// What the actor must be allowed to do.
    let action: Action
    /// What else belongs into the transaction that changes the refs.
    let alongside: @Sendable (Records) throws -> Void

    init(
        git: GitAccess,
        id: RecordID,
        repository: OpenRepository,
        actor: Actor,
        rules: PushRules,
        action: Action = .writeRepository,
        alongside: @escaping @Sendable (Records) throws -> Void = { _ in }
    ) {
        self.action = action
        self.alongside = alongside
        self.git = git
        self.id = id
        self.repository = repository
        self.actor = actor
        self.rules = rules
        largeFiles = PushedLargeFiles(git: git, id: id, actor: actor)
    }

    func snapshot() async throws -> RefSnapshot {
        try await git.snapshotAtHand(of: id, repository)
    }

    func refusal(of command: ReceiveCommand, name: RefName) -> String? {
        rules.refusal(of: command.kind, name)
    }

    func refusal(ofForced update: RefUpdate) -> String? {
        rules.refusalOfForce(update.name)
    }

    var blobProbe: BlobProbe? { .lfsPointers }

    func objections(to content: PushContent) async throws -> PushObjections {
        try await largeFiles.objections(to: content)
    }

    func lock() async throws -> any PushLock {
        await git.locks.acquire(id)
        return HeldLock(target: self)
    }
}

/// The right to change one repository's refs, held.
private struct HeldLock: PushLock {
    let target: DatabasePushTarget

    func snapshot() async throws -> RefSnapshot {
        try await target.snapshot()
    }

    func release() {
        target.git.locks.release(target.id)
    }

    /// Refs, generation, event and audit row: one transaction, in which the right to push is looked at once more.
    func commit(_ transaction: RefTransaction) async throws -> [String?] {
        struct AllRefused: Error { let outcomes: [String?] }
        let (git, id, actor) = (target.git, target.id, target.actor)
        // Only whether maintenance is asked for hangs on it.
        let packs = try? target.repository.files.packs.current()
        do {
            let outcomes = try await git.database.store.transaction { records in
                guard let record = try records.repository(id: id) else {
                    throw HubError(.notFound, "The repository was not found.")
                }
                try records.authorize(actor, target.action, record)
                try target.largeFiles.confirm(in: records)
                let outcomes = try transaction.updates.map { try Self.apply($0, id, actor, records) }
                let failed = outcomes.contains { $0 != nil }
                if transaction.isAtomic && failed || outcomes.allSatisfy({ $0 != nil }) {
                    throw AllRefused(outcomes: outcomes.map { $0 ?? "atomic push failed" })
                }
                _ = try records.bumpGeneration(
                    repositoryID: id,
                    at: git.environment.now(),
                    everyObjectReachable: transaction.everyObjectReachable && !failed
                )
                let done = zip(transaction.updates, outcomes).filter { $0.1 == nil }.map(\.0)
                try git.journal.recordPush(done, transaction.pushOptions, record, by: actor, in: records)
                try git.enqueueMaintenance(of: id, packs, in: records)
                try target.alongside(records)
                return outcomes
            }
            await git.copyRefs(of: id, target.repository)
            return outcomes
        } catch {
            // The pack is published, but nothing points into it. If the database cannot take that now, the quarantine
            // that stays behind says so at the next start.
            try await git.noteUnreachable(id)
            guard let refused = error as? AllRefused else { throw SettledFailure(HubError.translating(error)) }
            return refused.outcomes
        }
    }

    /// Deletes come first in `updates` only by chance; the database keeps no order among names, so none is needed.
    private static func apply(
        _ update: RefUpdate,
        _ id: RecordID,
        _ actor: Actor,
        _ records: Records
    ) throws -> String? {
        if update.new == .zero,
            let refusal = try PushedLargeFiles.refusalOfDeletion(update.name, id, by: actor, records)
        {
            return refusal
        }
        let isDone = try records.updateRef(
            repositoryID: id,
            name: update.name.string,
            old: update.old == .zero ? nil : update.old.hex,
            new: update.new == .zero ? nil : update.new.hex,
            peeled: update.peeled?.hex
        )
        guard !isDone else { return nil }
        return update.old == .zero ? "already exists" : "fetch first"
    }
}

extension GitAccess {
    /// Brings the files that copy the refs up to date.
    package func copyRefs(of id: RecordID) async {
        await copyRefs(of: id, repository(of: id))
    }

    /// Rewrites the files that copy the refs.
    ///
    /// They decide nothing, so a failure is only logged.
    func copyRefs(of id: RecordID, _ repository: OpenRepository) async {
        do {
            try PackedRefsFile.write(try await snapshot(of: id, repository), in: repository.files.path)
        } catch {
            logger.warning(
                "refs were not copied to the repository's files",
                metadata: [
                    "repository": "\(id)", "error": "\(error)",
                ]
            )
        }
    }

    /// Notes that the repository holds objects that no ref leads to.
    func noteUnreachable(_ id: RecordID) async throws {
        try await database.transaction { records in
            _ = try records.bumpGeneration(repositoryID: id, at: environment.now(), everyObjectReachable: false)
        }
    }
}
