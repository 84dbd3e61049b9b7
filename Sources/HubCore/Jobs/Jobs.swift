import Access
package import Logging
package import Metadata
import Metrics
import Synchronization

/// Runs work that can wait: takes jobs that are due, a few of each kind at a time, on as many nodes as there are.
package struct Jobs: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let logger: Logger
    private let kinds: [JobKind]
    private let wakes: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// A runner of these kinds on `metadata`, which must have been migrated.
    package init(metadata: MetadataStore, environment: HubEnvironment, logger: Logger, kinds: [JobKind]) {
        database = Database(store: metadata)
        self.environment = environment
        self.logger = logger
        self.kinds = kinds
        (wakes, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Lets the runner look now instead of within a second.
    package func wake() { bell.yield() }

    /// Runs jobs until the task is cancelled; those that run then are broken off and wait again.
    package func run() async {
        await schedule()
        let running = Running()
        await withDiscardingTaskGroup { group in
            group.addTask {
                while !Task.isCancelled {
                    wake()
                    try? await Task.sleep(for: .seconds(1))
                }
            }
            for await _ in wakes where !Task.isCancelled {
                for kind in await due(kinds.filter { running.count($0.name) < $0.concurrency }) {
                    for job in await take(kind, limit: kind.concurrency - running.count(kind.name)) {
                        running.change(kind.name, by: 1)
                        group.addTask {
                            await perform(job, kind)
                            running.change(kind.name, by: -1)
                            wake()
                        }
                    }
                }
            }
            group.cancelAll()
        }
    }

    /// Sees to it that work which runs again and again is in the table, as its interval is now.
    private func schedule() async {
        for kind in kinds {
            do {
                let (now, id) = (environment.now(), try environment.newID())
                let chance = try environment.randomBytes(1).first ?? 0
                try await database.transaction { records in
                    guard let every = kind.every else {
                        return try records.deleteJob(kind: kind.name, key: JobKind.periodicKey)
                    }
                    let next = JobKind.next(every, after: now, chance: chance)
                    let job = JobRequest(kind: kind.name, key: JobKind.periodicKey, at: next)
                    try records.schedule(job, id: id, at: now)
                }
            } catch {
                logger.warning("job not scheduled", metadata: ["kind": "\(kind.name)", "error": "\(error)"])
            }
        }
    }

    /// Runs what is due once and waits for it; for tests and commands.
    package func runDue() async {
        for kind in kinds {
            guard await !due([kind]).isEmpty else { continue }
            for job in await take(kind, limit: Records.largestPage) { await perform(job, kind) }
        }
    }

    /// The kinds of which there are jobs to run.
    ///
    /// Jobs are taken in a transaction only when there are some: it would be the only writer meanwhile.
    private func due(_ kinds: [JobKind]) async -> [JobKind] {
        do {
            let now = environment.now()
            return try await database.read { records in
                try kinds.filter { try records.hasDueJob(kind: $0.name, at: now) }
            }
        } catch {
            if !Task.isCancelled { logger.warning("jobs not looked for", metadata: ["error": "\(error)"]) }
            return []
        }
    }

    private func take(_ kind: JobKind, limit: Int) async -> [JobRecord] {
        do {
            let now = environment.now()
            let lease = try environment.newID()
            // Longer than the work may take, so that nobody takes over what still runs.
            let until = Timestamp(microseconds: now.microseconds + Int64(kind.seconds + 60) * 1_000_000)
            return try await database.transaction {
                try $0.takeJobs(kind: kind.name, lease: lease, until: until, at: now, limit: limit)
            }
        } catch {
            if !Task.isCancelled { logger.warning("jobs not taken", metadata: ["error": "\(error)"]) }
            return []
        }
    }

    private func perform(_ job: JobRecord, _ kind: JobKind) async {
        guard let lease = job.lease else { return }
        let outcome = await outcome(of: job, kind)
        Counter(label: "granary_jobs_total", dimensions: [("kind", kind.name), ("outcome", outcome.word)]).increment()
        // The record of how it ended is written also while the hub stops.
        await Task { await note(outcome, job, lease, kind) }.value
    }

    private func note(_ outcome: JobOutcome, _ job: JobRecord, _ lease: RecordID, _ kind: JobKind) async {
        do {
            let now = environment.now()
            let chance = try environment.randomBytes(1).first ?? 0
            try await database.transaction { records in
                switch outcome {
                case .done:
                    try records.finishJob(id: job.id, lease: lease)
                    try reschedule(kind, at: now, chance, records)
                case .brokenOff: try records.retryJob(id: job.id, lease: lease, at: now, error: nil, counts: false)
                case .failed(let reason) where job.attempts >= kind.maximumAttempts:
                    try records.failJob(id: job.id, lease: lease, at: now, error: reason)
                    try reschedule(kind, at: now, chance, records)
                case .failed(let reason):
                    let delay = JobKind.delay(afterAttempts: job.attempts, chance: chance)
                    let next = Timestamp(microseconds: now.microseconds + delay)
                    try records.retryJob(id: job.id, lease: lease, at: next, error: reason, counts: true)
                }
            }
        } catch {
            // Its lease ends by itself, and it runs again.
            logger.warning("job not ended", metadata: ["kind": "\(kind.name)", "error": "\(error)"])
        }
    }

    private func reschedule(_ kind: JobKind, at now: Timestamp, _ chance: UInt8, _ records: Records) throws {
        guard let every = kind.every else { return }
        let next = JobKind.next(every, after: now, chance: chance)
        let job = JobRequest(kind: kind.name, key: JobKind.periodicKey, at: next)
        try records.enqueue(job, id: try environment.newID(), at: now)
    }

    private func outcome(of job: JobRecord, _ kind: JobKind) async -> JobOutcome {
        do {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await kind.run(job) }
                group.addTask {
                    try await Task.sleep(for: .seconds(kind.seconds))
                    throw HubError(.unavailable(retryAfterSeconds: 60), "It took more than \(kind.seconds) s.")
                }
                defer { group.cancelAll() }
                try await group.next()
            }
            return .done
        } catch {
            if Task.isCancelled { return .brokenOff }
            let reason = (HubError.translating(error) as? HubError)?.message ?? "It was broken off."
            logger.warning(
                "job failed",
                metadata: [
                    "kind": "\(kind.name)", "key": "\(job.key)", "attempt": "\(job.attempts)", "error": "\(error)",
                ]
            )
            return .failed(reason)
        }
    }
}

/// How a try ended.
private enum JobOutcome {
    case done
    case failed(String)
    case brokenOff

    var word: String {
        switch self {
        case .done: "done"
        case .failed: "failed"
        case .brokenOff: "broken_off"
        }
    }
}

/// How many jobs of each kind run.
private final class Running: Sendable {
    private let counts = Mutex<[String: Int]>([:])

    func count(_ kind: String) -> Int { counts.withLock { $0[kind, default: 0] } }

    func change(_ kind: String, by change: Int) { counts.withLock { $0[kind, default: 0] += change } }
}
