package import Access
package import Metadata
package import ObjectStore

/// How garbage collection is to be done.
package struct LFSCollectionPlan: Sendable, Equatable {
    /// Whether nothing is changed, only told.
    package var isDryRun = false
    /// What is younger stays: an upload comes before the push that refers to it.
    package var graceSeconds: Int64 = 14 * 86_400
    /// For how long what was taken away can be brought back.
    package var quarantineSeconds: Int64 = 14 * 86_400
    /// Xorbs that no file is made of stay for so long after their last use: clients keep for three weeks what they have
    /// sent, and build on it.
    package var chunkGraceSeconds: Int64 = 28 * 86_400

    /// The defaults.
    package init() {}

    /// The longest time that makes sense: ten years.
    private static let longestSeconds: Int64 = 3_650 * 86_400

    /// Looks at times that come from elsewhere than the command line.
    ///
    /// - Throws: `HubError.invalid` for negative and endless ones.
    package static func check(_ plan: LFSCollectionPlan) throws(HubError) {
        for seconds in [plan.graceSeconds, plan.quarantineSeconds, plan.chunkGraceSeconds] {
            guard (0...longestSeconds).contains(seconds) else {
                throw HubError(.invalid, "A time is 0 through \(longestSeconds) seconds.")
            }
        }
    }
}

/// One thing that garbage collection does, or would do.
package enum LFSCollectionStep: Sendable, Equatable {
    /// An object is taken away from a repository in which nothing refers to it.
    case row(RepositoryAddress, LFSObjectRecord)
    /// An object's bytes go out of sight, because no repository has it.
    case bytes(StoredObject)

    /// The step as one line of JSON.
    package var json: String {
        switch self {
        case .row(let address, let row):
            "{\"step\":\"row\",\"repository\":\(jsonString(address.description)),\"oid\":\"\(row.oid)\","
                + "\"size\":\(row.size),\"created_at\":\"\(row.createdAt)\"}"
        case .bytes(let object):
            "{\"step\":\"bytes\",\"oid\":\"\(object.key)\",\"size\":\(object.size),"
                + "\"stored_at\":\"\(Timestamp(microseconds: 0).adding(seconds: object.modifiedAt))\"}"
        }
    }
}

/// How far a collection is.
package enum LFSCollectionProgress: Sendable, Equatable {
    /// Repositories whose refs were walked.
    case repositories(done: Int)
    /// Stored objects that were looked at.
    case objects(done: Int)
}

/// What a collection amounted to.
package struct LFSCollectionReport: Sendable, Equatable {
    /// Repositories whose refs were walked.
    package var repositories = 0
    /// Repositories that were left alone, and why.
    package var skipped: [String] = []
    /// Rows that were taken away.
    package var rows = LFSUsage()
    /// Objects whose bytes went out of sight.
    package var quarantined = LFSUsage()
    /// Objects whose bytes were deleted for good, after their time in quarantine.
    package var purged = 0
    /// Chunked files that were forgotten, because no repository has their content.
    package var chunkedFiles = 0
    /// Xorbs that were forgotten.
    package var xorbs = 0
    /// Xorbs that were written anew without the chunks that no file uses, and the bytes of these chunks.
    package var rewritten = LFSUsage()
    /// Uploads in parts that were given up.
    package var abortedUploads = 0

    /// Nothing yet.
    package init() {}
}

/// Who is told what a collection does.
package struct LFSCollectionObserver: Sendable {
    /// Told each step.
    package var step: @Sendable (LFSCollectionStep) throws -> Void
    /// Told now and then.
    package var progress: @Sendable (LFSCollectionProgress) -> Void

    /// An observer; nobody, unless said otherwise.
    package init(
        step: @escaping @Sendable (LFSCollectionStep) throws -> Void = { _ in },
        progress: @escaping @Sendable (LFSCollectionProgress) -> Void = { _ in }
    ) {
        self.step = step
        self.progress = progress
    }
}
