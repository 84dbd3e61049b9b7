/// One member of an archive.
struct ArchiveEntry: Equatable {
    /// What is stored.
    enum Kind: Equatable {
        case directory, submodule, symlink
        case file(isExecutable: Bool)
    }

    /// With the archive's prefix; a directory or submodule ends in a slash.
    var path: [UInt8]
    var kind: Kind
    /// The object; of the tree for directories.
    var oid: ObjectID
    /// How text is to be written.
    var conversion = ArchiveConversion()

    /// Whether nothing but the name is stored.
    var isDirectory: Bool { kind == .directory || kind == .submodule }
}

/// Gives the members of an archive in git's order.
///
/// A directory comes right before the first of its entries that is in the archive, so that there are no empty ones. Belongs to
/// one thread at a time.
final class ArchiveContents {
    private let reader: ObjectReader
    private let root: ObjectID
    private let prefix: [UInt8]
    private let pathspecs: [ArchivePathspec]
    private let attributesBytes: Int
    private let walk: TreeWalk
    private var attributes = AttributeStack(["export-ignore", "text", "eol", "crlf", "ident"])
    /// Directories that are in the archive as soon as something inside is, and the bytes of their paths.
    private var pending: [(pathBytes: Int, entry: ArchiveEntry)] = []

    /// Entries that are looked at in one step.
    private static let stepCount = 256

    init(
        _ reader: ObjectReader,
        root: ObjectID,
        prefix: [UInt8],
        pathspecs: [ArchivePathspec],
        limits: ArchiveLimits
    ) throws {
        self.reader = reader
        self.root = root
        self.prefix = prefix
        self.pathspecs = pathspecs
        attributesBytes = limits.attributesBytes
        walk = TreeWalk(reader, limits: limits)
        try enter(root)
    }

    /// The directory that the prefix names, which comes first; nil when it names none.
    var prefixEntry: ArchiveEntry? {
        guard prefix.last == UInt8(ascii: "/") else { return nil }
        var path = prefix
        while path.count > 1, path[path.count - 2] == UInt8(ascii: "/") { path.removeLast() }
        return ArchiveEntry(path: path, kind: .directory, oid: root)
    }

    /// The next members; empty when many entries were looked at in vain, nil at the end.
    func next() throws -> [ArchiveEntry]? {
        for _ in 0..<Self.stepCount {
            switch try walk.next() {
            case .entry(let entry):
                if let found = try look(at: entry) { return found }
            case .left(let pathBytes):
                attributes.pop(pathBytes: pathBytes)
                while let last = pending.last, last.pathBytes + 1 >= pathBytes { pending.removeLast() }
            case nil:
                return nil
            }
        }
        return []
    }

    private func look(at entry: TreeEntry) throws -> [ArchiveEntry]? {
        let kind = entry.kind
        guard pathspecs.interest(in: walk.path, kind) != .none else { return nil }
        let states =
            attributes.isEmpty
            ? [:]
            : attributes.attributes(of: walk.path, nameStart: walk.nameStart, isDirectory: kind != .blob)
        let isIgnored = states["export-ignore"] == .set
        guard kind == .tree else {
            let leaf = isIgnored ? [] : [member(entry, states)]
            defer { pending.removeAll() }
            return pending.map(\.entry) + leaf
        }
        guard !isIgnored else { return nil }
        pending.append((walk.path.count, member(entry, states)))
        try enter(entry.oid)
        return nil
    }

    private func member(_ entry: TreeEntry, _ states: [String: AttributesFile.State]) -> ArchiveEntry {
        let kind: ArchiveEntry.Kind =
            switch entry.kind {
            case .tree: .directory
            case .gitlink: .submodule
            case .blob: entry.isSymlink ? .symlink : .file(isExecutable: entry.mode & 0o100 != 0)
            }
        var member = ArchiveEntry(path: prefix + walk.path, kind: kind, oid: entry.oid)
        if member.isDirectory { member.path.append(UInt8(ascii: "/")) }
        if case .file = kind { member.conversion = ArchiveConversion(states) }
        return member
    }

    private func enter(_ tree: ObjectID) throws {
        guard let oid = try walk.enter(tree) else { return }
        do {
            guard let file = try reader.object(oid, limit: attributesBytes), file.type == .blob else { return }
            attributes.push(file.bytes, pathBytes: walk.nameStart)
        } catch PackError.tooLarge {
            throw ArchiveRefusal.limit("\(attributesBytes) bytes in a .gitattributes")
        }
    }
}
