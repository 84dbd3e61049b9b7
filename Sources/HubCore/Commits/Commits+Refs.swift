package import Access
import GitCore
import Metadata

/// Where a new branch begins.
package enum BranchStart: Sendable {
    /// At a revision; nil for the head of the default branch.
    case revision(String?)
    /// With a commit of its own that holds nothing.
    case empty
}

extension Commits {
    /// Makes a branch.
    ///
    /// - Parameter overwrites: whether a branch of this name is moved, if rules allow that.
    /// - Throws: `HubError.conflict` when it exists; `.notFound` about the revision; `.invalid` for a name that no branch has.
    package func createBranch(
        _ branch: String,
        at start: BranchStart,
        overwrites: Bool,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        let name = try Self.name("refs/heads/", branch, kind: "branch")
        let identity = CommitIdentity(actor, at: git.environment.now())
        try await git.publish(to: scene.record, by: actor, operation: "branch") { refs in
            let old = refs.ref(named: name)?.oid
            guard old == nil || overwrites else {
                throw HubError(.conflict, "The branch \(branch) exists already.")
            }
            let objects = PackDraft(spoolingIn: scene.repository.files.quarantinePath)
            let reader = try ObjectReader(scene.repository.files.packs.current())
            let new: ObjectID
            switch start {
            case .revision(let revision):
                new = try Revisions(snapshot: refs.visible(), reader: reader).commit(revision)
            case .empty:
                let tree = try TreeEditor(nil, reader).write(into: objects)
                let text = CommitText(tree: tree, parents: [], identity: identity, message: "initial commit\n")
                new = try objects.add(.commit, text.bytes)
            }
            guard new != old else { return nil }
            return .init([ReceiveCommand(old: old ?? .zero, new: new, rawName: name.bytes)], [objects])
        }
    }

    /// Deletes a branch other than the default one.
    package func deleteBranch(_ branch: String, of address: RepositoryAddress, by actor: Actor) async throws {
        let name = try Self.name("refs/heads/", branch, kind: "branch")
        try await delete(name, of: address, by: actor)
    }

    /// Deletes a tag.
    package func deleteTag(_ tag: String, of address: RepositoryAddress, by actor: Actor) async throws {
        try await delete(try Self.name("refs/tags/", tag, kind: "tag"), of: address, by: actor)
    }

    private func delete(_ name: RefName, of address: RepositoryAddress, by actor: Actor) async throws {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        guard name != scene.refs.headTarget else {
            throw HubError(.forbidden, "The default branch cannot be deleted. Make another branch the default first.")
        }
        try await git.publish(to: scene.record, by: actor, operation: "delete ref") { refs in
            guard let ref = refs.ref(named: name) else { throw Self.missingRevision }
            return .init([ReceiveCommand(old: ref.oid, new: .zero, rawName: name.bytes)], [])
        }
    }

    /// Makes a tag: an annotated one if it has a message.
    ///
    /// - Throws: `HubError.conflict` when it exists; `.notFound` about the revision; `.invalid` for a name that no tag has.
    package func createTag(
        _ tag: String,
        at revision: String,
        message: String?,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        let name = try Self.name("refs/tags/", tag, kind: "tag")
        let identity = CommitIdentity(actor, at: git.environment.now())
        let text = try message.map { try CommitText.message(title: $0.isEmpty ? tag : $0, body: "") }
        try await git.publish(to: scene.record, by: actor, operation: "tag") { refs in
            guard refs.ref(named: name) == nil else { throw HubError(.conflict, "The tag \(tag) exists already.") }
            let objects = PackDraft(spoolingIn: scene.repository.files.quarantinePath)
            let reader = try ObjectReader(scene.repository.files.packs.current())
            let commit = try Revisions(snapshot: refs.visible(), reader: reader).commit(revision)
            let new = try text.map { text in
                let header = "object \(commit)\ntype commit\ntag \(name.shortName)\ntagger \(identity.line)\n\n"
                return try objects.add(.tag, Array((header + text).utf8))
            }
            return .init([ReceiveCommand(old: .zero, new: new ?? commit, rawName: name.bytes)], [objects])
        }
    }

    /// Makes one commit without parents out of a branch: its files stay, its history goes.
    ///
    /// - Throws: `HubError.forbidden` where rules keep the branch's history.
    package func squash(
        _ branch: String,
        message: String,
        of address: RepositoryAddress,
        by actor: Actor
    ) async throws {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        let name = try branchName(branch, in: scene)
        let identity = CommitIdentity(actor, at: git.environment.now())
        let text = try CommitText.message(
            title: message.isEmpty ? "Super-squash branch '\(branch)'" : message,
            body: ""
        )
        try await git.publish(to: scene.record, by: actor, operation: "squash") { refs in
            guard let head = refs.ref(named: name)?.oid else { throw Self.missingRevision }
            let reader = try ObjectReader(scene.repository.files.packs.current())
            let objects = PackDraft(spoolingIn: scene.repository.files.quarantinePath)
            let tree = try reader.treeOfCommit(head)
            let commit = CommitText(tree: tree, parents: [], identity: identity, message: text)
            let new = try objects.add(.commit, commit.bytes)
            return .init([ReceiveCommand(old: head, new: new, rawName: name.bytes)], [objects])
        }
    }

    /// The full name of a branch or tag that is given with or without its namespace.
    private static func name(_ namespace: String, _ text: String, kind: String) throws -> RefName {
        let full = text.hasPrefix(namespace) ? text : namespace + text
        guard !text.hasPrefix("refs/") || text.hasPrefix(namespace), let name = try? RefName(validating: full.utf8)
        else {
            throw HubError.invalid("'\(text.prefix(200))' is no name for a \(kind).")
        }
        return name
    }
}
