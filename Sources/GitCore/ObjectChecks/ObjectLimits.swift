/// How large the parts of one object may be: `GitLimits.objectParts`.
package struct ObjectLimits: Sendable, Equatable {
    /// Entries of one tree.
    package var treeEntries = 1_000_000
    /// Bytes of one name in a tree.
    package var nameBytes = 4_096
    /// Parents of one commit.
    package var parents = 1_024
    /// Bytes behind the header of a commit or tag.
    package var messageBytes = 8 << 20
    /// Bytes of a `.gitmodules` blob.
    package var gitmodulesBytes = 64 << 10
    /// Bytes of a `.gitattributes` blob.
    package var gitattributesBytes: Int64 = 100 << 20
    /// A line of a `.gitattributes` blob has fewer bytes than this, its newline not counted.
    package var gitattributesLineBytes = 2_048

    /// The defaults.
    package static let standard = ObjectLimits()

    /// The defaults.
    package init() {}
}
