package import Access
import GitCore
import Metadata

extension Discussions {
    /// A discussion with all that happened in it.
    package struct Details: Sendable {
        package let topic: Topic
        package let events: [Event]
        /// What stands against a merge; nil for discussions.
        package let conflicts: Conflicts?
        /// What a pull request changes; nil when it was not asked for or may not be read.
        package let diff: String?
    }

    /// Files that both a pull request and its branch have changed.
    package enum Conflicts: Sendable, Equatable {
        /// These; none when it can be merged, or was or will not be.
        case files([String])
        /// Some that cannot be told.
        case untold
    }

    /// What one read of the database finds.
    private struct Findings {
        let topic: Topic
        let events: [Event]
        let mayRead: Bool
        let refs: RefSnapshot?
    }

    /// A discussion with all that happened in it.
    ///
    /// Its files are told to those who may read the repository's.
    /// - Parameter wantsDiff: whether the changes of a pull request are told.
    package func details(
        of num: Int64,
        in address: RepositoryAddress,
        wantsDiff: Bool,
        by actor: Actor
    ) async throws -> Details {
        let found = try await findings(num, address, actor)
        guard let refs = found.refs else {
            return Details(topic: found.topic, events: found.events, conflicts: nil, diff: nil)
        }
        let (topic, mayRead) = (found.topic, found.mayRead)
        let repository = git.repository(of: topic.repository.id)
        return try await git.onExecutor {
            let reader = try ObjectReader(repository.files.packs.current())
            let ends = Ends(topic.discussion, refs)
            let trial = try ends.pair.map { try self.trial($0, $1, reader) }
            let diff = wantsDiff && mayRead ? try self.diff(topic.discussion, ends, trial, reader) : nil
            let conflicts = Self.conflicts(topic.discussion, trial, mayRead: mayRead)
            return Details(topic: topic, events: found.events, conflicts: conflicts, diff: diff)
        }
    }

    private func findings(_ num: Int64, _ address: RepositoryAddress, _ actor: Actor) async throws -> Findings {
        try await git.database.read { records in
            let repository = try records.repository(at: address, action: .readRepository, by: actor)
            guard let discussion = try records.discussion(repositoryID: repository.id, num: num) else {
                throw Self.missing
            }
            let edits = Dictionary(
                grouping: try records.discussionEdits(discussionID: discussion.id),
                by: \.eventID
            )
            let events = try records.discussionEvents(discussionID: discussion.id).map {
                Event(event: $0, edits: edits[$0.id] ?? [])
            }
            let facts = try records.facts(of: repository, for: actor)
            let mayRead = AccessPolicy.decide(actor, .readContent, on: .repository(facts)) == .allow
            let open = git.repository(of: repository.id)
            return Findings(
                topic: Topic(repository: repository, discussion: discussion),
                events: events,
                mayRead: mayRead,
                refs: discussion.isPullRequest ? try git.snapshot(of: repository, open, records) : nil
            )
        }
    }

    /// Where a pull request and the branch that it is for are.
    struct Ends {
        let base: ObjectID?
        let head: ObjectID?

        init(_ discussion: DiscussionRecord, _ refs: RefSnapshot) {
            func oid(_ name: String?) -> ObjectID? {
                name.flatMap { try? RefName(lenient: $0.utf8) }.flatMap { refs.ref(named: $0)?.oid }
            }
            base = oid(discussion.baseRef)
            head = oid(discussion.headRef)
        }

        var pair: (ObjectID, ObjectID)? {
            guard let base, let head else { return nil }
            return (base, head)
        }
    }

    /// How a merge would end; on the executor of git.
    func trial(
        _ ours: ObjectID,
        _ theirs: ObjectID,
        _ reader: ObjectReader
    ) throws -> MergeTrial {
        try trials.trial(ours, theirs) {
            do {
                let merge = try CommitMerge(ours: ours, theirs: theirs, reader)
                return MergeTrial(base: merge.base, conflicts: merge.conflicts, isTooLarge: false)
            } catch TreeMergeError.tooLarge {
                let base = try Libgit2Repository(reader).mergeBase(ours, theirs)
                return MergeTrial(base: base, conflicts: [], isTooLarge: true)
            }
        }
    }

    private static func conflicts(_ discussion: DiscussionRecord, _ trial: MergeTrial?, mayRead: Bool) -> Conflicts {
        guard discussion.status == .open || discussion.status == .draft, let trial, !trial.isClean else {
            return .files([])
        }
        return mayRead && !trial.isTooLarge ? .files(trial.conflicts) : .untold
    }

    /// Larger files are told as binary ones.
    private static let patch = PatchLimits(files: 300, fileBytes: 512 << 10, bytes: DiscussionLimits.diffBytes)

    /// What a pull request changes against where it began.
    private func diff(
        _ discussion: DiscussionRecord,
        _ ends: Ends,
        _ trial: MergeTrial?,
        _ reader: ObjectReader
    ) throws -> String? {
        guard let head = ends.head else { return nil }
        let start = discussion.mergeBase.flatMap { ObjectID(hex: $0) } ?? trial?.base
        return try start.map { try Libgit2Repository(reader).patch(from: $0, to: head, Self.patch) }
    }
}
