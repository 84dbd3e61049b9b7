package import Access
import GitCore
package import Metadata

/// Discussions and pull requests of repositories: talking about what is there and what should be.
///
/// Both share a range of numbers in each repository. Whoever may take part in a repository opens them and comments; authors
/// change their own words, who may write in the repository decides.
package struct Discussions: Sendable {
    let git: GitAccess
    let commits: Commits
    let trials = MergeTrials(limit: 4_096)

    /// Discussions of the repositories that `commits` go to.
    init(commits: Commits) {
        git = commits.git
        self.commits = commits
    }

    /// A discussion and the repository it belongs to.
    package struct Topic: Sendable {
        package let repository: RepositoryRecord
        package let discussion: DiscussionRecord
    }

    /// A page of a repository's discussions.
    package struct Page: Sendable {
        package let repository: RepositoryRecord
        /// How many there are in all.
        package let count: Int
        /// How many come before the page.
        package let start: Int
        /// How many of the same kind and author are closed or merged.
        package let closedCount: Int
        package let discussions: [DiscussionRecord]
    }

    /// A page of a repository's discussions, youngest first.
    ///
    /// - Parameters:
    ///   - author: only those of the user of this name; none when there is no such user.
    ///   - number: of the page, from 0.
    package func page(
        of address: RepositoryAddress,
        isPullRequest: Bool?,
        statuses: [DiscussionRecord.Status],
        author: String?,
        number: Int,
        limit: Int,
        by actor: Actor
    ) async throws -> Page {
        let limit = min(max(limit, 1), DiscussionLimits.largestPage)
        let start = min(max(number, 0), Int(DiscussionLimits.perRepository)) * limit
        return try await git.database.read { records in
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            let user = try author.map { try records.user(byName: $0) } ?? nil
            guard author == nil || user != nil else {
                return Page(repository: repository, count: 0, start: start, closedCount: 0, discussions: [])
            }
            var filter = DiscussionFilter(isPullRequest: isPullRequest, statuses: statuses, authorID: user?.id)
            let count = try records.discussionCount(repositoryID: repository.id, filter)
            let found = try records.discussions(repositoryID: repository.id, filter, skip: start, limit: limit)
            filter.statuses = [.closed, .merged]
            let closed = try records.discussionCount(repositoryID: repository.id, filter)
            return Page(
                repository: repository,
                count: count,
                start: start,
                closedCount: closed,
                discussions: found
            )
        }
    }

    /// Opens a discussion.
    ///
    /// - Parameter description: the first comment; nil for none.
    /// - Throws: `HubError.invalid` or `.tooLarge` about the texts; `.conflict` when there are too many.
    package func open(
        _ title: String,
        description: String?,
        in address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Topic {
        let text = (title: try DiscussionText.title(title), body: try DiscussionText.comment(ifThere: description))
        let id = try await git.database.read {
            try $0.repository(at: address, action: .participate, by: actor).id
        }
        // A commit that is about to become a pull request knows its number once it holds this.
        await git.locks.acquire(id)
        defer { git.locks.release(id) }
        return try await git.database.transaction { records in
            let repository = try records.repository(at: address, action: .participate, by: actor)
            // Moved and made anew in between: the lock is another repository's.
            guard repository.id == id else { throw Self.missing }
            var change = try opening(text.title, .open, baseRef: nil, in: repository, by: actor, records)
            if let body = text.body { try change.add(.comment, body) }
            return try change.finish("discussion.create")
        }
    }

    /// Makes the row of a discussion, whose number is the repository's next unless one was reserved.
    func opening(
        _ title: String,
        _ status: DiscussionRecord.Status,
        baseRef: String?,
        num reserved: Int64? = nil,
        in repository: RepositoryRecord,
        by actor: Actor,
        _ records: Records
    ) throws -> DiscussionChange {
        let author = try Self.participant(actor)
        try checkRoom(for: author, in: repository.id, records)
        let discussion = DiscussionRecord(
            id: try git.environment.newID(),
            repositoryID: repository.id,
            num: try reserved ?? takeNumber(in: repository, records),
            authorID: author.id,
            authorName: author.name,
            title: title,
            status: status,
            baseRef: baseRef,
            createdAt: git.environment.now()
        )
        try records.insertDiscussion(discussion)
        return DiscussionChange(
            records: records,
            git: git,
            repository: repository,
            discussion: discussion,
            actor: actor,
            isOpening: true
        )
    }

    /// Sees to it that somebody may open another discussion.
    ///
    /// - Throws: `HubError.conflict` when the author has too many open.
    func checkRoom(for author: UserActor, in id: RecordID, _ records: Records) throws {
        let own = DiscussionFilter(statuses: [.draft, .open], authorID: author.id)
        guard try records.discussionCount(repositoryID: id, own) < DiscussionLimits.openPerAuthor else {
            throw HubError(.conflict, "You have \(DiscussionLimits.openPerAuthor) discussions open here. Close some.")
        }
    }

    /// Takes the next number of a repository.
    func takeNumber(in repository: RepositoryRecord, _ records: Records) throws -> Int64 {
        let num = try records.takeDiscussionNumber(repositoryID: repository.id)
        guard num <= DiscussionLimits.perRepository else { throw Self.tooMany }
        return num
    }

    /// The account behind an actor who takes part.
    static func participant(_ actor: Actor) throws(HubError) -> UserActor {
        guard case .user(let user) = actor else {
            throw HubError(.forbidden, "Only accounts take part in discussions.")
        }
        return user
    }

    static let tooMany = HubError(
        .conflict,
        "A repository has at most \(DiscussionLimits.perRepository) discussions."
    )

    static let missing = HubError(.notFound, "There is no such discussion.")
}
