import Access
import GitCore
import LFS
import Metadata

extension Commits {
    /// Applies the changes in order to a tree.
    func apply(_ draft: CommitDraft, to editor: TreeEditor, _ refs: RefSnapshot, _ reader: ObjectReader) throws {
        var sources: [String: TreeEditor] = [:]
        for (path, change) in draft.changes {
            try Task.checkCancellation()
            do {
                switch change {
                case .put(let oid): try editor.put(oid, at: path)
                // `CommitDraft.point` has made all of them files.
                case .putLarge: continue
                case .copy(let origin, let revision):
                    let key = revision ?? ""
                    let tree = try sources[key] ?? source(of: revision, editor, refs, reader)
                    sources[key] = tree
                    guard let entry = try tree.entry(at: origin) else { throw Self.missing(origin) }
                    try editor.replace(path, mode: entry.mode, entry.oid)
                case .deleteFile: guard try editor.removeFile(at: path) else { throw Self.missing(path) }
                case .deleteFolder: guard try editor.removeFolder(at: path) else { throw Self.missing(path) }
                }
            } catch let error as TreeEditError {
                throw HubError(error == .tooLarge ? .tooLarge : .invalid, "\(error.message).")
            }
        }
    }

    /// The tree that something is copied from.
    private func source(
        of revision: String?,
        _ editor: TreeEditor,
        _ refs: RefSnapshot,
        _ reader: ObjectReader
    ) throws -> TreeEditor {
        guard let revision else { return editor }
        let commit = try Revisions(snapshot: refs.visible(), reader: reader).commit(revision)
        return try TreeEditor(try reader.treeOfCommit(commit), reader, sharing: editor)
    }

    /// The sentence is the one that Hugging Face's client looks for.
    private static func missing(_ path: TreePath) -> HubError {
        HubError(.notFound, "A file with this name doesn't exist: '\(path)'.", subject: .entry)
    }

    /// Sees to it that a head is the one that the committer knows.
    static func check(_ parent: String?, _ head: ObjectID?, _ refs: RefSnapshot) throws {
        guard let parent, head.map({ $0.hex.hasPrefix(parent) }) != true else { return }
        throw HubError(
            .conflict,
            "A commit has happened since. Please refresh and try again: the head is \(head?.hex ?? "unborn").",
            subject: .parentCommit
        )
    }

    /// The branch that a revision names, which must be there unless it is the first of the repository.
    ///
    /// - Throws: `HubError.notFound` about the revision.
    func branchName(_ revision: String, in scene: Files.Scene) throws -> RefName {
        let text = revision.hasPrefix("refs/") ? revision : "refs/heads/\(revision)"
        let isUnborn = scene.refs.refs.isEmpty && text == scene.refs.headTarget.string
        guard let name = try? RefName(validating: text.utf8), name.isBranch,
            isUnborn || scene.refs.ref(named: name) != nil
        else { throw Self.missingRevision }
        return name
    }

    static let missingRevision = HubError(.notFound, "There is no such revision.", subject: .revision)
}

extension ObjectReader {
    /// The root tree of a commit.
    func treeOfCommit(_ oid: ObjectID) throws -> ObjectID {
        try object(oid, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0).tree }
    }
}
