package import Access
package import Metadata

/// What the repository use cases need of the file system and of git; `GitAccess` fulfils it.
package protocol RepositoryStorage: Sendable {
    /// Makes the bare repository of `id`, empty, durable when it returns.
    func createDirectory(for id: RecordID) async throws
    /// Removes all files of `id`; nothing there is no error.
    func removeDirectory(for id: RecordID) async throws
    /// Brings the files that copy the refs and `HEAD` up to date; they decide nothing, so a failure is only logged.
    func copyRefs(of id: RecordID) async
    /// Makes the first commit on the repository's default branch, with the `.gitattributes` that its type wants.
    ///
    /// - Parameters:
    ///   - author: the name that goes into the commit.
    ///   - sdk: what a space runs on, for its README; nil for no README.
    func writeInitialCommit(to record: RepositoryRecord, author: Actor, sdk: String?) async throws
}
