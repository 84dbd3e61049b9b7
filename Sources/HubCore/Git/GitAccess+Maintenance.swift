import Access
package import GitCore
import Logging
package import Metadata

extension GitAccess {
    /// Joins packs of a repository and writes what makes it cheap to serve.
    ///
    /// - Parameters:
    ///   - isFull: whether all packs become one, and what no ref leads to is put aside or dropped.
    ///   - grace: seconds for which what no ref leads to is kept; nil for the usual two weeks. Shorter than any push
    ///     takes, it breaks pushes that build on what was reachable when they began.
    ///   - isGentle: whether half of the time is left to others.
    package func maintain(
        _ record: RepositoryRecord,
        isFull: Bool,
        grace: Int64? = nil,
        isGentle: Bool
    ) async throws -> MaintenanceReport {
        let repository = repository(of: record.id)
        let settled = try await onExecutor { try repository.files.settledPacks() }
        let snapshot = try await snapshot(of: record.id, repository)
        let name = try environment.newID().text
        var options = MaintenanceOptions()
        options.isFull = isFull
        if let grace { options.grace = grace.multipliedReportingOverflow(by: 1_000_000_000).partialValue }
        let (id, now, chosen) = (record.id, environment.now().microseconds &* 1_000, options)
        let report = try await withTaskExecutorPreference(executor) {
            let pace = Pace(isGentle: isGentle)
            let maintenance = Maintenance(
                repository.files,
                snapshot,
                options: chosen,
                name: name,
                now: now,
                pause: { try await pace.pause() },
                exclusively: { step in
                    await locks.acquire(id)
                    defer { locks.release(id) }
                    try step()
                }
            )
            return try await maintenance.run()
        }
        if report.isEverythingReachable, !snapshot.everyObjectReachable, settled != nil {
            try await noteEverythingReachable(id, repository, snapshot)
        }
        if report.packsJoined > 0 || report.packsWaiting > 0 { try await enqueueRemoval(of: id) }
        logger.info(
            "repository maintained",
            metadata: [
                "repository": "\(record.address)", "joined": "\(report.packsJoined)", "packs": "\(report.packsAfter)",
                "bytes": "\(report.bytesWritten)", "bitmaps": "\(report.commitsWithBitmap)",
                "dropped": "\(report.objectsDropped)",
            ]
        )
        return report
    }

    /// Under the repository's lock no push of this process is between its pack and its refs; those of others show by
    /// their quarantine, and by the generation.
    private func noteEverythingReachable(
        _ id: RecordID,
        _ repository: OpenRepository,
        _ snapshot: RefSnapshot
    ) async throws {
        await locks.acquire(id)
        defer { locks.release(id) }
        guard try await onExecutor({ try repository.files.holdsOnlyReachable(from: snapshot) }) else { return }
        _ = try await database.transaction { records in
            try records.noteEveryObjectReachable(repositoryID: id, generation: snapshot.generation)
        }
    }
}

extension GitAccess {
    /// The work of `maintain` that is asked for by pushes, and the look once a day for objects that nothing leads to.
    package var maintenanceJobs: [JobKind] {
        [
            JobKind(Self.maintenanceJob, concurrency: 1, maximumAttempts: 3, seconds: 6 * 3_600) { job in
                let words = job.key.split(separator: " ")
                guard let id = words.first.flatMap({ RecordID(String($0)) }),
                    let record = try await database.read({ try $0.repository(id: id) })
                else { return }
                let isFull = words.last == "full"
                _ = try await maintain(record, isFull: isFull, isGentle: true)
            },
            JobKind("git.unreachable", concurrency: 1, every: 86_400) { _ in
                var last: RecordID?
                repeat {
                    let after = last
                    let ids = try await database.read { records in
                        try records.repositoriesWithUnreachableObjects(after: after, limit: Records.largestPage)
                    }
                    try await database.transaction { records in
                        for id in ids { try enqueueMaintenance(of: "\(id) full", at: environment.now(), in: records) }
                    }
                    last = ids.last
                } while last != nil
            },
        ]
    }

    private static let maintenanceJob = "git.maintenance"

    /// Asks for one more run when the last readers of what was joined must be done.
    private func enqueueRemoval(of id: RecordID) async throws {
        let due = environment.now().adding(seconds: MaintenanceOptions().retirement / 1_000_000_000 + 60)
        try await database.transaction { records in
            try enqueueMaintenance(of: "\(id) later", at: due, in: records)
        }
    }

    /// Asks for maintenance after a push when there is something to gain.
    func enqueueMaintenance(of id: RecordID, _ packs: PackSet?, in records: Records) throws {
        guard let packs, Maintenance.isWorthwhile(packs) else { return }
        try enqueueMaintenance(of: "\(id)", at: environment.now(), in: records)
    }

    private func enqueueMaintenance(of key: String, at moment: Timestamp, in records: Records) throws {
        let job = JobRequest(kind: Self.maintenanceJob, key: key, at: moment)
        try records.enqueue(job, id: try environment.newID(), at: environment.now())
    }
}

/// Work that takes no more than half of the time, when it is to be gentle.
private final class Pace {
    private let isGentle: Bool
    private var began = monotonicNanoseconds()

    /// So much work is done before the first pause.
    private static let stretch: Int64 = 20_000_000

    init(isGentle: Bool) {
        self.isGentle = isGentle
    }

    func pause() async throws {
        try Task.checkCancellation()
        let worked = monotonicNanoseconds() - began
        guard worked > Self.stretch else { return }
        if isGentle { try await Task.sleep(for: .nanoseconds(min(worked, 200_000_000))) } else { await Task.yield() }
        began = monotonicNanoseconds()
    }
}
