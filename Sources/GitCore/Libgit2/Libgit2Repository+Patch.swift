import CLibgit2

/// What a patch for people may hold.
package struct PatchLimits: Sendable {
    /// Files that are told.
    package var files: Int
    /// Larger files are told as binary ones.
    package var fileBytes: Int64
    /// After so many bytes the rest is left out.
    package var bytes: Int
    /// After so long the rest is left out: files with nothing in common take a second for each mebibyte.
    package var time: Duration = .seconds(5)

    /// Limits from their parts.
    package init(files: Int, fileBytes: Int64, bytes: Int) {
        self.files = files
        self.fileBytes = fileBytes
        self.bytes = bytes
    }
}

extension Libgit2Repository {
    /// What changed between two commits as `git diff` tells it, without renames; text that is not UTF-8 is repaired.
    ///
    /// Files beyond the limits are left out; a last line says so. Of commits that differ in more than 100,000 entries
    /// nothing else is told.
    /// - Parameter old: nil for a comparison with nothing.
    package func patch(
        from old: ObjectID?,
        to new: ObjectID,
        _ limits: PatchLimits
    ) throws -> String {
        try tell(old, new, limits, atMost: limits.files) { try filePatch(of: $0, at: $1) }
    }

    /// The entries that differ between two commits as `git diff --raw --no-abbrev` tells them, without renames.
    ///
    /// Lines beyond the limits are left out; a last line says so. Of commits that differ in more than 100,000 entries
    /// nothing else is told.
    package func rawChanges(
        from old: ObjectID?,
        to new: ObjectID,
        _ limits: PatchLimits
    ) throws -> String {
        try tell(old, new, limits, atMost: .max) { diff, index in
            git_diff_get_delta(diff, index).map { Self.rawLine($0.pointee) }
        }
    }

    /// Tells one file after the other, for as long as the limits allow, and then how many are left out.
    private func tell(
        _ old: ObjectID?,
        _ new: ObjectID,
        _ limits: PatchLimits,
        atMost most: Int,
        _ file: (_ diff: OpaquePointer, _ index: Int) throws -> [UInt8]?
    ) throws -> String {
        guard try isComparable(old, new) else { return Self.untold }
        guard let diff = try diff(from: old, to: new, limits) else { return "" }
        defer { git_diff_free(diff) }
        let count = git_diff_num_deltas(diff)
        var text: [UInt8] = []
        var told = 0
        let end = ContinuousClock.now + limits.time
        while told < min(count, most), ContinuousClock.now < end, let piece = try file(diff, told) {
            try Task.checkCancellation()
            guard text.count + piece.count <= limits.bytes else { break }
            text += piece
            told += 1
        }
        if told < count { text += "# \(count - told) more files differ\n".utf8 }
        return String(decoding: text, as: UTF8.self)
    }

    /// One line of `git diff --raw`.
    private static func rawLine(_ delta: git_diff_delta) -> [UInt8] {
        func mode(_ file: git_diff_file) -> String {
            let digits = String(file.mode, radix: 8)
            return String(repeating: "0", count: max(0, 6 - digits.count)) + digits
        }
        let (old, new) = (delta.old_file, delta.new_file)
        let kind = FileChange(delta)?.kind.rawValue ?? "X"
        let ids = "\(ObjectID(old.id)) \(ObjectID(new.id))"
        let path = (kind == "D" ? old.path : new.path).map { Array(String(cString: $0).utf8) } ?? []
        return Array(":\(mode(old)) \(mode(new)) \(ids) \(kind)\t".utf8) + quoted(path) + [UInt8(ascii: "\n")]
    }

    /// A path as git writes it: in quotes, with escapes, where it has bytes that are not plain ASCII.
    ///
    /// - Source: git-config(1), "core.quotePath".
    private static func quoted(_ path: [UInt8]) -> [UInt8] {
        let quote = UInt8(ascii: "\"")
        let isPlain = path.allSatisfy { (0x20...0x7e).contains($0) && $0 != quote && $0 != UInt8(ascii: "\\") }
        guard !isPlain else { return path }
        let letters: [UInt8: Character] = [7: "a", 8: "b", 9: "t", 10: "n", 11: "v", 12: "f", 13: "r"]
        var text = [quote]
        for byte in path {
            if let letter = letters[byte] {
                text += "\\\(letter)".utf8
            } else if byte == quote || byte == UInt8(ascii: "\\") {
                text += [UInt8(ascii: "\\"), byte]
            } else if (0x20...0x7e).contains(byte) {
                text.append(byte)
            } else {
                text += [UInt8(ascii: "\\")] + [byte >> 6, byte >> 3 & 7, byte & 7].map { $0 + UInt8(ascii: "0") }
            }
        }
        return text + [quote]
    }

    private static let untold = "# too many files differ\n"

    /// libgit2 holds every file that differs, however many there are.
    private func isComparable(_ old: ObjectID?, _ new: ObjectID) throws -> Bool {
        func tree(of commit: ObjectID) throws -> ObjectID {
            try reader.object(commit, as: .commit).bytes.withUnsafeBytes { try CommitHeader(parsing: $0).tree }
        }
        return try TreeDistance.isWithin(from: try old.map(tree), to: try tree(of: new), reader)
    }

    private func diff(from old: ObjectID?, to new: ObjectID, _ limits: PatchLimits) throws -> OpaquePointer? {
        let before = try old.map { try treeHandle(of: $0) } ?? nil
        defer { git_object_free(before) }
        let after = try treeHandle(of: new)
        defer { git_object_free(after) }
        var options = git_diff_options()
        try Libgit2.check(
            git_diff_options_init(&options, UInt32(GIT_DIFF_OPTIONS_VERSION)),
            while: "preparing a comparison"
        )
        options.max_size = git_off_t(limits.fileBytes)
        options.flags |= GIT_DIFF_INCLUDE_TYPECHANGE.rawValue
        var opened: OpaquePointer?
        try Libgit2.check(git_diff_tree_to_tree(&opened, pointer, before, after, &options), while: "comparing commits")
        return opened
    }

    private func filePatch(of diff: OpaquePointer, at index: Int) throws(Libgit2Error) -> [UInt8] {
        var opened: OpaquePointer?
        try Libgit2.check(git_patch_from_diff(&opened, diff, index), while: "comparing a file")
        guard let patch = opened else { return [] }
        defer { git_patch_free(patch) }
        var buffer = git_buf()
        defer { git_buf_dispose(&buffer) }
        try Libgit2.check(git_patch_to_buf(&buffer, patch), while: "writing a patch")
        guard let start = buffer.ptr else { return [] }
        return Array(UnsafeRawBufferPointer(start: start, count: buffer.size))
    }

    private func treeHandle(of commit: ObjectID) throws(Libgit2Error) -> OpaquePointer? {
        let object = try Libgit2Object(commit, GIT_OBJECT_COMMIT, in: self)
        var tree: OpaquePointer?
        try Libgit2.check(git_commit_tree(&tree, object.pointer), while: "reading the tree of \(commit)")
        return tree
    }
}
