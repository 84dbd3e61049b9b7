import CLibgit2

/// What happened to one file between two commits.
package struct FileChange: Sendable, Equatable {
    /// The letters of `git diff --name-status`.
    package enum Kind: String, Sendable {
        case added = "A"
        case deleted = "D"
        case modified = "M"
        case renamed = "R"
        case copied = "C"
        case typeChanged = "T"
    }

    package var kind: Kind
    /// The path before; differs from `path` after a rename or copy.
    package var oldPath: String
    package var path: String
}

extension Libgit2Repository {
    /// The files that differ between two commits, renames found; from nothing when `old` is nil.
    ///
    /// - Parameter limit: no more than so many files are told.
    package func changes(from old: ObjectID?, to new: ObjectID, limit: Int) throws(Libgit2Error) -> [FileChange] {
        let before = try old.map { oid throws(Libgit2Error) in try rootTree(of: oid) } ?? nil
        defer { git_object_free(before) }
        let after = try rootTree(of: new)
        defer { git_object_free(after) }
        var opened: OpaquePointer?
        try Libgit2.check(git_diff_tree_to_tree(&opened, pointer, before, after, nil), while: "comparing commits")
        guard let diff = opened else { return [] }
        defer { git_diff_free(diff) }
        // Looking for renames compares contents, so it is left out where that would be long.
        if git_diff_num_deltas(diff) <= Self.renameLimit {
            try Libgit2.check(git_diff_find_similar(diff, nil), while: "looking for renames")
        }
        return (0..<min(git_diff_num_deltas(diff), limit)).compactMap { index in
            git_diff_get_delta(diff, index).flatMap { FileChange($0.pointee) }
        }
    }

    private static let renameLimit = 400

    private func rootTree(of commit: ObjectID) throws(Libgit2Error) -> OpaquePointer? {
        let object = try Libgit2Object(commit, GIT_OBJECT_COMMIT, in: self)
        var tree: OpaquePointer?
        try Libgit2.check(git_commit_tree(&tree, object.pointer), while: "reading the tree of \(commit)")
        return tree
    }
}

extension FileChange {
    init?(_ delta: git_diff_delta) {
        switch delta.status {
        case GIT_DELTA_ADDED: kind = .added
        case GIT_DELTA_DELETED: kind = .deleted
        case GIT_DELTA_MODIFIED: kind = .modified
        case GIT_DELTA_RENAMED: kind = .renamed
        case GIT_DELTA_COPIED: kind = .copied
        case GIT_DELTA_TYPECHANGE: kind = .typeChanged
        default: return nil
        }
        oldPath = delta.old_file.path.map { String(cString: $0) } ?? ""
        path = delta.new_file.path.map { String(cString: $0) } ?? ""
    }
}
