package import Access
package import GitCore
import LFS
import Metadata
import ObjectStore
import Synchronization

/// Bringing in what lies on this machine, without a client: the same checks, quotas, rows and events as any upload.
package struct Imports: Sendable {
    let git: GitAccess
    let lfs: LFSAccess
    let files: Files
    let commits: Commits
    /// What was hashed already, so that revisions which share files read them once.
    private let known = KnownDigests()

    /// Imports into a hub, for one run of a command.
    package init(_ hub: Hub) {
        git = hub.git
        lfs = hub.lfs
        files = hub.files
        commits = hub.commits
    }

    /// Where the files of one import go.
    package struct Target: Sendable {
        /// The repository, which exists.
        package let address: RepositoryAddress
        /// The full name of a branch or tag; it need not be there.
        package let ref: String
        /// Whether what else is there goes.
        package let replaces: Bool
        /// The commit's title.
        package let title: String

        /// A target from its parts.
        package init(address: RepositoryAddress, ref: String, replaces: Bool, title: String) {
            self.address = address
            self.ref = ref
            self.replaces = replaces
            self.title = title
        }

        /// Sees to it that the ref can be made, before a repository is.
        ///
        /// - Throws: `HubError.invalid`.
        package func check() throws { _ = try name() }

        fileprivate func name() throws -> RefName {
            guard let name = try? RefName(validating: ref.utf8) else {
                throw HubError.invalid("'\(ref.prefix(200))' is no name for a branch.")
            }
            return name
        }
    }

    /// What an import came to.
    package struct Outcome: Sendable {
        /// The ref's value afterwards; nil when there was nothing to commit.
        package var commit: ObjectID?
        /// Files that went in, or were there.
        package var files = 0
        /// What did not.
        package var problems: [ImportProblem]
    }

    /// Says what an import would do.
    ///
    /// - Parameter target: nil for a repository that is not there yet.
    package func plan(_ tree: SourceTree, under top: String, for target: Target?, by actor: Actor) async throws
        -> ImportPlan
    {
        guard let target, !target.replaces,
            let scene = try? await files.scene(target.address, .readContent, by: actor),
            let name = try? RefName(validating: target.ref.utf8), scene.refs.ref(named: name) != nil
        else {
            return try await git.onExecutor { try ImportPlan(of: tree, under: top) { _, _ in nil } }
        }
        return try await files.browse(scene, target.ref) { _, browser in
            try ImportPlan(of: tree, under: top) { name, directory in try browser.smallText(name, in: directory) }
        }
    }

    /// Imports the files of a plan.
    ///
    /// What the repository has already is neither copied nor committed again, so a run that was interrupted is gone on with
    /// by running it again.
    /// - Parameter progress: is told of bytes of large files as they are hashed, or sent into the store; from any thread.
    /// - Throws: `HubError`, or `LFSFailure` over a quota; problems of single files are in the outcome.
    package func run(
        _ plan: ImportPlan,
        of tree: SourceTree,
        into target: Target,
        by actor: Actor,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Outcome {
        let name = try target.name()
        let scene = try await files.scene(target.address, .writeRepository, by: actor)
        return try await withTaskExecutorPreference(git.executor) {
            let (objects, problems) = try await store(plan.large, of: tree, in: scene.record, by: actor, progress)
            var outcome = Outcome(problems: plan.problems + problems)
            var isFirst = true
            for batch in ImportBatches(regular: plan.regular, large: plan.large.filter { objects[$0.path] != nil }) {
                let replaces = isFirst && target.replaces
                let content = try await commits.content(for: scene, by: actor) { draft in
                    try draft.describe(title: target.title, body: "", parent: nil)
                    for file in batch {
                        do {
                            try Self.put(file, objects[file.path], tree, into: draft)
                            outcome.files += 1
                        } catch let error as HubError {
                            outcome.problems.append(ImportProblem(path: file.path, reason: error.message))
                        }
                    }
                }
                let made = try await commits.publish(content, to: scene, by: actor) { _ in
                    CommitTarget(name: name, replacesTree: replaces)
                }
                outcome.commit = made.commit
                isFirst = false
            }
            return outcome
        }
    }

    /// Puts one file into a commit.
    private static func put(
        _ file: ImportPlan.File,
        _ object: LFSObject?,
        _ tree: SourceTree,
        into draft: CommitDraft
    ) throws {
        if let object { return try draft.put(file.path, large: object.oid, size: object.size) }
        let bytes = try tree.file(file.source).contents()
        try draft.put(file.path, size: Int64(bytes.count)) { body in try bytes.withUnsafeBytes { try body($0) } }
    }

    /// Sends large files into the store, as many at once as git has threads.
    private func store(
        _ files: [ImportPlan.File],
        of tree: SourceTree,
        in record: RepositoryRecord,
        by actor: Actor,
        _ progress: @escaping @Sendable (Int) -> Void
    ) async throws -> (objects: [String: LFSObject], problems: [ImportProblem]) {
        var objects: [String: LFSObject] = [:]
        var problems: [ImportProblem] = []
        try await withThrowingTaskGroup(of: (String, Result<LFSObject, ImportProblem>).self) { group in
            var waiting = files[...]
            func begin() {
                guard let file = waiting.popFirst() else { return }
                group.addTask { (file.path, try await store(file, of: tree, in: record, by: actor, progress)) }
            }
            for _ in 0..<max(1, git.settings.gitThreads) { begin() }
            while let (path, result) = try await group.next() {
                switch result {
                case .success(let object): objects[path] = object
                case .failure(let problem): problems.append(problem)
                }
                begin()
            }
        }
        return (objects, problems)
    }

    private func store(
        _ file: ImportPlan.File,
        of tree: SourceTree,
        in record: RepositoryRecord,
        by actor: Actor,
        _ progress: @Sendable (Int) -> Void
    ) async throws -> Result<LFSObject, ImportProblem> {
        do {
            let source = try tree.file(file.source)
            let oid = try known.digest(of: source, progress)
            guard let object = LFSObject(oid: oid, size: source.size) else {
                return .failure(ImportProblem(path: file.path, reason: "its size cannot be told"))
            }
            try await lfs.adopt(object, from: source, in: record, by: actor)
            return .success(object)
        } catch let error as HubError {
            return .failure(ImportProblem(path: file.path, reason: error.message))
        } catch let failure as LFSFailure where failure.status == 400 {
            return .failure(ImportProblem(path: file.path, reason: "it changed while it was read"))
        }
    }
}

extension ImportProblem: Error {}

/// The SHA-256 of files that this process has read.
private final class KnownDigests: Sendable {
    private let digests = Mutex<[SourceFile.Stamp: ObjectKey]>([:])

    func digest(of file: SourceFile, _ progress: (Int) -> Void) throws -> ObjectKey {
        if let known = digests.withLock({ $0[file.stamp] }) { return known }
        let key = try file.digest(progress)
        digests.withLock { $0[file.stamp] = key }
        return key
    }
}

extension LFSAccess {
    /// Gives a file of this machine to a repository, whose SHA-256 was just read from its bytes.
    ///
    /// The bytes are copied only when the store does not have them, and are hashed once more on their way.
    fileprivate func adopt(
        _ object: LFSObject,
        from file: SourceFile,
        in repository: RepositoryRecord,
        by actor: Actor
    ) async throws {
        let row = try await database.read { try $0.lfsObject(repositoryID: repository.id, oid: object.oid.hex) }
        if let row, row.removedAt == nil { return }
        if try await withStore({ try await store.size(of: object.oid) }) == object.size {
            return try await settle(object, in: repository, by: actor)
        }
        try await receive(object, in: repository, by: actor, bytes: SourceFileBytes(file: file))
    }
}
