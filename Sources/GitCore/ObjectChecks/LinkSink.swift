/// Receives the ids an object refers to, while the object is checked.
package protocol LinkSink {
    /// One reference, in stored order; the same object may come more than once.
    mutating func link(to oid: ObjectID, expecting type: ObjectType)
}

/// A sink for callers who only want the verdict.
package struct NoLinks: LinkSink {
    /// Makes one.
    package init() {}
    /// Forgets it.
    package mutating func link(to oid: ObjectID, expecting type: ObjectType) {}
}

/// Blobs that git gives a meaning, found by their names in trees.
///
/// Their contents have checks of their own.
package struct SpecialBlobs: Equatable, Sendable {
    /// Blobs called `.gitmodules`, in any spelling that a file system takes for it; see `GitmodulesCheck`.
    package var gitmodules: [ObjectID] = []
    /// Blobs called `.gitattributes`, likewise; see `GitattributesCheck`.
    package var gitattributes: [ObjectID] = []

    /// None.
    package init() {}

    /// Whether there are none.
    package var isEmpty: Bool { gitmodules.isEmpty && gitattributes.isEmpty }
}
