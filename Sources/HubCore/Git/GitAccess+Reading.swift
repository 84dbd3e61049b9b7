package import Access
package import GitCore
import Metadata

extension GitAccess {
    /// Commits reachable from a revision, youngest first.
    ///
    /// - Parameters:
    ///   - revision: a branch, tag, full ref name or full commit id; nil for the default branch.
    ///   - limit: at most so many.
    /// - Throws: `HubError.notFound` when there is no such repository or revision.
    package func log(
        _ address: RepositoryAddress,
        revision: String?,
        limit: Int,
        by actor: Actor
    ) async throws -> [CommitSummary] {
        try await reading(address, actor) { repository, resolve in
            try repository.log(from: try resolve(revision), limit: limit).commits
        }
    }

    /// The entries of a directory at a revision.
    ///
    /// - Parameter path: from the root, components separated by slashes; empty for the root.
    package func directory(
        _ address: RepositoryAddress,
        revision: String?,
        path: String,
        by actor: Actor
    ) async throws -> [DirectoryEntry] {
        try await reading(address, actor) { repository, resolve in
            guard let entries = try repository.directory(Self.components(path), of: try resolve(revision)) else {
                throw HubError(.notFound, "There is no such directory at this revision.", subject: .entry)
            }
            return entries
        }
    }

    /// The content of a file at a revision.
    ///
    /// - Throws: `HubError.tooLarge` when it has more than `limit` bytes.
    package func file(
        _ address: RepositoryAddress,
        revision: String?,
        path: String,
        limit: Int,
        by actor: Actor
    ) async throws -> [UInt8] {
        try await reading(address, actor) { repository, resolve in
            guard let entry = try repository.entry(Self.components(path), of: try resolve(revision)), entry.size != nil
            else { throw HubError(.notFound, "There is no such file at this revision.", subject: .entry) }
            guard let content = try repository.blob(entry.oid, limit: limit) else {
                throw HubError(.tooLarge, "The file has more than \(limit) bytes.")
            }
            return content
        }
    }

    /// The files that a revision changes compared with where it left another: `git diff one...other`.
    package func changes(
        _ address: RepositoryAddress,
        from one: String,
        to other: String,
        limit: Int,
        by actor: Actor
    ) async throws -> [FileChange] {
        try await reading(address, actor) { repository, resolve in
            let (left, right) = (try resolve(one), try resolve(other))
            return try repository.changes(from: try repository.mergeBase(left, right), to: right, limit: limit)
        }
    }

    private func reading<T: Sendable>(
        _ address: RepositoryAddress,
        _ actor: Actor,
        _ body: @Sendable (Libgit2Repository, (String?) throws -> ObjectID) throws -> T
    ) async throws -> T {
        let record = try await database.read {
            try $0.repository(at: address, action: .readContent, by: actor)
        }
        let open = repository(of: record.id)
        let snapshot = try await snapshot(of: record.id, open).visible()
        return try await onExecutor {
            let reader = try ObjectReader(open.files.packs.current())
            let revisions = Revisions(snapshot: snapshot, reader: reader)
            return try body(try Libgit2Repository(reader)) { try revisions.commit($0) }
        }
    }

    private static func components(_ path: String) -> [[UInt8]] {
        path.utf8.split(separator: UInt8(ascii: "/")).map(Array.init)
    }
}
