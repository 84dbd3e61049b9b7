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
        try await makeRoom(for: object, in: repository)
        try await withStore { try await store.put(object.oid, size: object.size, bytes: bytes) }
        try await settle(object, in: repository, by: actor)
    }

    /// Reserves room for an object that is about to come, where there is a quota: of several that come at once each counts.
    private func makeRoom(for object: LFSObject, in repository: RepositoryRecord) async throws {
        let now = environment.now()
        let isAsked = try await database.read { records in
            if let row = try records.lfsObject(repositoryID: repository.id, oid: object.oid.hex), row.removedAt == nil {
                return false
            }
            return try LFSAllowance(of: repository, at: now, in: records).isBounded
        }
        guard isAsked, let reason = try await reserve([object], in: repository, at: now)[object.oid] else { return }
        throw LFSFailure(status: 507, reason)
    }

    /// Gives a published object to a repository: right and quota are looked at again, and the row is made.
    ///
    /// When it may not have the object after all, and no other repository has it, the bytes go out of sight.
    /// - Parameter upload: the upload in parts that ends with it.
    func settle(
        _ object: LFSObject,
        in repository: RepositoryRecord,
        by actor: Actor,
        ending upload: RecordID? = nil
    ) async throws {
        do {
            try await give(object, to: repository, by: actor, ending: upload)
        } catch {
            // Of an error of the database nothing is known; the collection finds what was left behind.
            let isRefusal =
                (error as? HubError).map { [.notFound, .forbidden].contains($0.kind) } ?? (error is LFSFailure)
            if isRefusal { _ = try? await setAside(object.oid, size: object.size, at: environment.now()) }
            throw error
        }
    }

    private func give(
        _ object: LFSObject,
        to repository: RepositoryRecord,
        by actor: Actor,
        ending upload: RecordID?
    ) async throws {
        let now = environment.now()
        let wasCondemned = try await database.transaction { records in
            guard let record = try records.repository(id: repository.id),
                let actor = try TicketActor(actor).actor(in: record, at: now, records)
            else { throw HubError(.notFound, "The repository was not found.") }
            try records.authorize(actor, .writeRepository, record)
            if let refusal = try refusal(of: object, in: record, at: now, records) { throw refusal }
            let wasCondemned = try records.isLFSObjectCondemned(object.oid.hex)
            try records.insertLFSObject(
                LFSObjectRecord(repositoryID: record.id, oid: object.oid.hex, size: object.size, createdAt: now)
            )
            try records.releaseLFS(repositoryID: record.id, oid: object.oid.hex)
            if let upload { try records.deleteLFSUpload(id: upload) }
            return wasCondemned
        }
        guard wasCondemned else { return }
        try await bringBack(object.oid)
    }

    /// Puts the bytes of an object back in sight that garbage collection had set aside.
    func bringBack(_ oid: ObjectKey) async throws {
        try await withStore {
            if try await store.size(of: oid) == nil { _ = try await store.restore(oid) }
        }
    }

    /// Why a repository cannot take an object; nil when it can, or has it.
    private func refusal(
        of object: LFSObject,
        in repository: RepositoryRecord,
        at now: Timestamp,
        _ records: Records
    ) throws -> LFSFailure? {
        let oid = object.oid.hex
        if let row = try records.lfsObject(repositoryID: repository.id, oid: oid), row.removedAt == nil { return nil }
        let reserved = try records.lfsReservations(repositoryID: repository.id, oids: [oid], at: now)
        guard reserved[oid] != object.size else { return nil }
        var allowance = try LFSAllowance(of: repository, at: now, in: records)
        return allowance.take(object.size).map { LFSFailure(status: 507, $0) }
    }

    private static func check(_ contentLength: Int64?, _ size: Int64) throws(LFSFailure) {
        guard let contentLength, contentLength != size else { return }
        throw LFSFailure(status: 400, "The request has \(contentLength) bytes; \(size) are expected.")
    }
}
