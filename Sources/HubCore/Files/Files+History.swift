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

/// Follows paths back through history to the commits that made them what they are.
///
/// At each commit a path goes on to the first parent in which it is the same; where there is none, this commit is it. That
/// is what `git log -1 -- PATH` tells.
private struct LastCommits {
    let reader: ObjectReader
    let cache: DirectoryCache
    var limit: Int
    private var found: [String: ObjectID] = [:]

    init(reader: ObjectReader, cache: DirectoryCache, limit: Int) {
        self.reader = reader
        self.cache = cache
        self.limit = limit
    }

    mutating func run(_ tip: ObjectID, _ paths: [String]) throws -> [String: ObjectID] {
        var waiting: [ObjectID: [String]] = [tip: paths]
        var order = [tip]
        var next = 0
        // Oldest promises first: a commit is met once for each group of paths that came to it.
        while next < order.count, limit > 0 {
            let commit = order[next]
            next += 1
            guard let paths = waiting.removeValue(forKey: commit) else { continue }
            limit -= 1
            try Task.checkCancellation()
            for (parent, paths) in try follow(commit, paths) {
                if waiting[parent] == nil { order.append(parent) }
                waiting[parent, default: []] += paths
            }
        }
        return found
    }

    private mutating func follow(_ commit: ObjectID, _ paths: [String]) throws -> [ObjectID: [String]] {
        let header = try reader.object(commit, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
        let browser = try FileBrowser(commit: commit, reader: reader, cache: cache)
        let parents = try header.parents.map { ($0, try FileBrowser(commit: $0, reader: reader, cache: cache)) }
        var further: [ObjectID: [String]] = [:]
        for path in paths {
            let components = FileBrowser.components(path)
            let here = try browser.oid(at: components)
            if let same = try parents.first(where: { try $0.1.oid(at: components) == here }) {
                further[same.0, default: []].append(path)
            } else {
                found[path] = commit
            }
        }
        return further
    }
}

extension FileBrowser {
    /// The object at a path; nil when there is none.
    fileprivate func oid(at path: [[UInt8]]) throws -> ObjectID? {
        guard let name = path.last else { return root }
        guard let directory = try directory(at: Array(path.dropLast())), let index = directory.index(of: name) else {
            return nil
        }
        return directory.entries[index].oid
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
