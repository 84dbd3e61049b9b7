import GitCore
package import Metadata

extension GitAccess {
    /// Reads everything that is stored of a repository again; what is wrong, a sentence each.
    package func fsck(_ record: RepositoryRecord) async throws -> [String] {
        let repository = repository(of: record.id)
        let snapshot = try await snapshot(of: record.id, repository)
        return try await onExecutor { try RepositoryCheck(repository.files, snapshot).findings() }
    }
}
