package import Access
import GitCore
import Metadata

extension Discussions {
    /// Opens a pull request as a draft: its ref is the head of the default branch until somebody commits to it.
    ///
    /// - Parameter description: the first comment; nil for none.
    /// - Throws: `HubError.conflict` when there is no commit to begin with; as `open` does.
    package func openPullRequest(
        _ title: String,
        description: String?,
        in address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Topic {
        let text = (title: try DiscussionText.title(title), body: try DiscussionText.comment(ifThere: description))
        let id = try await git.database.read {
            try $0.repository(at: address, action: .participate, by: actor).id
        }
        await git.locks.acquire(id)
        defer { git.locks.release(id) }
        let topic = try await git.database.transaction { records in
            let repository = try records.repository(at: address, action: .participate, by: actor)
            // Moved and made anew in between: the lock is another repository's.
            guard repository.id == id else { throw Self.missing }
            let branch = repository.headTarget
            var change = try opening(text.title, .draft, baseRef: branch, in: repository, by: actor, records)
            try makeRef(of: change.discussion, at: branch, in: repository, by: actor, records)
            if let body = text.body { try change.add(.comment, body) }
            return try change.finish("discussion.create")
        }
        await git.copyRefs(of: id)
        return topic
    }

    /// Gives a pull request its ref, at a branch's head.
    private func makeRef(
        of discussion: DiscussionRecord,
        at branch: String,
        in repository: RepositoryRecord,
        by actor: Actor,
        _ records: Records
    ) throws {
        guard let head = try records.ref(repositoryID: repository.id, name: branch) else {
            throw HubError(.conflict, "The repository has no commit on its default branch yet.")
        }
        guard let oid = ObjectID(hex: head.oid) else { throw MetadataError.corrupt("refs.oid") }
        let isNew = try records.updateRef(
            repositoryID: repository.id,
            name: discussion.headRef,
            old: nil,
            new: head.oid,
            peeled: nil
        )
        guard isNew else { throw HubError(.conflict, "The ref \(discussion.headRef) exists already.") }
        _ = try records.bumpGeneration(
            repositoryID: repository.id,
            at: git.environment.now(),
            everyObjectReachable: true
        )
        let name = try RefName(validating: discussion.headRef.utf8)
        let update = RefUpdate(name: name, old: .zero, new: oid)
        try git.journal.recordPush([update], [], repository, by: actor, in: records)
    }
}
