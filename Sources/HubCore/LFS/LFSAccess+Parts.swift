import Access
package import LFS
import Logging
import Metadata
import ObjectStore

extension LFSAccess {
    /// Uploads in parts that one repository may have open; who begins more has forgotten some.
    private static let openUploads = 1_000
    /// For how many seconds an upload in parts may go on.
    private static let uploadSeconds: Int64 = 7 * 86_400

    /// An upload that has less time left than this is not gone on with.
    private static let usefulSeconds: Int64 = 86_400

    /// Begins an upload in parts, which outlives a restart of the server; whoever has one open for the same object goes on
    /// with that, so that asking again and again fills no disk.
    ///
    /// - Throws: `LFSFailure` 429 when too many are open, 507 over the quota.
    func beginParts(
        _ object: LFSObject,
        _ plan: MultipartPlan,
        in repository: RepositoryRecord,
        by actor: Actor,
        at now: Timestamp
    ) async throws -> LFSUploadRecord {
        let open = try await database.read { try openUpload(object, in: repository, by: actor, at: now, $0) }
        if let open { return open }
        let name = try await withStore {
            try await store.beginMultipart(object.oid, size: object.size, partSize: plan.partSize)
        }
        let upload = LFSUploadRecord(
            id: try environment.newID(),
            repositoryID: repository.id,
            holder: Self.holder(actor),
            oid: object.oid.hex,
            size: object.size,
            partSize: plan.partSize,
            storeUpload: name,
            createdAt: now,
            expiresAt: now.adding(seconds: Self.uploadSeconds)
        )
        do {
            let counted = try await database.transaction { records in
                // Somebody with the same login may have been quicker.
                if let open = try openUpload(object, in: repository, by: actor, at: now, records) { return open }
                try count(upload, in: repository, at: now, records)
                return upload
            }
            if counted != upload { await abort(upload) }
            return counted
        } catch {
            await abort(upload)
            throw error
        }
    }

    /// Notes an upload that begins: from now on it counts for the quota, in place of what was reserved for the object.
    private func count(
        _ upload: LFSUploadRecord,
        in repository: RepositoryRecord,
        at now: Timestamp,
        _ records: Records
    ) throws {
        try checkOpenUploads(1, in: repository, records)
        var allowance = try LFSAllowance(of: repository, at: now, in: records)
        let reserved = try records.lfsReservations(repositoryID: repository.id, oids: [upload.oid], at: now)
        if let reason = allowance.take(upload.size, beyond: reserved[upload.oid]) {
            throw LFSFailure(status: 507, reason)
        }
        try records.releaseLFS(repositoryID: repository.id, oid: upload.oid)
        try records.insertLFSUpload(upload)
    }

    /// The upload that an actor has open for an object and can go on with.
    func openUpload(
        _ object: LFSObject,
        in repository: RepositoryRecord,
        by actor: Actor,
        at now: Timestamp,
        _ records: Records
    ) throws -> LFSUploadRecord? {
        guard let plan = MultipartPlan.usual(size: object.size) else { return nil }
        return try records.lfsUpload(
            repositoryID: repository.id,
            oid: object.oid.hex,
            size: object.size,
            partSize: plan.partSize,
            holder: Self.holder(actor),
            openAt: now.adding(seconds: Self.usefulSeconds)
        )
    }

    /// Nobody goes on with somebody else's upload: who is done first would end it for the other.
    private static func holder(_ actor: Actor) -> String {
        switch actor {
        case .user(let user): user.id.text
        case .key(let key): key.id.text
        case .anonymous, .operator: ""
        }
    }

    /// - Throws: `LFSFailure` 429 when so many more would be too many.
    func checkOpenUploads(_ count: Int, in repository: RepositoryRecord, _ records: Records) throws {
        guard try records.lfsUploadCount(repositoryID: repository.id) + count <= Self.openUploads else {
            throw LFSFailure(
                status: 429,
                "This repository has too many unfinished uploads. Finish them, or try again later.",
                retryAfter: 600
            )
        }
    }

    /// Takes one part.
    ///
    /// - Returns: its entity tag.
    func receivePart(
        _ number: Int,
        _ size: Int64,
        of id: String,
        _ action: AdmittedAction,
        _ bytes: ByteSourceLike
    ) async throws -> String {
        guard let upload = try await upload(id, action) else { throw Self.ended }
        return try await withStore {
            try await store.putPart(
                upload.storeUpload,
                key: action.object.oid,
                part: number,
                size: size,
                bytes: bytes
            )
        }
    }

    /// Puts the parts of a ticket's upload together, verifies the whole, and gives the object to the repository.
    ///
    /// Asked again after a lost answer, it answers as the first time.
    /// - Throws: `LFSFailure` 400 for parts that are missing or wrong, 403 when the upload has ended.
    package func complete(_ action: AdmittedAction, _ completion: MultipartCompletion) async throws {
        guard case .complete(let id) = action.ticket.verb, completion.oid == action.object.oid else {
            throw Self.otherVerb
        }
        guard let upload = try await upload(id, action) else {
            do {
                return try await verify(action.object, in: action.repository)
            } catch is LFSFailure {
                throw Self.ended
            }
        }
        let parts = completion.etags.enumerated().map { UploadedPart(number: $0 + 1, etag: $1) }
        try await withStore {
            try await store.completeMultipart(
                upload.storeUpload,
                key: action.object.oid,
                size: upload.size,
                parts: parts
            )
        }
        try await settle(action.object, in: action.repository, by: action.actor, ending: upload)
    }

    /// Gives up the uploads in parts whose time is over.
    ///
    /// - Returns: how many.
    @discardableResult
    func abortExpiredUploads(at now: Timestamp) async throws -> Int {
        var count = 0
        while true {
            let expired = try await database.read { try $0.expiredLFSUploads(at: now, limit: 100) }
            guard !expired.isEmpty else { return count }
            for upload in expired {
                try Task.checkCancellation()
                await abort(upload)
                _ = try await database.transaction { try $0.deleteLFSUpload(id: upload.id) }
                count += 1
            }
        }
    }

    /// What cannot be dropped now, the store's own sweep drops later.
    func abort(_ upload: LFSUploadRecord) async {
        guard let oid = ObjectKey(hex: upload.oid) else { return }
        do {
            try await store.abortMultipart(upload.storeUpload, key: oid)
        } catch {
            logger.warning("an upload's parts were not dropped", metadata: ["oid": "\(oid)", "error": "\(error)"])
        }
    }

    /// The upload of a ticket, if it is open and the ticket's.
    private func upload(_ id: String, _ action: AdmittedAction) async throws -> LFSUploadRecord? {
        guard let id = RecordID(id) else { return nil }
        let upload = try await database.read { try $0.lfsUpload(id: id) }
        guard let upload, upload.repositoryID == action.repository.id, upload.oid == action.object.oid.hex,
            upload.size == action.object.size
        else { return nil }
        return upload
    }

    private static let ended = LFSFailure(
        status: 403,
        "This upload has ended. Run the command again to begin a new one."
    )
}
