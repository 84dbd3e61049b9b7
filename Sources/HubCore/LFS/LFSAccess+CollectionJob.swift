import Access
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
            "lfs.collection",
            concurrency: 1,
            maximumAttempts: 3,
            seconds: Self.longestCollection,
            every: every > 0 ? every : nil
        ) { _ in
            let report = try await collect(LFSCollectionPlan(), by: .operator)
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
