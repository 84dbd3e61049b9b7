package import Access
import LFS
import Metadata
package import ObjectStore

extension LFSAccess {
    /// Opens the object of a ticket.
    ///
    /// - Throws: `LFSFailure` 404 or 410.
    package func download(_ action: AdmittedAction) async throws -> LFSDownload {
        guard case .download = action.ticket.verb else { throw Self.otherVerb }
        return try await open(action.object.oid) { _ in action.repository.id }
    }

    /// Opens an object for an actor who comes with a login instead of a ticket.
    ///
    /// - Throws: `HubError` as `Access` decides; `LFSFailure` 404 or 410.
    package func object(
        _ address: RepositoryAddress,
        _ oid: ObjectKey,
        by actor: Actor,
        followsRename: Bool
    ) async throws -> LFSDownload {
        try await open(oid) { records in
            try records.repository(at: address, action: .readContent, by: actor, followsRename: followsRename).id
        }
    }

    /// A link to an object's bytes in the store itself; nil where they go through the hub.
    package func directDownload(of download: LFSDownload, fileName: String) async throws -> String? {
        try await withStore {
            try await store.directDownload(
                download.oid,
                expiresIn: lifetime(download.size),
                fileName: fileName
            )?.url
        }
    }

    /// Opens an object of the repository that `find` allows to be read.
    func open(
        _ oid: ObjectKey,
        in find: @Sendable (Records) throws -> RecordID
    ) async throws -> LFSDownload {
        let row = try await database.read { records in
            try records.lfsObject(repositoryID: try find(records), oid: oid.hex)
        }
        guard let row else { throw Self.missing }
        guard row.removedAt == nil else { throw Self.removed }
        return try await download(oid, size: row.size)
    }

    /// The way to an object's bytes, for who may read them.
    func download(_ oid: ObjectKey, size: Int64) async throws -> LFSDownload {
        let file = try await withStore { try await store.localFile(oid) }
        return LFSDownload(oid: oid, size: size, localFile: file, lfs: self)
    }

    /// A ticket of another kind than the request.
    static let otherVerb = LFSFailure(status: 403, "This link is for another request. Run the command again.")
}
