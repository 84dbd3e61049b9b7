/// Visits the entries of a tree one after the other, and goes into the directories that its user wants to see.
///
/// Memory: the trees on the way from the root. Belongs to one thread at a time.
final class TreeWalk {
    /// What comes next.
    enum Step {
        /// An entry; `path` and `nameStart` are its.
        case entry(TreeEntry)
        /// The end of a directory; so many bytes of path stood in front of its entries' names.
        case left(pathBytes: Int)
    }

    private struct Frame {
        var tree: TreeFrame
        /// Bytes of the path in front of the names.
        var pathBytes: Int
    }

    private let reader: ObjectReader
    private let limits: ArchiveLimits
    private var frames: [Frame] = []
    private var heldBytes = 0
    private var seen = 0
    /// From the root, without a slash at the end.
    private(set) var path: [UInt8] = []

    init(_ reader: ObjectReader, limits: ArchiveLimits) {
        self.reader = reader
        self.limits = limits
    }

    /// Where the last component of `path` starts.
    var nameStart: Int { frames.last?.pathBytes ?? 0 }

    /// The next entry or end; nil behind the end of the root.
    func next() throws -> Step? {
        guard let frame = frames.last else { return nil }
        path.removeSubrange(frame.pathBytes...)
        guard let entry = try frame.tree.next() else {
            frames.removeLast()
            heldBytes -= frame.tree.byteCount
            return .left(pathBytes: frame.pathBytes)
        }
        seen += 1
        guard seen <= limits.entries else { throw ArchiveRefusal.limit("\(limits.entries) entries") }
        path.append(contentsOf: entry.name)
        return .entry(entry)
    }

    /// Goes into the root, or the directory that was just visited.
    ///
    /// - Returns: the directory's `.gitattributes`, if it is a regular file.
    @discardableResult
    func enter(_ tree: ObjectID) throws -> ObjectID? {
        guard frames.count < limits.depth else { throw ArchiveRefusal.limit("\(limits.depth) levels of directories") }
        let frame = TreeFrame(try reader.object(tree, as: .tree).bytes)
        heldBytes += frame.byteCount
        guard heldBytes <= limits.treeBytes else {
            throw ArchiveRefusal.limit("\(limits.treeBytes) bytes of directories inside each other")
        }
        if !frames.isEmpty { path.append(UInt8(ascii: "/")) }
        frames.append(Frame(tree: frame, pathBytes: path.count))
        return try frame.attributesFile()
    }
}

/// A tree object while its entries are read one by one.
private final class TreeFrame {
    private let bytes: UnsafeMutableRawBufferPointer
    private var iterator: TreeIterator
    let byteCount: Int

    init(_ tree: [UInt8]) {
        bytes = .allocate(byteCount: max(1, tree.count), alignment: 1)
        bytes.copyBytes(from: tree)
        byteCount = tree.count
        iterator = TreeIterator(UnsafeRawBufferPointer(rebasing: bytes[..<tree.count]))
    }

    deinit {
        bytes.deallocate()
    }

    /// The next entry, whose name is valid as long as the frame lives.
    func next() throws -> TreeEntry? {
        try iterator.next()
    }

    func attributesFile() throws -> ObjectID? {
        var iterator = TreeIterator(UnsafeRawBufferPointer(rebasing: bytes[..<byteCount]))
        while let entry = try iterator.next() {
            // Entries are sorted.
            guard entry.name.first ?? 0 <= UInt8(ascii: ".") else { return nil }
            guard entry.kind == .blob, !entry.isSymlink, entry.name.elementsEqual(".gitattributes".utf8) else {
                continue
            }
            return entry.oid
        }
        return nil
    }
}
