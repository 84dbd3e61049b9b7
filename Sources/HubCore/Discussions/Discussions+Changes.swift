package import Access
package import Metadata

extension Discussions {
    /// An event with what its comment said before, oldest first.
    package struct Event: Sendable {
        package let event: DiscussionEventRecord
        package let edits: [DiscussionEditRecord]
    }

    /// Adds a comment.
    package func comment(
        _ text: String,
        on num: Int64,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Event {
        let text = try DiscussionText.comment(text)
        return try await change(num, of: address, by: actor) { change in
            let event = try change.add(.comment, text)
            _ = try change.finish(nil)
            return Event(event: event, edits: [])
        }
    }

    /// Gives a comment another text; only its author may.
    ///
    /// - Throws: `HubError.conflict` when it is hidden or was changed too often.
    package func edit(
        _ comment: String,
        to text: String,
        on num: Int64,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Event {
        let text = try DiscussionText.comment(text)
        return try await change(num, of: address, by: actor) { change in
            let event = try Self.comment(comment, change)
            let author = try Self.participant(actor)
            guard event.authorID == author.id else {
                throw HubError(.forbidden, "Only its author may change a comment.")
            }
            guard !event.isHidden else { throw HubError(.conflict, "A hidden comment cannot be changed.") }
            guard event.edits < DiscussionLimits.edits else {
                throw HubError(.conflict, "A comment can be changed \(DiscussionLimits.edits) times.")
            }
            try change.makeRoom(for: text)
            let now = git.environment.now()
            try change.records.editComment(id: event.id, content: text, editorID: author.id, at: now)
            return try Self.updated(event.id, &change)
        }
    }

    /// Takes a comment away for good; its author and who may write in the repository may.
    package func hide(
        _ comment: String,
        on num: Int64,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Event {
        try await change(num, of: address, by: actor) { change in
            let event = try Self.comment(comment, change)
            let author = try Self.participant(actor)
            if event.authorID != author.id { try change.records.authorize(actor, .writeRepository, change.repository) }
            guard !event.isHidden else { return Event(event: event, edits: []) }
            let now = git.environment.now()
            try change.records.hideComment(id: event.id, editorID: author.id, at: now)
            return try Self.updated(event.id, &change)
        }
    }

    /// Gives a discussion another title.
    ///
    /// - Throws: `HubError.conflict` when it is the title that it has.
    package func rename(
        _ num: Int64,
        to title: String,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Event {
        let title = try DiscussionText.title(title)
        return try await change(num, of: address, by: actor) { change in
            try change.requireAuthorOrWriter()
            let former = change.discussion.title
            guard former != title else { throw HubError(.conflict, "The discussion has this title already.") }
            change.discussion.title = title
            let event = try change.add(.titleChange, title, detail: former)
            _ = try change.finish("discussion.update")
            return Event(event: event, edits: [])
        }
    }

    /// Opens or closes a discussion; opening a draft publishes it.
    ///
    /// - Throws: `HubError.conflict` when it is so already, or merged.
    package func setStatus(
        _ status: DiscussionRecord.Status,
        comment: String?,
        on num: Int64,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Event {
        guard status == .open || status == .closed else {
            throw HubError(.invalid, "The status is 'open' or 'closed'.")
        }
        let comment = try DiscussionText.comment(ifThere: comment)
        return try await change(num, of: address, by: actor) { change in
            try change.requireAuthorOrWriter()
            guard change.discussion.status != .merged else {
                throw HubError(.conflict, "A merged pull request stays merged.")
            }
            guard change.discussion.status != status else {
                throw HubError(.conflict, "The discussion is \(status.rawValue) already.")
            }
            let event = try change.move(to: status, comment: comment)
            _ = try change.finish("discussion.update")
            return Event(event: event, edits: [])
        }
    }

    private static func comment(_ id: String, _ change: DiscussionChange) throws -> DiscussionEventRecord {
        let event = try RecordID(id).flatMap {
            try change.records.discussionEvent(discussionID: change.discussion.id, id: $0)
        }
        guard let event, event.kind == .comment else { throw HubError(.notFound, "There is no such comment.") }
        return event
    }

    private static func updated(_ id: RecordID, _ change: inout DiscussionChange) throws -> Event {
        try change.note("discussion.comment.update", comment: id)
        let topic = try change.finish(nil)
        guard let event = try change.records.discussionEvent(discussionID: topic.discussion.id, id: id) else {
            throw MetadataError.notFound
        }
        let edits = try change.records.discussionEdits(discussionID: topic.discussion.id, eventID: id)
        return Event(event: event, edits: edits)
    }
}
