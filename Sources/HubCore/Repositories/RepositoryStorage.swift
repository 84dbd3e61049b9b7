package import Access
package import Metadata

/// What the repository use cases need of the file system and of git; `GitAccess` fulfils it.
package protocol RepositoryStorage: Sendable {
    /// Makes the bare repository of `id`, empty, durable when it returns.
    func createDirectory(for id: RecordID) async throws
    /// Removes all files of `id`; nothing there is no error.
    func removeDirectory(for id: RecordID) async throws
    /// Makes the first commit on the repository's default branch, with the `.gitattributes` that its type wants.
    ///
    /// - Parameter author: the name that goes into the commit.
    func writeInitialCommit(to record: RepositoryRecord, author: String) async throws
}
