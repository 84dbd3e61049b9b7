import Access
import LFS
import Logging
import Metadata
import ObjectStore

/// How an object whose bytes are published becomes a repository's.
extension LFSAccess {
    /// Gives a published object to a repository: right and quota are looked at again, and the row is made.
    ///
    /// When it may not have the object after all, and no other repository has it, the bytes go out of sight.
    /// - Parameter upload: the upload in parts that ends with it, either way.
    func settle(
        _ object: LFSObject,
        in repository: RepositoryRecord,
        by actor: Actor,
        ending upload: LFSUploadRecord? = nil
    ) async throws {
        do {
            try await give(object, to: repository, by: actor, ending: upload)
        } catch {
            // Of an error of the database nothing is known; the collection finds what was left behind.
            if Self.isRefusal(error) { await takeBack(object, ending: upload) }
            throw error
        }
        if let upload { await abort(upload) }
    }

    private static func isRefusal(_ error: any Error) -> Bool {
        if let failure = error as? LFSFailure { return failure.status == 507 }
        guard let error = error as? HubError else { return false }
        return error.kind == .notFound || error.kind == .forbidden
    }

    /// Leaves nothing of an upload that was refused in the end; what fails here is left to the collection.
    private func takeBack(_ object: LFSObject, ending upload: LFSUploadRecord?) async {
        do {
            if let upload {
                _ = try await database.transaction { try $0.deleteLFSUpload(id: upload.id) }
                await abort(upload)
            }
            _ = try await setAside(object.oid, size: object.size, at: environment.now())
        } catch {
            let metadata: Logger.Metadata = ["oid": "\(object.oid)", "error": "\(error)"]
            logger.warning("the bytes of a refused upload stay until the next collection", metadata: metadata)
        }
    }

    private func give(
        _ object: LFSObject,
        to repository: RepositoryRecord,
        by actor: Actor,
        ending upload: LFSUploadRecord?
    ) async throws {
        let now = environment.now()
        let isCondemned = try await database.transaction { records in
            guard let record = try records.repository(id: repository.id),
                let actor = try TicketActor(actor).actor(in: record, at: now, records)
            else { throw HubError(.notFound, "The repository was not found.") }
            try records.authorize(actor, .writeRepository, record)
            // An open upload in parts has counted, so that there is room for what it brings.
            let hasCounted = try upload.map { try records.deleteLFSUpload(id: $0.id) } ?? false
            if !hasCounted, let refusal = try refusal(of: object, in: record, at: now, records) { throw refusal }
            try records.insertLFSObject(
                LFSObjectRecord(repositoryID: record.id, oid: object.oid.hex, size: object.size, createdAt: now)
            )
            try records.releaseLFS(repositoryID: record.id, oid: object.oid.hex)
            try enqueueChunking(of: object, at: now, records)
            return try records.isLFSObjectCondemned(object.oid.hex)
        }
        if isCondemned { try await secure(object, in: repository) }
    }

    /// Has the chunks of an object found, some time.
    private func enqueueChunking(of object: LFSObject, at now: Timestamp, _ records: Records) throws {
        guard settings.xetChunkedFrom > 0, object.size >= settings.xetChunkedFrom,
            try records.xetFile(oid: object.oid.hex) == nil
        else { return }
        let job = JobRequest(kind: XetAccess.chunkingKind, key: object.oid.hex, at: now)
        try records.enqueue(job, id: try environment.newID(), at: now)
    }

    /// Sees to it that the bytes of a new row are there, which a collection has set aside, or is about to.
    ///
    /// The collection looks for rows once more after it has moved the bytes, so it is enough that they are there now.
    /// - Throws: `LFSFailure` 503 when they were deleted meanwhile; then there is no row, and nothing was acknowledged.
    func secure(_ object: LFSObject, in repository: RepositoryRecord) async throws {
        try await bringBack(object.oid)
        guard try await withStore({ try await store.size(of: object.oid) }) == nil else { return }
        try await database.transaction { records in
            try records.forgetLFSObject(repositoryID: repository.id, oid: object.oid.hex)
        }
        throw LFSFailure(
            status: 503,
            "The object was removed by a garbage collection while it arrived. Send it again.",
            retryAfter: 1
        )
    }

    /// Puts the bytes of an object back in sight that garbage collection had set aside.
    func bringBack(_ oid: ObjectKey) async throws {
        try await withStore {
            if try await store.size(of: oid) == nil { _ = try await store.restore(oid) }
        }
    }

    /// Why a repository cannot take an object; nil when it can, or has it.
    func refusal(
        of object: LFSObject,
        in repository: RepositoryRecord,
        at now: Timestamp,
        _ records: Records
    ) throws -> LFSFailure? {
        let oid = object.oid.hex
        if let row = try records.lfsObject(repositoryID: repository.id, oid: oid), row.removedAt == nil { return nil }
        let reserved = try records.lfsReservations(repositoryID: repository.id, oids: [oid], at: now)
        var allowance = try LFSAllowance(of: repository, at: now, in: records)
        return allowance.take(object.size, beyond: reserved[oid]).map { LFSFailure(status: 507, $0) }
    }
}
