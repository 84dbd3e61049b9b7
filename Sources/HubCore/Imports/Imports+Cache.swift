package import Access
import GitCore

extension Imports {
    /// Imports a snapshot of a cache as a commit, with a tag that has the id which the commit had.
    ///
    /// So `Revisions` still finds it by that, although the commit here is another one. The default branch's snapshot goes on top of
    /// what is there; others begin histories of their own, at branches of their refs' names.
    /// - Returns: nil when the tag says that it was imported before.
    package func run(
        _ snapshot: CachedRepository.Snapshot,
        of tree: SourceTree,
        into address: RepositoryAddress,
        by actor: Actor,
        progress: @escaping @Sendable (Int) -> Void
    ) async throws -> Outcome? {
        let scene = try await files.scene(address, .writeRepository, by: actor)
        let tag = CachedRepository.tag(snapshot.id)
        guard try scene.refs.ref(named: RefName(validating: "refs/tags/\(tag)".utf8)) == nil else { return nil }
        let branches = snapshot.refs.filter { !$0.hasPrefix("refs/") }
        let ref = snapshot.isMain ? scene.refs.headTarget.string : branches.first.map { "refs/heads/\($0)" }
        let target = Target(
            address: address,
            ref: ref ?? "refs/tags/\(tag)",
            replaces: true,
            title: "Import revision \(snapshot.id)"
        )
        let plan = try await plan(tree, under: snapshot.folder, for: target, by: actor)
        let outcome = try await run(plan, of: tree, into: target, by: actor, progress: progress)
        guard let commit = outcome.commit else { return outcome }
        for branch in snapshot.isMain ? branches[...] : branches.dropFirst() {
            try await commits.createBranch(branch, at: .revision(commit.hex), overwrites: true, of: address, by: actor)
        }
        // Only of what is whole: it says that nothing is left to be done.
        if ref != nil, outcome.problems.isEmpty {
            try await commits.createTag(tag, at: commit.hex, message: nil, of: address, by: actor)
        } else if ref == nil, !outcome.problems.isEmpty {
            try await commits.deleteTag(tag, of: address, by: actor)
        }
        return outcome
    }
}
