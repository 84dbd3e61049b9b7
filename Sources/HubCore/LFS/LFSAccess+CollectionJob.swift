import Access
import JSON
import Logging
import Metadata

extension LFSAccess {
    /// The longest collection: a hub of millions of objects in a slow store.
    private static let longestCollection = 12 * 3_600

    /// Garbage collection by itself, as `granary lfs gc` does it with its defaults.
    ///
    /// It may run beside one that somebody started: rows and bytes go in transactions that look again.
    var collectionJob: JobKind {
        let every = settings.lfsCollectionSeconds
        return JobKind(
            LFSCollectionPlan.jobKind,
            concurrency: 1,
            maximumAttempts: 3,
            seconds: Self.longestCollection,
            every: every > 0 ? every : nil
        ) { job in
            let report = try await collect(LFSCollectionPlan(payload: job.payload), by: .operator)
            logger.info(
                "large files collected",
                metadata: [
                    "repositories": "\(report.repositories)", "skipped": "\(report.skipped.count)",
                    "rows": "\(report.rows.objects)", "row_bytes": "\(report.rows.bytes)",
                    "quarantined": "\(report.quarantined.objects)",
                    "quarantined_bytes": "\(report.quarantined.bytes)", "purged": "\(report.purged)",
                    "aborted_uploads": "\(report.abortedUploads)",
                ]
            )
        }
    }
}

extension LFSCollectionPlan {
    /// The kind and the key of the job that somebody asks for; the one that runs by itself has another key.
    static let jobKind = "lfs.collection"
    static let jobKey = "asked"

    /// The plan as a job carries it.
    var payload: String { "{\"graceSeconds\":\(graceSeconds),\"quarantineSeconds\":\(quarantineSeconds)}" }

    /// A plan out of a job; what is not there is as usual.
    init(payload: String) {
        self.init()
        let value = try? JSONValue(parsing: Array(payload.utf8), limits: JSONLimits(bytes: 1_024))
        graceSeconds = value?["graceSeconds"]?.integer ?? graceSeconds
        quarantineSeconds = value?["quarantineSeconds"]?.integer ?? quarantineSeconds
    }
}
