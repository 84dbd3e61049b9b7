package import Access
package import GitCore
import Metadata
import Synchronization

/// Commits, branches and tags that are made without git.
package struct Commits: Sendable {
    let git: GitAccess
    let lfs: LFSAccess
    let files: Files
    let largeFileNames = LargeFileNames()

    init(git: GitAccess, lfs: LFSAccess, files: Files) {
        self.git = git
        self.lfs = lfs
        self.files = files
    }

    /// What a commit came to.
    package struct Outcome: Sendable, Equatable {
        /// The branch's head now.
        package let commit: ObjectID
        /// The repository's address as it is written.
        package let address: RepositoryAddress
    }

    /// Makes a commit on a branch.
    ///
    /// The changes apply to the branch's head at the moment in which it moves: whoever commits at the same time loses
    /// nothing. A commit that would change nothing is not made; its outcome is the head.
    /// - Parameter receive: fills in the draft, after the right to commit was decided.
    /// - Throws: `HubError`: `.notFound` about the revision, or an entry that is to be deleted; `.conflict` about the parent.
    package func commit(
        to address: RepositoryAddress,
        revision: String,
        by actor: Actor,
        receive: (CommitDraft) async throws -> Void
    ) async throws -> Outcome {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        let name = try branchName(revision, in: scene)
        return try await withTaskExecutorPreference(git.executor) {
            let content = try await content(for: scene, by: actor, receive)
            let made = try await publish(content, to: scene, by: actor) { _ in CommitTarget(name: name) }
            return Outcome(commit: made.commit, address: scene.record.address)
        }
    }

    /// A draft that is whole, with its message; runs on the executor of git, as does what follows.
    func content(
        for scene: Files.Scene,
        by actor: Actor,
        _ receive: (CommitDraft) async throws -> Void
    ) async throws -> CommitContent {
        let reader = try ObjectReader(scene.repository.files.packs.current())
        let isWhole = scene.refs.everyObjectReachable
        let draft = CommitDraft(directory: scene.repository.files.quarantinePath, limits: git.context.limits) {
            isWhole && reader.packs.locate($0) != nil
        }
        try await receive(draft)
        guard let title = draft.title else { throw HubError.invalid("A commit begins with a header.") }
        let message = try CommitText.message(title: title, body: draft.body)
        try draft.point(try await sizes(of: draft.largeFiles, in: scene.record, by: actor))
        return CommitContent(draft: draft, message: message)
    }

    /// Makes a commit on any ref that the server may write.
    ///
    /// - Parameters:
    ///   - action: what the actor must be allowed to do, which is decided once more in the transaction.
    ///   - alongside: what else is written in the transaction; not called when nothing changes.
    ///   - target: the ref, for the refs as they are.
    func publish(
        _ content: CommitContent,
        to scene: Files.Scene,
        by actor: Actor,
        as action: Action = .writeRepository,
        alongside: @escaping @Sendable (Records, CommitMade) throws -> Void = { _, _ in },
        _ target: (RefSnapshot) async throws -> CommitTarget
    ) async throws -> CommitMade {
        let (draft, identity) = (content.draft, CommitIdentity(actor, at: git.environment.now()))
        let result = Mutex<CommitMade?>(nil)
        try await git.publish(
            to: scene.record,
            by: actor,
            as: action,
            operation: "commit",
            alongside: { records in if let made = result.withLock({ $0 }) { try alongside(records, made) } },
            { refs in
                let target = try await target(refs)
                let old = refs.ref(named: target.name)?.oid
                let head = old ?? target.start.flatMap { refs.ref(named: $0)?.oid }
                try Self.check(draft.parent, head, refs)
                let reader = try ObjectReader(scene.repository.files.packs.current())
                let base = try head.map { try reader.treeOfCommit($0) }
                let editor = try TreeEditor(target.replacesTree ? nil : base, reader)
                try apply(draft, to: editor, refs, reader)
                let objects = PackDraft(spoolingIn: draft.directory)
                let tree = try editor.write(into: objects)
                if let head, tree == base {
                    result.withLock { $0 = CommitMade(commit: head, ref: target.name, isNew: false) }
                    guard old == nil else { return nil }
                    let command = ReceiveCommand(old: .zero, new: head, rawName: target.name.bytes)
                    return .init([command], [], isCurrent: target.isCurrent)
                }
                let parents = [head].compactMap(\.self)
                let text = CommitText(tree: tree, parents: parents, identity: identity, message: content.message)
                let commit = try objects.add(.commit, text.bytes)
                result.withLock { $0 = CommitMade(commit: commit, ref: target.name, isNew: true) }
                return .init(
                    [ReceiveCommand(old: old ?? .zero, new: commit, rawName: target.name.bytes)],
                    [draft.blobs, objects],
                    isCurrent: target.isCurrent
                )
            }
        )
        guard let made = result.withLock({ $0 }) else { throw Self.missingRevision }
        return made
    }
}

/// A commit without its place in history.
struct CommitContent {
    let draft: CommitDraft
    let message: String
}

/// The ref that a commit goes to.
struct CommitTarget {
    let name: RefName
    /// The branch on top of which it goes when the ref is not there yet.
    var start: RefName?
    /// Whether the files of the commit are all that is there afterwards.
    var replacesTree = false
    /// Whether the name still is the right one; asked with the refs held.
    var isCurrent: () async throws -> Bool = { true }
}

/// What a commit came to.
struct CommitMade {
    /// The ref's value now.
    let commit: ObjectID
    let ref: RefName
    /// False when nothing had changed, so that the commit is the one that was there.
    let isNew: Bool
}
