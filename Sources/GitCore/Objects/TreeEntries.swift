import Glibc

/// What a tree entry leads to.
package enum EntryKind: Sendable {
    /// A directory.
    case tree
    /// A regular or executable file, or the target of a symbolic link.
    case blob
    /// The commit of a submodule, which lives in another repository.
    case gitlink
}

/// One entry of a tree object.
package struct TreeEntry {
    /// The mode as stored, at most 0o177777; its upper four bits are those of a tree, a file, a link or a gitlink.
    package var mode: UInt32
    /// The name: a slice of the tree, valid as long as the tree's bytes are.
    package var name: UnsafeRawBufferPointer
    /// The object.
    package var oid: ObjectID

    /// What the entry leads to.
    package var kind: EntryKind {
        switch mode & FileMode.typeMask {
        case FileMode.tree: .tree
        case FileMode.gitlink: .gitlink
        default: .blob
        }
    }

    /// Whether the entry is a symbolic link.
    package var isSymlink: Bool { mode & FileMode.typeMask == FileMode.symlink }
}

/// The numbers git uses as file modes.
package enum FileMode {
    /// The bits that say what an entry is.
    package static let typeMask: UInt32 = 0o170000
    /// A directory.
    package static let tree: UInt32 = 0o040000
    /// The type bits of regular and executable files.
    package static let file: UInt32 = 0o100000
    /// A symbolic link.
    package static let symlink: UInt32 = 0o120000
    /// A submodule.
    package static let gitlink: UInt32 = 0o160000
}

/// The entries of a tree object, in stored order.
///
/// Allocates nothing. The caller keeps the tree's bytes alive as long as the iterator and the entries it gave.
/// Order, duplicates and dangerous names are `ObjectChecker`'s business.
package struct TreeIterator {
    private let tree: UnsafeRawBufferPointer
    private var position = 0

    /// Starts at the first entry of the content of a tree object.
    package init(_ tree: UnsafeRawBufferPointer) {
        self.tree = tree
    }

    /// The next entry; nil at the end.
    ///
    /// - Throws: `badTree` for bytes that are no entry, `badFilemode` for a mode whose type git does not know.
    /// - Source: gitformat: `octal mode, SP, name, NUL, 20-byte id`; leading zeros of the mode are tolerated.
    package mutating func next() throws(ObjectError) -> TreeEntry? {
        guard position < tree.count else { return nil }
        let mode = try readMode()
        let nameStart = position
        guard let base = tree.baseAddress,
            let end = memchr(base + nameStart, 0, tree.count - nameStart)
        else { throw .badTree }
        let nameEnd = UnsafeRawPointer(end) - base
        guard let oid = ObjectID(in: tree, at: nameEnd + 1) else { throw .badTree }
        position = nameEnd + 1 + ObjectID.byteCount
        return TreeEntry(mode: mode, name: UnsafeRawBufferPointer(rebasing: tree[nameStart..<nameEnd]), oid: oid)
    }

    /// Reads the octal digits and the space behind them.
    private mutating func readMode() throws(ObjectError) -> UInt32 {
        var mode: UInt32 = 0
        let start = position
        while position < tree.count {
            let byte = tree[position]
            position += 1
            if byte == UInt8(ascii: " ") {
                guard position - start > 1 else { throw .badTree }
                return try known(mode)
            }
            guard byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "7") else { throw .badTree }
            mode = mode << 3 | UInt32(byte - UInt8(ascii: "0"))
            // Checked at each digit, so the shift above never loses a bit.
            guard mode <= 0o177777 else { throw .badFilemode }
        }
        throw .badTree
    }

    private func known(_ mode: UInt32) throws(ObjectError) -> UInt32 {
        switch mode & FileMode.typeMask {
        case FileMode.file, FileMode.tree, FileMode.symlink, FileMode.gitlink: return mode
        default: throw .badFilemode
        }
    }
}

/// The entries of a tree as a sequence for `for … in`; a tree that cannot be parsed just ends.
///
/// Only for trees that were checked when they came in; elsewhere use `TreeIterator`, which reports errors.
package struct TreeEntries: Sequence, IteratorProtocol {
    private var iterator: TreeIterator

    /// The entries of the content of a tree object.
    package init(_ tree: UnsafeRawBufferPointer) {
        iterator = TreeIterator(tree)
    }

    /// The next entry.
    package mutating func next() -> TreeEntry? {
        do throws(ObjectError) {
            return try iterator.next()
        } catch {
            return nil
        }
    }
}
