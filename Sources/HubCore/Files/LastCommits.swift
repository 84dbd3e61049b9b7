import GitCore

/// Follows paths back through history to the commits that made them what they are.
///
/// At each commit a path goes on to the first parent in which it is the same; where there is none, this commit is it. That
/// is what `git log -1 -- PATH` tells. Commits may be many and directories large, so the search ends when it has done so
/// much, and tells what it has found.
struct LastCommits {
    private let reader: ObjectReader
    private let cache: DirectoryCache
    /// Commits that are looked at.
    private var limit: Int
    /// Entries of directories that are read; everything else counts as some.
    private var work: Int
    private var recent: [ObjectID: Directory] = [:]
    private var recentEntries = 0
    private var found: [String: ObjectID] = [:]

    /// What it costs to read a commit, in entries.
    private static let commitWork = 20
    /// Entries of the directories that are kept during the search; about 100 bytes each.
    private static let mostRecent = 600_000

    /// - Parameters:
    ///   - limit: commits that are looked at.
    ///   - work: entries that are read, a few million in a second.
    init(reader: ObjectReader, cache: DirectoryCache, limit: Int, work: Int = 20_000_000) {
        self.reader = reader
        self.cache = cache
        self.limit = limit
        self.work = work
    }

    /// The last commits of some paths, those that were found.
    mutating func run(_ tip: ObjectID, _ paths: [String]) throws -> [String: ObjectID] {
        var waiting: [ObjectID: [String]] = [tip: paths]
        var order = [tip]
        var next = 0
        // Oldest promises first: a commit is met once for each group of paths that came to it.
        while next < order.count, limit > 0, work > 0 {
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
        let header = try self.header(of: commit)
        var left = paths.map { (path: $0, components: FileBrowser.components($0)) }
        var further: [ObjectID: [String]] = [:]
        for parent in header.parents {
            guard !left.isEmpty else { break }
            let tree = try self.header(of: parent).tree
            // A directory that is the same need not be looked into.
            let isSame = tree == header.tree
            var changed: [(path: String, components: [[UInt8]])] = []
            for path in left {
                // What was not compared with all parents is not known.
                guard work > 0 else { return further }
                if try isSame || oid(at: path.components, below: tree) == oid(at: path.components, below: header.tree) {
                    further[parent, default: []].append(path.path)
                } else {
                    changed.append(path)
                }
            }
            left = changed
        }
        for path in left { found[path.path] = commit }
        return further
    }

    private mutating func header(of commit: ObjectID) throws -> CommitHeader {
        work -= Self.commitWork
        return try reader.object(commit, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
    }

    /// The object at a path; nil when there is none.
    private mutating func oid(at path: [[UInt8]], below root: ObjectID) throws -> ObjectID? {
        var oid = root
        for (depth, name) in path.enumerated() {
            let directory = try self.directory(oid)
            guard let index = directory.index(of: name) else { return nil }
            let entry = directory.entries[index]
            guard depth == path.count - 1 || entry.kind == .directory else { return nil }
            oid = entry.oid
        }
        return oid
    }

    private mutating func directory(_ oid: ObjectID) throws -> Directory {
        work -= 1
        if let directory = recent[oid] { return directory }
        let directory = try cache.directory(oid, reader)
        work -= directory.entries.count
        recentEntries += directory.entries.count + 1
        if recentEntries > Self.mostRecent {
            recent.removeAll(keepingCapacity: true)
            recentEntries = directory.entries.count + 1
        }
        recent[oid] = directory
        return directory
    }
}
