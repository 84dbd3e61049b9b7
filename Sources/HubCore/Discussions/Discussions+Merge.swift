package import Access
import GitCore
import Metadata
import Synchronization

extension Discussions {
    /// Merges an open pull request: a commit on its branch that has both as parents.
    ///
    /// Files are merged entry by entry. Whoever merges or commits at the same time loses nothing: the merge is made anew on
    /// what the branch is then.
    /// - Throws: `HubError.conflict` for drafts, closed and merged ones, and when both sides have changed a file;
    ///   `.forbidden` as the rules for the branch say; `.invalid` for a discussion. Nothing has changed then.
    package func merge(
        _ num: Int64,
        of address: RepositoryAddress,
        comment: String?,
        by actor: Actor
    ) async throws -> Topic {
        let comment = try DiscussionText.comment(ifThere: comment)
        let scene = try await commits.files.scene(address, .writeRepository, by: actor)
        _ = try Self.participant(actor)
        let id = scene.record.id
        return try await Self.retrying {
            let result = Mutex<(merge: Merged, topic: Topic?)?>(nil)
            try await git.publish(
                to: scene.record,
                by: actor,
                operation: "merge",
                alongside: { records in
                    guard let merge = result.withLock({ $0?.merge }) else { return }
                    let topic = try settle(num, id, merge, comment, by: actor, records)
                    result.withLock { $0?.topic = topic }
                },
                { refs in
                    // Asked each time: another merge of the same one may have been faster.
                    let discussion = try await git.database.read { try mergeable(num, id, $0).discussion }
                    let merged = try join(discussion, refs, scene, by: actor)
                    let head = merged.result.head
                    result.withLock { $0 = (merged.result, nil) }
                    return ServerPush.Content([merged.command], [merged.objects]) {
                        try await git.database.read { try isHead(head, of: num, id, $0) }
                    }
                }
            )
            guard let topic = result.withLock({ $0?.topic }) else { throw Self.overtaken }
            return topic
        }
    }

    /// What a merge came to, for the row of its pull request.
    private struct Merged: Sendable {
        let head: ObjectID
        let base: ObjectID?
        let commit: ObjectID
    }

    private func mergeable(_ num: Int64, _ id: RecordID, _ records: Records) throws -> (
        repository: RepositoryRecord, discussion: DiscussionRecord
    ) {
        guard let repository = try records.repository(id: id),
            let discussion = try records.discussion(repositoryID: id, num: num)
        else { throw Self.missing }
        guard discussion.isPullRequest else { throw HubError(.invalid, "This is a discussion, not a pull request.") }
        switch discussion.status {
        case .open: return (repository, discussion)
        case .draft: throw HubError(.conflict, "The pull request is a draft. Open it first.")
        case .closed, .merged: throw HubError(.conflict, "The pull request is \(discussion.status.rawValue).")
        }
    }

    /// Whether a pull request can still be merged, at this commit.
    private func isHead(_ head: ObjectID, of num: Int64, _ id: RecordID, _ records: Records) throws -> Bool {
        let discussion = try mergeable(num, id, records).discussion
        return try records.ref(repositoryID: id, name: discussion.headRef)?.oid == head.hex
    }

    /// Makes the merge commit for refs as they are.
    private func join(
        _ discussion: DiscussionRecord,
        _ refs: RefSnapshot,
        _ scene: Files.Scene,
        by actor: Actor
    ) throws -> (result: Merged, command: ReceiveCommand, objects: PackDraft) {
        guard let (ours, theirs) = Ends(discussion, refs).pair, let branch = discussion.baseRef else {
            throw HubError(.conflict, "The branch of this pull request is gone.")
        }
        let reader = try ObjectReader(scene.repository.files.packs.current())
        let merge = try Self.clean(ours, theirs, reader)
        let editor = try TreeEditor(try reader.treeOfCommit(ours), reader)
        do {
            try merge.changes.apply(to: editor)
        } catch TreeEditError.tooLarge {
            throw Self.tooDifferent
        }
        let objects = PackDraft(spoolingIn: scene.repository.files.quarantinePath)
        let title = try CommitText.message(title: "\(discussion.title) (#\(discussion.num))", body: "")
        let text = CommitText(
            tree: try editor.write(into: objects),
            parents: ours == theirs ? [ours] : [ours, theirs],
            identity: CommitIdentity(actor, at: git.environment.now()),
            message: title
        )
        let commit = try objects.add(.commit, text.bytes)
        let command = ReceiveCommand(old: ours, new: commit, rawName: Array(branch.utf8))
        return (Merged(head: theirs, base: merge.base, commit: commit), command, objects)
    }

    private static func clean(
        _ ours: ObjectID,
        _ theirs: ObjectID,
        _ reader: ObjectReader
    ) throws -> CommitMerge {
        do {
            let merge = try CommitMerge(ours: ours, theirs: theirs, reader)
            guard let first = merge.conflicts.first else { return merge }
            let others = merge.changes.conflicts.count - 1
            let more = others > 0 ? " and \(others) more" : ""
            throw HubError(.conflict, "The branch has changed the same files: '\(first)'\(more).")
        } catch TreeMergeError.tooLarge {
            throw tooDifferent
        }
    }

    private static let tooDifferent = HubError(
        .conflict,
        "The branches differ in too much to be merged here. Merge them with git."
    )

    /// Writes down that a pull request is merged, unless it has changed meanwhile.
    private func settle(
        _ num: Int64,
        _ id: RecordID,
        _ merge: Merged,
        _ comment: String?,
        by actor: Actor,
        _ records: Records
    ) throws -> Topic {
        let (repository, discussion) = try mergeable(num, id, records)
        guard try isHead(merge.head, of: num, id, records) else { throw Self.overtaken }
        var change = DiscussionChange(
            records: records,
            git: git,
            repository: repository,
            discussion: discussion,
            actor: actor
        )
        change.discussion.mergeBase = merge.base?.hex
        change.discussion.mergeCommit = merge.commit.hex
        try change.move(to: .merged, comment: comment)
        return try change.finish("discussion.update")
    }
}
