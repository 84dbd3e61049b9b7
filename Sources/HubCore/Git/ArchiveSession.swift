package import Access
package import GitCore
import Metadata

/// One request for an archive by one actor; access was decided when it was opened.
package struct ArchiveSession: Sendable {
    let git: GitAccess
    let record: RepositoryRecord
    let repository: OpenRepository
    let actor: Actor
    let requestID: String

    /// Does all of `git-upload-archive`'s server side, over a channel whose other half may stay open.
    ///
    /// What is wrong with the request is answered in git's own language and is no error here.
    package func serve(input: ByteSource, to sink: any ByteSink) async throws {
        let work = GitWork(git: git, record: record, actor: actor, requestID: requestID)
        try await work.run("archive") {
            let archive = UploadArchive(
                repository: repository.files,
                snapshot: try await git.snapshot(of: record.id, repository),
                context: git.context,
                time: git.environment.now().microseconds / 1_000_000
            )
            return try await archive.serve(input: input, to: sink).map {
                GitWork.Outcome(objects: $0.entries, bytes: $0.bytes)
            }
        }
    }
}

extension GitAccess {
    /// Opens a repository for one request for an archive.
    ///
    /// - Parameter followsRename: whether a former address serves, too.
    /// - Throws: `HubError` as `Access` decides; `.moved` when it has another address now.
    package func openArchive(
        _ address: RepositoryAddress,
        actor: Actor,
        requestID: String,
        followsRename: Bool
    ) async throws -> ArchiveSession {
        let record = try await database.read {
            try $0.repository(at: address, action: .readContent, by: actor, followsRename: followsRename)
        }
        return ArchiveSession(
            git: self,
            record: record,
            repository: repository(of: record.id),
            actor: actor,
            requestID: requestID
        )
    }
}
