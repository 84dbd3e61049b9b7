import Access
import GitCore
import Metadata

/// Reading what is in repositories at a revision: directories, files, history.
///
/// What a commit leads to never changes, so it is remembered; who may see it is asked each time.
package struct Files: Sendable {
    let git: GitAccess
    let lfs: LFSAccess
    let directories = DirectoryCache(limit: 50_000)

    /// Files of the repositories of `git`, whose large ones are in `lfs`.
    init(git: GitAccess, lfs: LFSAccess) {
        self.git = git
        self.lfs = lfs
    }

    /// A repository with its refs at one moment, read together.
    struct Scene {
        let record: RepositoryRecord
        let repository: OpenRepository
        let refs: RefSnapshot
    }

    /// The repository at an address and its refs, for an actor who may do `action`.
    func scene(_ address: RepositoryAddress, _ action: Action, by actor: Actor) async throws -> Scene {
        try await scene(address, action, by: actor) { _, _ in }.scene
    }

    /// The same, with what else is to be read at the same moment.
    func scene<More: Sendable>(
        _ address: RepositoryAddress,
        _ action: Action,
        by actor: Actor,
        _ more: @Sendable (RepositoryRecord, Records) throws -> More
    ) async throws -> (scene: Scene, more: More) {
        try await git.database.read { records in
            let record = try records.repository(at: address, action: action, by: actor)
            return (try scene(of: record, in: records), try more(record, records))
        }
    }

    /// A repository and its refs as the hub's own work sees them; nil when it is gone.
    func scene(of id: RecordID) async throws -> Scene? {
        try await git.database.read { records in
            try records.repository(id: id).map { try scene(of: $0, in: records) }
        }
    }

    private func scene(of record: RepositoryRecord, in records: Records) throws -> Scene {
        let repository = git.repository(of: record.id)
        let refs = try git.snapshot(of: record, repository, records)
        return Scene(record: record, repository: repository, refs: refs.visible())
    }

    /// Looks into a revision of a repository, on the executor of git.
    ///
    /// - Parameter revision: a branch, tag, full ref name, or id; nil for the default branch.
    /// - Throws: `HubError.notFound` about the revision.
    func browse<T: Sendable>(
        _ scene: Scene,
        _ revision: String?,
        _ body: @Sendable (ObjectID, FileBrowser) throws -> T
    ) async throws -> T {
        try await git.onExecutor {
            let reader = try ObjectReader(scene.repository.files.packs.current())
            let commit = try Revisions(snapshot: scene.refs, reader: reader).commit(revision)
            return try body(commit, try FileBrowser(commit: commit, reader: reader, cache: directories))
        }
    }

    /// Looks into a commit that a revision was found to mean already, or into the default branch.
    func look<T: Sendable>(
        into scene: Scene,
        _ commit: ObjectID?,
        _ body: @Sendable (ObjectID, FileBrowser) throws -> T
    ) async throws -> T {
        guard let commit else { return try await browse(scene, nil, body) }
        return try await git.onExecutor {
            let reader = try ObjectReader(scene.repository.files.packs.current())
            return try body(commit, try FileBrowser(commit: commit, reader: reader, cache: directories))
        }
    }

    static let missingEntry = HubError(
        .notFound,
        "There is no such file or folder at this revision.",
        subject: .entry
    )
}
