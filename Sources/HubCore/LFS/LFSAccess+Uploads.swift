import Access
package import LFS
import Metadata
package import ObjectStore

extension LFSAccess {
    /// Takes the bytes of the object, or of the part, that a ticket is for.
    ///
    /// - Parameters:
    ///   - contentLength: how many bytes the request says it has; nil when it does not say.
    ///   - bytes: may be left unread when the upload is refused.
    /// - Returns: the entity tag of a part; nil for a whole object.
    /// - Throws: `LFSFailure` 400 for other bytes than the ticket is for, 507 over the quota or out of room.
    package func upload(
        _ action: AdmittedAction,
        contentLength: Int64?,
        bytes: ByteSourceLike
    ) async throws -> String? {
        switch action.ticket.verb {
        case .upload:
            try Self.check(contentLength, action.object.size)
            try await receive(action.object, in: action.repository, by: action.actor, bytes: bytes)
            return nil
        case .part(let upload, let number, let size):
            try Self.check(contentLength, size)
            return try await receivePart(number, size, of: upload, action, bytes)
        case .download, .verify, .verifyDirect, .complete:
            throw Self.otherVerb
        }
    }

    /// Says whether the repository has the object with this size, which the client asks after its upload.
    ///
    /// For an object that the client was to send to the store itself, this is where the repository gets it.
    /// - Throws: `LFSFailure` 404, or 409 for another size; 507 over the quota.
    package func verify(_ action: AdmittedAction, _ object: LFSObject) async throws {
        guard object.oid == action.object.oid else { throw Self.otherVerb }
        switch action.ticket.verb {
        case .verify: break
        case .verifyDirect(let staging):
            if object.size == action.object.size { try await takeDirect(action, staging) }
        case .download, .upload, .part, .complete: throw Self.otherVerb
        }
        try await verify(object, in: action.repository)
    }

    /// Gives an object to the repository that was sent to the store itself, once it is proven to be the one.
    ///
    /// What was sent to that one place counts, and nothing else that the store has: otherwise whoever knows an oid could
    /// skip the upload and be given another repository's object.
    private func takeDirect(_ action: AdmittedAction, _ staging: StagingID) async throws {
        let (object, repository) = (action.object, action.repository)
        let now = environment.now()
        let (isThere, obstacle) = try await database.read { records in
            let row = try records.lfsObject(repositoryID: repository.id, oid: object.oid.hex)
            let obstacle = try refusal(of: object, in: repository, at: now, records)
            return (row.map { $0.removedAt == nil } ?? false, obstacle)
        }
        // Asked again after a lost answer.
        guard !isThere else { return }
        if let obstacle { throw obstacle }
        let isProven = try await withStore {
            try await store.verifyDirectUpload(object.oid, size: object.size, staging: staging)
        }
        guard isProven else { return }
        try await settle(object, in: repository, by: action.actor)
    }

    /// Says whether a repository has an object with this size.
    func verify(_ object: LFSObject, in repository: RepositoryRecord) async throws {
        let row = try await database.read { try $0.lfsObject(repositoryID: repository.id, oid: object.oid.hex) }
        guard let row, row.removedAt == nil else { throw Self.missing }
        guard row.size == object.size else {
            throw LFSFailure(status: 409, "The object has \(row.size) bytes in this repository, not \(object.size).")
        }
    }

    /// Streams an object into the store, and gives it to a repository once it is published.
    ///
    /// The bytes are taken and hashed also when the store has them already: whoever sends them proves to have them.
    func receive(
        _ object: LFSObject,
        in repository: RepositoryRecord,
        by actor: Actor,
        bytes: ByteSourceLike
    ) async throws {
        // Refused before the body is read rather than behind it; the transaction at the end looks again.
        try await makeRoom(for: object, in: repository, by: actor)
        try await withStore { try await store.put(object.oid, size: object.size, bytes: bytes) }
        try await settle(object, in: repository, by: actor)
    }

    /// Reserves room for an object that is about to come, where there is a quota: of several that come at once each counts.
    private func makeRoom(for object: LFSObject, in repository: RepositoryRecord, by actor: Actor) async throws {
        let now = environment.now()
        let isAsked = try await database.read { records in
            if let row = try records.lfsObject(repositoryID: repository.id, oid: object.oid.hex), row.removedAt == nil {
                return false
            }
            return try LFSAllowance(of: repository, at: now, in: records).isBounded
        }
        guard isAsked else { return }
        let refusals = try await reserve([object], in: repository, by: actor, at: now)
        if let reason = refusals[object.oid] { throw LFSFailure(status: 507, reason) }
    }

    private static func check(_ contentLength: Int64?, _ size: Int64) throws(LFSFailure) {
        guard let contentLength, contentLength != size else { return }
        throw LFSFailure(status: 400, "The request has \(contentLength) bytes; \(size) are expected.")
    }
}
