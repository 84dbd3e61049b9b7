/// What is wrong with a file that only makes answers cheaper: `.bitmap` or commit-graph.
///
/// Whoever meets one does without the file.
package enum ReachabilityError: Error, Equatable, Sendable {
    /// Not git's format, cut off, or in contradiction with itself or its pack; the text says where.
    case malformed(String)
    /// A version or a hash function that is not supported.
    case unsupported(String)
    /// The pack refers to an object that lies outside, so that no bitmap over it can be complete.
    case open(ObjectID)
}
