import GitCore
import LFS

/// Looks into one commit, on the executor of git: one for each request.
struct FileBrowser {
    let reader: ObjectReader
    let cache: DirectoryCache
    /// The commit's root directory.
    let root: ObjectID
    /// When the commit was made, in seconds since 1970.
    let seconds: Int64
    private let large = LargeDirectory()

    init(commit: ObjectID, reader: ObjectReader, cache: DirectoryCache) throws {
        let header = try reader.object(commit, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
        self.reader = reader
        self.cache = cache
        root = header.tree
        seconds = header.committerTime
    }

    /// The directory at a path; nil when there is none.
    func directory(at path: [[UInt8]]) throws -> Directory? {
        var directory = try directory(of: root)
        for name in path {
            guard let index = directory.index(of: name), directory.entries[index].kind == .directory else { return nil }
            directory = try self.directory(of: directory.entries[index].oid)
        }
        return directory
    }

    /// The directory of a tree.
    ///
    /// The last one that is too large to be remembered is kept for this request: a thousand paths may be asked for in it.
    private func directory(of tree: ObjectID) throws -> Directory {
        if let (oid, directory) = large.last, oid == tree { return directory }
        let directory = try cache.directory(tree, reader)
        if directory.entries.count > cache.largest { large.last = (tree, directory) }
        return directory
    }

    /// The entry at a path; nil when there is none, and for the root itself.
    func entry(at path: [[UInt8]]) throws -> FileEntry? {
        guard let name = path.last, let directory = try directory(at: Array(path.dropLast())),
            let index = directory.index(of: name)
        else { return nil }
        let facts = try directory.facts(at: index, reader)
        return describe(directory.entries[index], facts, Self.text(path.dropLast()))
    }

    /// A page of the entries below a path, in git's order, directories before what is in them.
    ///
    /// The cost is that of the page and of the directories on the way to it.
    /// - Parameters:
    ///   - isRecursive: whether directories are entered.
    ///   - after: the path of the last entry of the page before, below `path`; empty for the first page.
    /// - Returns: nil when there is no such directory.
    func page(
        below path: [[UInt8]],
        isRecursive: Bool,
        after: [[UInt8]],
        limit: Int
    ) throws -> (entries: [FileEntry], isLast: Bool)? {
        guard let directory = try directory(at: path) else { return nil }
        var walk = Walk(browser: self, limit: limit, isRecursive: isRecursive)
        let isLast = try walk.list(directory, Self.text(path[...]), after: after[...], depth: 0)
        return (walk.found, isLast)
    }

    func describe(_ entry: Directory.Entry, _ facts: Directory.Facts?, _ prefix: String) -> FileEntry {
        let name = String(decoding: entry.name, as: UTF8.self)
        return FileEntry(
            path: prefix.isEmpty ? name : "\(prefix)/\(name)",
            kind: entry.kind,
            oid: entry.oid,
            size: facts.map { $0.pointer?.size ?? $0.size } ?? 0,
            lfs: facts.flatMap { facts in
                facts.pointer.map { FileEntry.LFSLink(object: $0, pointerSize: facts.size) }
            }
        )
    }

    static func text(_ path: some Collection<[UInt8]>) -> String {
        path.map { String(decoding: $0, as: UTF8.self) }.joined(separator: "/")
    }

    /// The components of a path as a request has it; what no tree can hold is found nowhere.
    static func components(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map { Array($0) }
    }
}

/// The last directory that is too large for `DirectoryCache`.
private final class LargeDirectory {
    var last: (oid: ObjectID, directory: Directory)?
}

/// A listing under way; it recurses as deep as trees may be.
private struct Walk {
    let browser: FileBrowser
    let limit: Int
    let isRecursive: Bool
    var found: [FileEntry] = []

    /// Trees inside trees that a push may bring.
    private static let deepest = 4_096
    /// Several pushes can make paths longer than one may; what is below such a path is not listed.
    private static let longestPath = 16 << 10

    /// Lists a directory from behind an entry on.
    ///
    /// - Returns: whether the end was reached.
    mutating func list(
        _ directory: Directory,
        _ prefix: String,
        after: ArraySlice<[UInt8]>,
        depth: Int
    ) throws -> Bool {
        guard depth < Self.deepest, prefix.utf8.count <= Self.longestPath else { return true }
        var start = 0
        if let name = after.first, let index = directory.index(of: name) {
            // The entry itself was told; what is in it may not have been, or not all.
            if isRecursive, directory.entries[index].kind == .directory {
                guard try enter(directory, index, prefix, after: after.dropFirst(), depth) else { return false }
            }
            start = index + 1
        }
        // Before the first file is described, sizes of the whole directory are looked up when most are wanted.
        let facts = directory.entries.count - start <= limit ? try directory.facts(browser.reader) : nil
        for index in directory.entries.indices.dropFirst(start) {
            try Task.checkCancellation()
            guard found.count < limit else { return false }
            let known = try facts.map { $0[index] } ?? directory.facts(at: index, browser.reader)
            found.append(browser.describe(directory.entries[index], known, prefix))
            guard isRecursive, directory.entries[index].kind == .directory else { continue }
            guard try enter(directory, index, prefix, after: [], depth) else { return false }
        }
        return true
    }

    private mutating func enter(
        _ directory: Directory,
        _ index: Int,
        _ prefix: String,
        after: ArraySlice<[UInt8]>,
        _ depth: Int
    ) throws -> Bool {
        let entry = directory.entries[index]
        let name = String(decoding: entry.name, as: UTF8.self)
        let inner = try browser.cache.directory(entry.oid, browser.reader)
        return try list(inner, prefix.isEmpty ? name : "\(prefix)/\(name)", after: after, depth: depth + 1)
    }
}
