/// What a walk over history needs of a commit.
///
/// Lenient about identities, because old repositories hold strange ones; `ObjectChecker.checkCommit` is the strict reader.
package struct CommitHeader: Equatable, Sendable {
    /// The root directory.
    package var tree: ObjectID
    /// The parents in stored order.
    package var parents: [ObjectID]
    /// Seconds since 1970 of the committer; 0 when the line is missing or unreadable.
    package var committerTime: Int64

    /// Reads the content of a commit object.
    ///
    /// - Throws: `missingTree`, `badTreeSha1` or `badParentSha1`.
    package init(parsing bytes: UnsafeRawBufferPointer) throws(ObjectError) {
        var cursor = HeaderCursor(bytes)
        guard cursor.skip("tree ") else { throw .missingTree }
        guard let tree = cursor.objectIDLine() else { throw .badTreeSha1 }
        self.tree = tree
        parents = []
        while cursor.skip("parent ") {
            guard let parent = cursor.objectIDLine() else { throw .badParentSha1 }
            parents.append(parent)
        }
        committerTime = Self.committerTime(in: &cursor)
    }

    /// Looks for the committer among the lines up to the first empty one.
    private static func committerTime(in cursor: inout HeaderCursor) -> Int64 {
        while !cursor.skip("committer ") {
            guard let line = cursor.line(), !line.isEmpty else { return 0 }
        }
        guard let line = cursor.line(), let bracket = line.lastIndex(of: UInt8(ascii: ">")) else { return 0 }
        var date = HeaderCursor(line, at: bracket + 1)
        while date.skip(UInt8(ascii: " ")) {}
        return date.decimal().value ?? 0
    }
}
