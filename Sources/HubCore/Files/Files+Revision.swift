package import Access
import GitCore

extension Files {
    /// Makes sure that a repository has a revision, for somebody who may do `action`.
    ///
    /// - Parameter mayBeUnborn: whether the default branch is one before its first commit, by its name or as `HEAD`.
    /// - Throws: `HubError` as `Access` decides; `.notFound` about the revision.
    package func require(
        _ revision: String,
        mayBeUnborn: Bool,
        of address: RepositoryAddress,
        _ action: Action,
        by actor: Actor
    ) async throws {
        let scene = try await scene(address, action, by: actor)
        let head = scene.refs.headTarget.string
        if mayBeUnborn, ["HEAD", head].contains(revision) || "refs/heads/\(revision)" == head { return }
        try await browse(scene, revision) { _, _ in }
    }
}
