/// What an archive is made of.
struct ArchiveTree {
    /// The root directory of the archive.
    var tree: ObjectID
    /// The commit, when the tree is all of one.
    var commit: ObjectID?
    /// Seconds since 1970 that every member gets; nil when there is no commit to give it.
    var time: Int64?

    /// Finds the tree that a client means.
    ///
    /// As with stock git, only `ref` or `ref:path` for refs that the client may see; beyond that, the full id that such a ref
    /// has or finally points to. Nothing else that lies in the repository can be reached.
    ///
    /// - Parameter snapshot: without hidden refs.
    init(resolving name: [UInt8], in snapshot: RefSnapshot, _ reader: ObjectReader) throws {
        let colon = name.firstIndex(of: UInt8(ascii: ":"))
        let refName = name[..<(colon ?? name.endIndex)]
        guard let oid = Self.oid(of: refName, in: snapshot),
            let (target, type) = try CommitTable(reader).peel(oid)
        else { throw ArchiveRefusal.noSuchRef(refName.excerpt) }
        guard type == .commit else {
            tree = try Self.tree(at: colon.map { name[($0 + 1)...] } ?? [], in: target, type, name, reader)
            return
        }
        let header = try reader.object(target, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0) }
        guard let colon else {
            tree = header.tree
            commit = target
            time = header.committerTime
            return
        }
        tree = try Self.tree(at: name[(colon + 1)...], in: header.tree, .tree, name, reader)
    }

    /// The first of the names that git would try; the order decides where one text means two refs.
    private static func oid(of name: ArraySlice<UInt8>, in snapshot: RefSnapshot) -> ObjectID? {
        if name.isWord("HEAD") || name.isWord("@") { return snapshot.head?.oid }
        for candidate in RefSpelling(name)?.candidates ?? [] {
            if let ref = snapshot.ref(named: candidate) { return ref.oid }
        }
        guard let oid = ObjectID(hex: name) else { return nil }
        return snapshot.refs.contains { $0.oid == oid || $0.peeled == oid } ? oid : nil
    }

    /// Follows a path to a directory; a slash at its end is allowed.
    private static func tree(
        at path: ArraySlice<UInt8>,
        in root: ObjectID,
        _ type: ObjectType,
        _ name: [UInt8],
        _ reader: ObjectReader
    ) throws -> ObjectID {
        guard type == .tree else { throw ArchiveRefusal.notATree(name.excerpt) }
        var tree = root
        let path = path.last == UInt8(ascii: "/") ? path.dropLast() : path
        guard !path.isEmpty else { return tree }
        for component in path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false) {
            guard let entry = try reader.entry(named: component, in: tree), entry.kind == .tree else {
                throw ArchiveRefusal.notATree(name.excerpt)
            }
            tree = entry.oid
        }
        return tree
    }
}

extension ObjectReader {
    /// What a directory says of a name; nil when it has no such entry.
    func entry(named name: some Collection<UInt8>, in tree: ObjectID) throws -> (kind: EntryKind, oid: ObjectID)? {
        try object(tree, as: .tree).bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                if entry.name.elementsEqual(name) { return (entry.kind, entry.oid) }
            }
            return nil
        }
    }
}
