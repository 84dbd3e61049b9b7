import CLibgit2

extension Libgit2 {
    /// The version of the library that is loaded, such as "1.5.1"; it may be newer than the headers we were built with.
    package static var version: String {
        var (major, minor, revision): (Int32, Int32, Int32) = (0, 0, 0)
        git_libgit2_version(&major, &minor, &revision)
        return "\(major).\(minor).\(revision)"
    }
}
