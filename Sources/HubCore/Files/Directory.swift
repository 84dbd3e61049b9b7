import GitCore
import LFS
import Synchronization

/// The entries of one tree, read once: a tree's id says all that it holds.
final class Directory: Sendable {
    /// An entry as the tree has it.
    struct Entry: Sendable {
        let name: [UInt8]
        let mode: UInt32
        let oid: ObjectID

        var kind: FileEntry.Kind {
            switch mode & FileMode.typeMask {
            case FileMode.tree: .directory
            case FileMode.gitlink: .submodule
            default: .file
            }
        }

        /// Whether the entry stands before a key, in the order of trees.
        fileprivate func isBefore(_ key: [UInt8]) -> Bool {
            let stored = kind == .directory ? name + [UInt8(ascii: "/")] : name
            return stored.lexicographicallyPrecedes(key)
        }
    }

    /// Size and large file of an entry that is a file; nil for the others.
    struct Facts: Sendable {
        let size: Int64
        let pointer: LFSObject?
    }

    let entries: [Entry]
    private let known = Mutex<[Facts?]?>(nil)

    init(entries: [Entry]) {
        self.entries = entries
    }

    /// Reads a tree.
    ///
    /// - Throws: `PackError.missing` when it is not there or is no tree.
    convenience init(_ oid: ObjectID, _ reader: ObjectReader) throws {
        let tree = try reader.object(oid, as: .tree)
        let entries = tree.bytes.withUnsafeBytes { bytes in
            TreeEntries(bytes).map { Entry(name: Array($0.name), mode: $0.mode, oid: $0.oid) }
        }
        self.init(entries: entries)
    }

    /// The place of a name; nil when there is no such entry.
    ///
    /// Trees are sorted as if the names of directories ended in a slash, so a name may be in two places.
    func index(of name: [UInt8]) -> Int? {
        index(ofKey: name, named: name) ?? index(ofKey: name + [UInt8(ascii: "/")], named: name)
    }

    private func index(ofKey key: [UInt8], named name: [UInt8]) -> Int? {
        var (low, high) = (0, entries.count)
        while low < high {
            let middle = low + (high - low) / 2
            if entries[middle].isBefore(key) { low = middle + 1 } else { high = middle }
        }
        return low < entries.count && entries[low].name == name ? low : nil
    }

    /// Sizes of all files, looked up at most once.
    func facts(_ reader: ObjectReader) throws -> [Facts?] {
        if let facts = known.withLock({ $0 }) { return facts }
        let facts = try entries.map { try Self.facts(of: $0, reader) }
        known.withLock { $0 = facts }
        return facts
    }

    /// Size and large file of one entry.
    func facts(at index: Int, _ reader: ObjectReader) throws -> Facts? {
        if let facts = known.withLock({ $0 }) { return facts[index] }
        return try Self.facts(of: entries[index], reader)
    }

    private static func facts(of entry: Entry, _ reader: ObjectReader) throws -> Facts? {
        guard entry.kind == .file else { return nil }
        guard let (_, size) = try reader.header(of: entry.oid) else { throw PackError.missing(entry.oid) }
        guard size < Int64(LFSPointer.sizeLimit), entry.mode & FileMode.typeMask != FileMode.symlink else {
            return Facts(size: size, pointer: nil)
        }
        let pointer = LFSPointer(parsing: try reader.object(entry.oid, as: .blob).bytes)
        let object = pointer.flatMap { LFSObject(oid: $0.oid, size: $0.size) }
        return Facts(size: size, pointer: object)
    }
}

/// The directories that were read last, of all repositories: what a tree holds does not depend on where it was met.
///
/// Who may see a tree is decided before anything is looked up here, by the commit that leads to it.
final class DirectoryCache: Sendable {
    private struct State {
        var directories: [ObjectID: (directory: Directory, used: UInt64)] = [:]
        var clock: UInt64 = 0
        var entries = 0
    }

    private let state = Mutex(State())
    private let limit: Int

    /// - Parameter limit: entries of all directories together; 100 to 400 bytes each. One larger directory is remembered, too.
    init(limit: Int) {
        self.limit = limit
    }

    /// The most entries of a directory that is remembered.
    let largest = 100_000

    /// The directory of a tree, read unless it is known.
    func directory(_ oid: ObjectID, _ reader: ObjectReader) throws -> Directory {
        let known = state.withLock { state -> Directory? in
            state.clock += 1
            state.directories[oid]?.used = state.clock
            return state.directories[oid]?.directory
        }
        if let known { return known }
        let directory = try Directory(oid, reader)
        state.withLock { state in
            guard state.directories[oid] == nil, directory.entries.count <= largest else { return }
            state.directories[oid] = (directory, state.clock)
            state.entries += directory.entries.count + 1
            if state.entries > limit { Self.shrink(&state, to: limit / 2, sparing: oid) }
        }
        return directory
    }

    /// Forgets what was not used for longest; half at a time, so that it happens seldom.
    private static func shrink(_ state: inout State, to limit: Int, sparing spared: ObjectID) {
        for (oid, value) in state.directories.sorted(by: { $0.value.used < $1.value.used }) where oid != spared {
            guard state.entries > limit else { return }
            state.directories[oid] = nil
            state.entries -= value.directory.entries.count + 1
        }
    }
}
