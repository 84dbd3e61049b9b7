import Access
import LFS
import Metadata
package import ObjectStore
package import Xet

extension XetAccess {
    /// Takes a xorb: published, once each of its chunks is proven, and known to the caller's scope.
    ///
    /// One that the scope knows is not read again. One that only others know is: whoever sends it proves to have it.
    /// - Parameter length: bytes as the request says; nil when it does not say.
    /// - Returns: whether it was unknown to the scope.
    /// - Throws: `XetFailure` 400 for what is not the xorb of this hash, 403, 413; `LFSFailure` 507.
    package func upload(
        _ hash: XetHash,
        length: Int64?,
        bytes: ByteSourceLike,
        by caller: Caller
    ) async throws -> Bool {
        try caller.requireWriting()
        let limit = Int64(XorbLimits.standard.storedLength)
        guard length ?? 0 <= limit else { throw XetFailure(status: 413, "A xorb has at most \(limit) bytes.") }
        guard try await isNew(hash, length ?? limit, to: caller) else { return false }
        let outcome = CheckedXorb.Outcome()
        let checked = CheckedXorb(bytes, hash: hash, outcome: outcome)
        let (oid, size): (ObjectKey, Int64)
        do {
            (oid, size) = try await lfs.withStore { try await storage.store.putUnnamed(upTo: limit, bytes: checked) }
        } catch let failure as LFSFailure {
            throw XetFailure(failure)
        }
        guard let summary = outcome.summary else { throw XetFailure(status: 400, "The xorb was cut off.") }
        try await settle(summary, oid, size, by: caller)
        return true
    }

    /// Whether a scope does not know a xorb, and its repository has room for more.
    func isNew(_ hash: XetHash, _ length: Int64, to caller: Caller) async throws -> Bool {
        let now = environment.now()
        let text = hash.description
        let isKnown = try await database.read { records in
            if try records.xorbPlaces([text], in: caller.scope)[text] != nil { return true }
            // What a file takes is counted when it is registered. Until then what was sent counts, so that nobody fills
            // the disk with what is in no file.
            var allowance = try LFSAllowance(of: caller.repository, at: now, in: records)
            if let reason = allowance.take(length) { throw XetFailure(status: 507, reason) }
            return false
        }
        guard isKnown else { return true }
        try await touch([hash], at: now)
        return false
    }

    /// Remembers a xorb that was published, unless its sender may not write any more.
    func settle(_ summary: XorbSummary, _ oid: ObjectKey, _ size: Int64, by caller: Caller) async throws {
        let now = environment.now()
        let record = XorbRecord(
            hash: summary.hash.description,
            oid: oid.hex,
            storedBytes: Int64(summary.storedLength),
            rawBytes: Int64(summary.index.rawLength),
            chunks: Int64(summary.index.count),
            chunkIndex: summary.index.packed,
            createdAt: now,
            usedAt: now
        )
        let (isOurs, isCondemned) = try await database.transaction { records in
            try caller.authorize(at: now, records)
            try records.insertXorb(record)
            try records.admitXorb(record.hash, to: caller.scope)
            try records.noteXorbUpload(record.hash, to: caller.repository.id, size: record.storedBytes)
            let known = try records.xorbs([record.hash])[record.hash]
            return (known?.oid == record.oid, try records.isLFSObjectCondemned(record.oid))
        }
        storage.forget(summary.hash)
        if isCondemned { try await secure(record, oid) }
        // The same chunks, compressed in another way: the first form stays.
        if !isOurs { _ = try await lfs.setAside(oid, size: size, at: now) }
    }

    /// Sees to it that the bytes of a new row are there, which a collection has set aside, or is about to.
    private func secure(_ record: XorbRecord, _ oid: ObjectKey) async throws {
        try await lfs.bringBack(oid)
        guard try await lfs.withStore({ try await storage.store.size(of: oid) }) == nil else { return }
        _ = try await database.transaction { try $0.deleteUnusedXorb(record.hash) }
        throw XetFailure(
            status: 503,
            "The xorb was removed by a garbage collection while it arrived. Send it again.",
            retryAfter: 1
        )
    }

    /// Bytes of a xorb as they are stored; nil unless the caller may build on it.
    ///
    /// Who only reads may not, and is not told what is in other repositories of the scope.
    package func storedLength(of hash: XetHash, for caller: Caller) async throws -> Int? {
        guard caller.mayWrite else { return nil }
        return try await storage.xorbs([hash], in: caller.scope)[hash]?.index.storedLength
    }
}

extension XetAccess.Caller {
    /// - Throws: `XetFailure` 403 for a token that is for reading.
    func requireWriting() throws {
        guard mayWrite else { throw XetFailure.readOnly }
    }

    /// Looks again, at the end of a long request, whether whoever holds the token still is somebody, and may write.
    func authorize(at moment: Timestamp, _ records: Records) throws {
        guard let now = try records.repository(id: repository.id),
            let actor = try TicketActor(actor).actor(in: now, at: moment, records)
        else { throw XetFailure.revoked }
        do {
            try records.authorize(actor, .writeRepository, now)
        } catch is HubError {
            throw XetFailure.revoked
        }
    }
}

extension XetFailure {
    /// What the store of large files could not do.
    init(_ failure: LFSFailure) {
        self.init(status: failure.status, failure.message, retryAfter: failure.retryAfter)
    }
}
