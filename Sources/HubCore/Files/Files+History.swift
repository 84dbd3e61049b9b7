package import Access
package import GitCore
import Synchronization

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
            try git.readers.read(scene.repository.files.path) { repository in
                let commits = try repository.log(from: tip, limit: skip + min(max(limit, 1), Self.largestPage))
                let total = try counts.count(of: tip) { try repository.commitCount(from: tip) }
                return (Array(commits.dropFirst(skip)), total)
            }
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
            return try git.readers.read(scene.repository.files.path) { repository in
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
}

/// How many commits lead to a commit: counted once, as history does not change.
final class CommitCounts: Sendable {
    private let known = Mutex<[ObjectID: Int]>([:])
    private let limit: Int

    /// - Parameter limit: how many are remembered.
    init(limit: Int) {
        self.limit = limit
    }

    func count(of tip: ObjectID, _ body: () throws -> Int) rethrows -> Int {
        if let count = known.withLock({ $0[tip] }) { return count }
        let count = try body()
        known.withLock { known in
            if known.count >= limit { known.removeAll() }
            known[tip] = count
        }
        return count
    }
}
