package import Access
package import GitCore

extension Files {
    /// The furthest that a page may begin.
    package static let longestHistory = 100_000

    /// A page of the commits that a revision leads to, youngest first, and how many there are in all.
    package func commits(
        _ address: RepositoryAddress,
        revision: String,
        skip: Int,
        limit: Int,
        by actor: Actor
    ) async throws -> (commits: [CommitSummary], total: Int) {
        let scene = try await scene(address, .readContent, by: actor)
        let tip = try await browse(scene, revision) { commit, _ in commit }
        let skip = min(max(skip, 0), Self.longestHistory)
        return try await git.onExecutor {
            let repository = try Libgit2Repository(ObjectReader(scene.repository.files.packs.current()))
            return try repository.log(from: tip, skip: skip, limit: min(max(limit, 1), Self.largestPage))
        }
    }

    /// Commits that are looked at for the sake of a page of last commits.
    private static let searchLimit = 20_000

    /// The last commit that touched each of some entries, by path; those of old commits in long histories are left out.
    func lastCommits(
        _ scene: Scene,
        _ tip: ObjectID,
        _ entries: [FileEntry]
    ) async throws -> [String: CommitSummary] {
        try await git.onExecutor {
            let reader = try ObjectReader(scene.repository.files.packs.current())
            var search = LastCommits(reader: reader, cache: directories, limit: Self.searchLimit)
            let found = try search.run(tip, entries.map(\.path))
            let repository = try Libgit2Repository(reader)
            var known: [ObjectID: CommitSummary] = [:]
            return try found.mapValues { oid in
                if let summary = known[oid] { return summary }
                let summary = try repository.commit(oid)
                known[oid] = summary
                return summary
            }
        }
    }
}
