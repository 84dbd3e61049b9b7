import Access
import Metadata

/// A discussion that is being changed, in one transaction.
struct DiscussionChange {
    let records: Records
    let git: GitAccess
    let repository: RepositoryRecord
    var discussion: DiscussionRecord
    let actor: Actor
    /// Whether the discussion is made in this transaction: its first comment belongs to that and is no news of its own.
    var isOpening = false
    private var firstComment: RecordID?

    init(
        records: Records,
        git: GitAccess,
        repository: RepositoryRecord,
        discussion: DiscussionRecord,
        actor: Actor,
        isOpening: Bool = false
    ) {
        self.records = records
        self.git = git
        self.repository = repository
        self.discussion = discussion
        self.actor = actor
        self.isOpening = isOpening
    }

    /// Adds an event.
    ///
    /// - Throws: `HubError.conflict` when the discussion is full.
    @discardableResult
    mutating func add(
        _ kind: DiscussionEventRecord.Kind,
        _ content: String,
        detail: String? = nil
    ) throws -> DiscussionEventRecord {
        guard discussion.eventCount < DiscussionLimits.events(kind) else { throw Self.full }
        if kind == .comment || kind == .titleChange { try makeRoom(for: content) }
        let author = try Discussions.participant(actor)
        discussion.eventCount += 1
        let event = DiscussionEventRecord(
            id: try git.environment.newID(),
            discussionID: discussion.id,
            position: discussion.eventCount,
            authorID: author.id,
            authorName: author.name,
            kind: kind,
            content: content,
            detail: detail,
            createdAt: git.environment.now()
        )
        try records.insertDiscussionEvent(event)
        if kind == .comment {
            if isOpening { firstComment = event.id } else { try note("discussion.comment.create", comment: event.id) }
        }
        return event
    }

    /// Adds a comment and, after it, another status.
    @discardableResult
    mutating func move(to status: DiscussionRecord.Status, comment: String?) throws -> DiscussionEventRecord {
        if let comment { try add(.comment, comment) }
        discussion.status = status
        return try add(.statusChange, status.rawValue)
    }

    /// Counts a text that is kept with the discussion.
    mutating func makeRoom(for text: String) throws {
        discussion.textBytes += Int64(text.utf8.count)
        guard discussion.textBytes <= DiscussionLimits.textBytes else { throw Self.full }
    }

    /// Writes the discussion's row, and what happened into the journal.
    ///
    /// - Parameter action: nil when something else was written there.
    func finish(_ action: String?) throws -> Discussions.Topic {
        var discussion = discussion
        discussion.updatedAt = git.environment.now()
        try records.updateDiscussion(discussion)
        if let action { try note(action, comment: firstComment) }
        return Discussions.Topic(repository: repository, discussion: discussion)
    }

    /// Writes into the journal what happened to the discussion or to one of its comments.
    func note(_ action: String, comment: RecordID? = nil) throws {
        let (num, status) = (String(discussion.num), discussion.status.rawValue)
        let details: KeyValuePairs =
            if let comment {
                ["num": num, "status": status, "comment": comment.text]
            } else {
                ["num": num, "status": status]
            }
        try git.journal.record(action, repository, by: actor, details, in: records)
    }

    /// Sees to it that the actor has opened the discussion or may write in its repository.
    func requireAuthorOrWriter() throws {
        guard discussion.authorID == nil || discussion.authorID != actor.userID else { return }
        try records.authorize(actor, .writeRepository, repository)
    }

    static let full = HubError(.conflict, "This discussion is full. Open another one.")
}

extension Discussions {
    /// Changes a discussion, for an actor who may take part in its repository.
    ///
    /// - Throws: `HubError.notFound` when there is no discussion of this number.
    func change<T: Sendable>(
        _ num: Int64,
        of address: RepositoryAddress,
        by actor: Actor,
        _ body: @Sendable (inout DiscussionChange) throws -> T
    ) async throws -> T {
        try await git.database.transaction { records in
            let repository = try records.repository(at: address, action: .participate, by: actor)
            guard let discussion = try records.discussion(repositoryID: repository.id, num: num) else {
                throw Self.missing
            }
            var change = DiscussionChange(
                records: records,
                git: git,
                repository: repository,
                discussion: discussion,
                actor: actor
            )
            return try body(&change)
        }
    }
}
