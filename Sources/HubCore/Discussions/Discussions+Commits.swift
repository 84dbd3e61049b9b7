package import Access
import GitCore
import Metadata

extension Discussions {
    /// A commit of a pull request.
    package struct Proposal: Sendable {
        /// What the commit came to.
        package let outcome: Commits.Outcome
        /// The pull request's number.
        package let num: Int64
    }

    /// Makes a commit on top of a branch that becomes a pull request for it, open at once; the branch stays.
    ///
    /// The commit's first line is the title, the rest the first comment.
    /// - Parameter receive: fills in the draft, after the right to propose was decided.
    /// - Throws: as `Commits.commit` and `open` do.
    package func propose(
        to address: RepositoryAddress,
        revision: String,
        by actor: Actor,
        receive: (CommitDraft) async throws -> Void
    ) async throws -> Proposal {
        let scene = try await commits.files.scene(address, .participate, by: actor)
        let author = try Self.participant(actor)
        let base = try commits.branchName(revision, in: scene)
        guard scene.refs.ref(named: base) != nil else {
            throw HubError(.conflict, "The repository has no commit on this branch yet.")
        }
        return try await withTaskExecutorPreference(git.executor) {
            let content = try await commits.content(for: scene, by: actor, receive)
            let (title, body) = Self.words(of: content.draft)
            let made = try await Self.retrying {
                try await commits.publish(
                    content,
                    to: scene,
                    by: actor,
                    as: .participate,
                    alongside: { records, made in
                        try note(made, title, body, base, scene.record.id, by: actor, records)
                    },
                    { _ in
                        let name = try await nextRef(of: scene.record.id, for: author)
                        return CommitTarget(name: name, start: base) {
                            try await nextRef(of: scene.record.id, for: author) == name
                        }
                    }
                )
            }
            let num = try Self.number(of: made.ref)
            return Proposal(outcome: .init(commit: made.commit, address: scene.record.address), num: num)
        }
    }

    private static func words(of draft: CommitDraft) -> (title: String, body: String?) {
        (DiscussionText.title(fitting: draft.title ?? ""), DiscussionText.comment(fitting: draft.body))
    }

    /// The ref that the next pull request will have; the transaction sees whether it still is the next one.
    ///
    /// What the transaction would refuse is refused here, before a pack is published that nothing leads to.
    private func nextRef(of id: RecordID, for author: UserActor) async throws -> RefName {
        let last = try await git.database.read { records in
            try checkRoom(for: author, in: id, records)
            return try records.lastDiscussionNumber(repositoryID: id)
        }
        guard last < DiscussionLimits.perRepository else { throw Self.tooMany }
        return try RefName(validating: "refs/pr/\(last + 1)".utf8)
    }

    private static func number(of ref: RefName) throws -> Int64 {
        guard let num = pullRequestNumber(of: ref.string) else { throw missing }
        return num
    }

    /// Makes the pull request of a commit, in the transaction that gives it its ref.
    private func note(
        _ made: CommitMade,
        _ title: String,
        _ body: String?,
        _ base: RefName,
        _ id: RecordID,
        by actor: Actor,
        _ records: Records
    ) throws {
        guard let repository = try records.repository(id: id) else { throw MetadataError.notFound }
        let num = try takeNumber(in: repository, records)
        guard try num == Self.number(of: made.ref) else { throw Self.overtaken }
        var change = try opening(title, .open, baseRef: base.string, num: num, in: repository, by: actor, records)
        if let body { try change.add(.comment, body) }
        if made.isNew { try change.add(.commit, title, detail: made.commit.hex) }
        _ = try change.finish("discussion.create")
    }

    /// Makes a commit on a pull request that is open or a draft; its author and who may write in the repository may.
    ///
    /// - Throws: as `Commits.commit`; `HubError.conflict` when it is closed or merged.
    package func commit(
        to address: RepositoryAddress,
        pullRequest num: Int64,
        by actor: Actor,
        receive: (CommitDraft) async throws -> Void
    ) async throws -> Proposal {
        let scene = try await commits.files.scene(address, .participate, by: actor)
        _ = try Self.participant(actor)
        let name = try RefName(validating: "refs/pr/\(num)".utf8)
        try await git.database.read { _ = try committable(num, scene.record.id, by: actor, $0) }
        guard scene.refs.ref(named: name) != nil else { throw Commits.missingRevision }
        return try await withTaskExecutorPreference(git.executor) {
            let content = try await commits.content(for: scene, by: actor, receive)
            let title = Self.words(of: content.draft).title
            let made = try await commits.publish(
                content,
                to: scene,
                by: actor,
                as: .participate,
                alongside: { records, made in
                    var change = try committable(num, scene.record.id, by: actor, records)
                    try change.add(.commit, title, detail: made.commit.hex)
                    _ = try change.finish("discussion.update")
                },
                { _ in
                    try await git.database.read { _ = try committable(num, scene.record.id, by: actor, $0) }
                    return CommitTarget(name: name)
                }
            )
            return Proposal(outcome: .init(commit: made.commit, address: scene.record.address), num: num)
        }
    }

    /// A pull request that the actor may commit to, as it is now.
    private func committable(
        _ num: Int64,
        _ id: RecordID,
        by actor: Actor,
        _ records: Records
    ) throws -> DiscussionChange {
        guard let repository = try records.repository(id: id) else { throw MetadataError.notFound }
        guard let discussion = try records.discussion(repositoryID: id, num: num), discussion.isPullRequest else {
            throw Commits.missingRevision
        }
        let change = DiscussionChange(
            records: records,
            git: git,
            repository: repository,
            discussion: discussion,
            actor: actor
        )
        try change.requireAuthorOrWriter()
        guard discussion.status == .open || discussion.status == .draft else {
            throw HubError(.conflict, "The pull request is \(discussion.status.rawValue).")
        }
        guard discussion.eventCount < DiscussionLimits.events(.commit) else { throw DiscussionChange.full }
        return change
    }

    /// The number in `refs/pr/NUM`; nil for every other name.
    package static func pullRequestNumber(of name: String) -> Int64? {
        let prefix = "refs/pr/"
        guard name.hasPrefix(prefix) else { return nil }
        let digits = name.dropFirst(prefix.count).utf8
        guard (1...9).contains(digits.count), digits.first != UInt8(ascii: "0"),
            digits.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        return Int64(name.dropFirst(prefix.count))
    }

    /// That somebody else was faster where no ref tells.
    static let overtaken = HubError(.conflict, "Somebody else was faster. Try again.")

    /// Tries again while somebody else is faster.
    static func retrying<T>(_ body: () async throws -> T) async throws -> T {
        for _ in 0..<4 {
            do { return try await body() } catch let error as HubError where error == overtaken { continue }
        }
        return try await body()
    }
}
