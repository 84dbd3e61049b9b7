import CLibgit2

/// One entry of a directory.
package struct DirectoryEntry: Sendable, Equatable {
    /// The name, as bytes: git knows no encoding.
    package var name: [UInt8]
    package var oid: ObjectID
    package var mode: UInt32
    /// Bytes of a file; nil for directories and submodules.
    package var size: Int64?
}

extension Libgit2Repository {
    /// The entries of a directory of a commit.
    ///
    /// - Parameter path: components from the root; empty for the root itself.
    /// - Returns: nil when there is no such directory.
    package func directory(_ path: [[UInt8]], of commit: ObjectID) throws(Libgit2Error) -> [DirectoryEntry]? {
        guard let tree = try tree(path, of: commit) else { return nil }
        let object = try Libgit2Object(tree, GIT_OBJECT_TREE, in: self)
        var entries: [DirectoryEntry] = []
        for index in 0..<git_tree_entrycount(object.pointer) {
            guard let entry = git_tree_entry_byindex(object.pointer, index) else { continue }
            entries.append(try describe(entry))
        }
        return entries
    }

    /// The entry of one file or directory below the root of a commit; nil when there is none.
    package func entry(_ path: [[UInt8]], of commit: ObjectID) throws(Libgit2Error) -> DirectoryEntry? {
        guard let name = path.last, let tree = try tree(Array(path.dropLast()), of: commit) else { return nil }
        let object = try Libgit2Object(tree, GIT_OBJECT_TREE, in: self)
        guard let entry = Self.entry(name, in: object.pointer) else { return nil }
        return try describe(entry)
    }

    /// The content of a blob.
    ///
    /// - Returns: nil when it has more than `limit` bytes.
    package func blob(_ oid: ObjectID, limit: Int) throws(Libgit2Error) -> [UInt8]? {
        guard try size(of: oid) <= Int64(limit) else { return nil }
        let blob = try Libgit2Object(oid, GIT_OBJECT_BLOB, in: self)
        let count = Int(clamping: git_blob_rawsize(blob.pointer))
        return Array(UnsafeRawBufferPointer(start: git_blob_rawcontent(blob.pointer), count: count))
    }

    private func tree(_ path: [[UInt8]], of commit: ObjectID) throws(Libgit2Error) -> ObjectID? {
        let object = try Libgit2Object(commit, GIT_OBJECT_COMMIT, in: self)
        guard let root = git_commit_tree_id(object.pointer) else { return nil }
        var current = ObjectID(root.pointee)
        for name in path {
            let tree = try Libgit2Object(current, GIT_OBJECT_TREE, in: self)
            guard let entry = Self.entry(name, in: tree.pointer), let id = git_tree_entry_id(entry),
                git_tree_entry_type(entry) == GIT_OBJECT_TREE
            else { return nil }
            current = ObjectID(id.pointee)
        }
        return current
    }

    /// A name with NUL in it is in no tree, and must not be cut there.
    private static func entry(_ name: [UInt8], in tree: OpaquePointer) -> OpaquePointer? {
        guard !name.isEmpty, !name.contains(0) else { return nil }
        return (name + [0]).withUnsafeBytes { bytes in
            git_tree_entry_byname(tree, bytes.bindMemory(to: CChar.self).baseAddress)
        }
    }

    private func describe(_ entry: OpaquePointer) throws(Libgit2Error) -> DirectoryEntry {
        let name = git_tree_entry_name(entry).map { Array(String(cString: $0).utf8) } ?? []
        let oid = git_tree_entry_id(entry).map { ObjectID($0.pointee) } ?? .zero
        let isBlob = git_tree_entry_type(entry) == GIT_OBJECT_BLOB
        return DirectoryEntry(
            name: name,
            oid: oid,
            mode: git_tree_entry_filemode_raw(entry).rawValue,
            size: isBlob ? try size(of: oid) : nil
        )
    }

    private func size(of oid: ObjectID) throws(Libgit2Error) -> Int64 {
        var opened: OpaquePointer?
        try Libgit2.check(git_repository_odb(&opened, pointer), while: "opening the object store")
        defer { git_odb_free(opened) }
        var raw = oid.libgit2
        var size = 0
        var type = GIT_OBJECT_ANY
        try Libgit2.check(git_odb_read_header(&size, &type, opened, &raw), while: "looking up \(oid)")
        return Int64(size)
    }
}
