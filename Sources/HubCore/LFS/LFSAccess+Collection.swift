package import Access
import GitCore
import LFS
import Logging
import Metadata
import ObjectStore

extension LFSAccess {
    /// Takes away what nothing refers to: first rows, then the bytes that no row leads to, which stay in quarantine
    /// for a while.
    ///
    /// May run while the hub is in use, also in another process: rows go only in a transaction that sees the refs that
    /// were marked by, and bytes only after a note that every upload of that object takes away again.
    /// - Throws: `HubError` unless the actor administers the hub; what the observer throws.
    package func collect(
        _ plan: LFSCollectionPlan,
        by actor: Actor,
        observer: LFSCollectionObserver = LFSCollectionObserver()
    ) async throws -> LFSCollectionReport {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        let now = environment.now()
        var report = LFSCollectionReport()
        if !plan.isDryRun {
            try await acquitNeeded()
            report.abortedUploads = try await abortExpiredUploads(at: now)
        }
        var dropped: Set<String> = []
        try await forEachRepository { record in
            guard try await collectRows(of: record, plan, at: now, observer, &report, &dropped) else { return }
            report.repositories += 1
            observer.progress(.repositories(done: report.repositories))
        }
        try await collectChunks(plan, at: now, observer, &report)
        try await collectBytes(plan, at: now, observer, &report, dropped)
        guard !plan.isDryRun else { return report }
        let end = now.adding(seconds: -plan.quarantineSeconds)
        let notesEnd = now.adding(seconds: -max(plan.quarantineSeconds, Self.noteSeconds))
        try await database.transaction { try $0.forgetCollectedLFSObjects(before: end, notesBefore: notesEnd) }
        report.purged = try await withStore {
            _ = try await store.sweep(olderThanSeconds: Self.strayUploadSeconds)
            return try await store.purgeQuarantine(olderThanSeconds: plan.quarantineSeconds)
        }
        try await note(report, by: actor)
        return report
    }

    /// After so many seconds what a cut-off upload has left behind is removed; longer than any upload may be open.
    private static let strayUploadSeconds: Int64 = 8 * 86_400

    /// For so many seconds at least it is remembered that an object's bytes went, also when they are deleted at once: an
    /// upload that found them in place and ends later must know.
    private static let noteSeconds: Int64 = 86_400

    private func note(_ report: LFSCollectionReport, by actor: Actor) async throws {
        try await database.transaction { records in
            let details: KeyValuePairs = [
                "rows": "\(report.rows.objects)", "rowBytes": "\(report.rows.bytes)",
                "quarantined": "\(report.quarantined.objects)", "quarantinedBytes": "\(report.quarantined.bytes)",
                "purged": "\(report.purged)",
            ]
            try journal.audit("hub.lfs.collected", "large files", by: actor, details, in: records)
        }
    }

    /// All repositories, page after page.
    func forEachRepository(_ body: (RepositoryRecord) async throws -> Void) async throws {
        var last: RecordID?
        while true {
            let after = last
            let page = try await database.read { records in
                try records.repositories(RepositoryFilter(publicOnly: false), after: after, limit: Records.largestPage)
            }
            for record in page { try await body(record) }
            guard page.count == Records.largestPage, let end = page.last else { return }
            last = end.id
        }
    }

    /// How often a repository is marked again when somebody pushes meanwhile.
    private static let attempts = 3

    /// Takes the rows of one repository away that nothing refers to; false when it has none.
    private func collectRows(
        of record: RepositoryRecord,
        _ plan: LFSCollectionPlan,
        at now: Timestamp,
        _ observer: LFSCollectionObserver,
        _ report: inout LFSCollectionReport,
        _ dropped: inout Set<String>
    ) async throws -> Bool {
        guard try await database.read({ try $0.lfsUsage(repositoryID: record.id) }).objects > 0 else { return false }
        for _ in 0..<Self.attempts {
            do {
                let marked = try await mark(record)
                let before = now.adding(seconds: -plan.graceSeconds)
                if try await sweepRows(of: record, marked, before, plan, at: now, observer, &report, &dropped) {
                    return true
                }
            } catch let error as HubError {
                // Deleted meanwhile: its rows went with it.
                if error.kind == .notFound { return false }
                // What cannot be walked says nothing about what it refers to: everything stays.
                report.skipped.append("\(record.address): \(error.diagnostics ?? error.message)")
                return false
            }
        }
        report.skipped.append("\(record.address): its refs changed again and again")
        return false
    }

    /// What the refs of a repository lead to, and the generation of these refs.
    private struct Marked {
        var generation: Int64
        var oids: Set<String>
    }

    /// Commits and trees between two looks at whether the task was cancelled.
    private static let scanCount = 1_000

    /// Walks all refs of a repository, hidden ones included.
    private func mark(_ record: RepositoryRecord) async throws -> Marked {
        let repository = git.repository(of: record.id)
        let snapshot = try await git.snapshot(of: record.id, repository)
        let oids = try await git.onExecutor {
            var oids: Set<String> = []
            let scan = try SmallBlobScan(repository.files, snapshot, probe: .mentionsOfLargeFiles)
            while try scan.advance(
                Self.scanCount,
                show: { blob in
                    for oid in LFSPointer.mentions(in: blob.bytes) { oids.insert(oid.hex) }
                }
            ) { try Task.checkCancellation() }
            return oids
        }
        return Marked(generation: snapshot.generation, oids: oids)
    }

    /// Goes through the rows of a repository; false when its refs have changed since they were walked.
    private func sweepRows(
        of record: RepositoryRecord,
        _ marked: Marked,
        _ before: Timestamp,
        _ plan: LFSCollectionPlan,
        at now: Timestamp,
        _ observer: LFSCollectionObserver,
        _ report: inout LFSCollectionReport,
        _ dropped: inout Set<String>
    ) async throws -> Bool {
        var last: String?
        while true {
            try Task.checkCancellation()
            let after = last
            let page = try await database.read { records in
                try records.lfsObjects(repositoryID: record.id, after: after, limit: Records.largestPage)
            }
            let garbage = page.filter { !marked.oids.contains($0.oid) && $0.createdAt < before }
            if !plan.isDryRun, !garbage.isEmpty {
                guard let gone = try await drop(garbage, of: record, marked.generation, before, at: now) else {
                    return false
                }
                report.rows.objects += gone.objects
                report.rows.bytes += gone.bytes
            }
            for row in garbage {
                try observer.step(.row(record.address, row))
                guard plan.isDryRun else { continue }
                dropped.insert(record.id.text + row.oid)
                report.rows.objects += 1
                report.rows.bytes += row.size
            }
            guard page.count == Records.largestPage else { return true }
            last = page.last?.oid
        }
    }

    private func drop(
        _ garbage: [LFSObjectRecord],
        of record: RepositoryRecord,
        _ generation: Int64,
        _ before: Timestamp,
        at now: Timestamp
    ) async throws -> LFSUsage? {
        try await database.transaction { records in
            guard try records.repository(id: record.id)?.generation == generation else { return nil }
            return try records.collectLFSObjects(
                repositoryID: record.id,
                oids: garbage.map(\.oid),
                before: before,
                at: now
            )
        }
    }
}

extension BlobProbe {
    /// Blobs that may be pointers to large files for any client.
    ///
    /// For garbage collection every mention counts: clients read pointers that a strict reader does not take for some.
    static let mentionsOfLargeFiles = BlobProbe(limit: 64 << 10, prefix: [])

    /// Blobs that are pointers to large files, if they are as git-lfs writes them.
    static let lfsPointers = BlobProbe(limit: LFSPointer.sizeLimit - 1, prefix: Array("version ".utf8))
}
