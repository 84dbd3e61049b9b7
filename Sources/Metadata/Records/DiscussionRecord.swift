package import Access

/// A discussion or a pull request of a repository; both share one range of numbers.
package struct DiscussionRecord: Sendable, Equatable {
    /// How far it has come; discussions are open or closed only.
    package enum Status: String, Sendable, CaseIterable {
        case draft, open, closed, merged
    }

    /// The id.
    package var id: RecordID
    /// The repository.
    package var repositoryID: RecordID
    /// The number in the repository, from 1.
    package var num: Int64
    /// Who opened it; nil when the account is gone.
    package var authorID: RecordID?
    /// The author's name; nil when the account is gone.
    package var authorName: String?
    /// The title, one line.
    package var title: String
    /// How far it has come.
    package var status: Status
    /// Whether it is a pull request, with a ref `refs/pr/NUM`.
    package var isPullRequest: Bool
    /// The branch that a pull request is to be merged into; nil for discussions.
    package var baseRef: String?
    /// The commit from which a merged pull request had started.
    package var mergeBase: String?
    /// The commit by which a pull request was merged.
    package var mergeCommit: String?
    /// Events so far.
    package var eventCount: Int64
    /// Bytes of all texts, former ones included.
    package var textBytes: Int64
    /// When it was opened.
    package var createdAt: Timestamp
    /// When something happened in it.
    package var updatedAt: Timestamp

    /// A discussion in which nothing has happened yet.
    package init(
        id: RecordID,
        repositoryID: RecordID,
        num: Int64,
        authorID: RecordID?,
        authorName: String?,
        title: String,
        status: Status,
        baseRef: String?,
        createdAt: Timestamp
    ) {
        self.id = id
        self.repositoryID = repositoryID
        self.num = num
        self.authorID = authorID
        self.authorName = authorName
        self.title = title
        self.status = status
        isPullRequest = baseRef != nil
        self.baseRef = baseRef
        eventCount = 0
        textBytes = 0
        self.createdAt = createdAt
        updatedAt = createdAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        repositoryID = try row.id("repository_id")
        num = try row.integer("num")
        authorID = try row.optionalID("author_id")
        authorName = try row.optionalText("author_name")
        title = try row.text("title")
        status = try row.named("status")
        isPullRequest = try row.flag("is_pull_request")
        baseRef = try row.optionalText("base_ref")
        mergeBase = try row.optionalText("merge_base")
        mergeCommit = try row.optionalText("merge_commit")
        eventCount = try row.integer("event_count")
        textBytes = try row.integer("text_bytes")
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
    }

    /// The ref with a pull request's commits.
    package var headRef: String { "refs/pr/\(num)" }
}

/// Which discussions of a repository a listing shows; all conditions must hold.
package struct DiscussionFilter: Sendable, Equatable {
    /// Only pull requests, or only what is none.
    package var isPullRequest: Bool?
    /// Only those of these statuses; all when empty.
    package var statuses: [DiscussionRecord.Status]
    /// Only those of this user.
    package var authorID: RecordID?

    /// A filter; everything unless said otherwise.
    package init(
        isPullRequest: Bool? = nil,
        statuses: [DiscussionRecord.Status] = [],
        authorID: RecordID? = nil
    ) {
        self.isPullRequest = isPullRequest
        self.statuses = statuses
        self.authorID = authorID
    }
}
