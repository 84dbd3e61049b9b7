package import Access
package import LFS
import Metadata
import ObjectStore

extension LFSAccess {
    /// Says for each object of a batch where to get it or send it, or why not.
    ///
    /// The cost is that of the objects asked for. Nothing in the answer depends on what other repositories have.
    /// - Parameters:
    ///   - links: where the routes of this repository are.
    ///   - followsRename: whether a former address serves, too.
    /// - Throws: `HubError` as `Access` decides; `LFSFailure` for too many uploads at once.
    package func batch(
        _ address: RepositoryAddress,
        _ request: BatchRequest,
        by actor: Actor,
        links: LFSLinks,
        followsRename: Bool
    ) async throws -> BatchAnswer {
        let objects = request.entries.compactMap(\.object)
        let now = environment.now()
        let (repository, rows, isBounded) = try await database.read { records in
            let repository = try records.repository(
                at: address,
                action: request.operation.action,
                by: actor,
                followsRename: followsRename
            )
            let rows = try records.lfsObjects(repositoryID: repository.id, oids: Set(objects.map(\.oid.hex)))
            let isUpload = request.operation == .upload
            let isBounded = try isUpload && LFSAllowance(of: repository, at: now, in: records).isBounded
            return (repository, rows, isBounded)
        }
        let offers = try LFSOffers(lfs: self, repository: repository, actor: actor, links: links, now: now)
        switch request.operation {
        case .download:
            return BatchAnswer(transfer: .basic, entries: try await offers.downloads(request.entries, rows))
        case .upload:
            let new = objects.filter { Self.presence(of: $0, in: rows) == .absent }
            if let xet = links.xet, TransferAdapter.choose(asked: request.transfers, offered: [.xet]) == .xet {
                let entries = try await offers.chunkedUploads(request.entries, rows, xet)
                return BatchAnswer(transfer: .xet, entries: entries)
            }
            let takesParts = TransferAdapter.choose(asked: request.transfers, offered: [.multipart]) == .multipart
            let large = Set(takesParts ? new.filter { $0.size > settings.lfsMultipartBytes } : [])
            let refusals = isBounded ? try await reserve(new, in: repository, by: actor, inParts: large, at: now) : [:]
            let inParts = large.filter { refusals[$0.oid] == nil }
            if !inParts.isEmpty { try await checkParts(of: inParts, in: repository, by: actor, at: now) }
            let entries = try await offers.uploads(request.entries, rows, refusals, inParts: inParts)
            return BatchAnswer(transfer: inParts.isEmpty ? .basic : .multipart, entries: entries)
        }
    }

    /// Parts in one answer, about 440 bytes of URL each.
    private static let partsPerBatch = 20_000

    /// Refuses a batch that asks for more parts than one answer should hold, or more uploads than may be open, before any
    /// is begun.
    private func checkParts(
        of objects: Set<LFSObject>,
        in repository: RepositoryRecord,
        by actor: Actor,
        at now: Timestamp
    ) async throws {
        let plans = objects.compactMap { object in
            MultipartPlan.usual(size: object.size).map { (object: object, plan: $0) }
        }
        let parts = plans.reduce(0) { $0 + Int($1.plan.partCount) }
        guard parts <= Self.partsPerBatch else {
            throw LFSFailure(
                status: 413,
                "These objects need \(parts) parts; at most \(Self.partsPerBatch) are given at once. Send fewer objects."
            )
        }
        let isNew = try await database.read { records in
            try plans.map { try openUpload($0.object, in: repository, by: actor, at: now, records) == nil }
        }
        let count = isNew.count { $0 }
        try await database.read { try checkOpenUploads(count, in: repository, $0) }
    }

    /// What a repository knows of an object.
    enum Presence: Equatable {
        case present
        case absent
        case removed
        /// It has the object with another size, so somebody is wrong.
        case otherSize(Int64)
    }

    /// What the rows of a repository say about an object; one that was removed may be sent again.
    static func presence(
        of object: LFSObject,
        in rows: [String: LFSObjectRecord],
        forDownload: Bool = false
    ) -> Presence {
        guard let row = rows[object.oid.hex] else { return .absent }
        guard row.removedAt == nil else { return forDownload ? .removed : .absent }
        return row.size == object.size ? .present : .otherSize(row.size)
    }

    /// Reserves room for objects that are to come, for as long as their actions are good and the bytes may take.
    ///
    /// - Parameter large: those that will come in parts. An upload in parts that the actor has open has its room already.
    /// - Returns: for those that do not fit, why.
    func reserve(
        _ objects: [LFSObject],
        in repository: RepositoryRecord,
        by actor: Actor,
        inParts large: Set<LFSObject> = [],
        at now: Timestamp
    ) async throws -> [ObjectKey: String] {
        try await database.transaction { records in
            try records.dropExpiredLFSReservations(at: now)
            var allowance = try LFSAllowance(of: repository, at: now, in: records)
            let oids = Set(objects.map(\.oid.hex))
            let reserved = try records.lfsReservations(repositoryID: repository.id, oids: oids, at: now)
            var refusals: [ObjectKey: String] = [:]
            var done: Set<ObjectKey> = []
            for object in objects where done.insert(object.oid).inserted {
                if large.contains(object), try openUpload(object, in: repository, by: actor, at: now, records) != nil {
                    continue
                }
                if let reason = allowance.take(object.size, beyond: reserved[object.oid.hex]) {
                    refusals[object.oid] = reason
                    continue
                }
                try records.reserveLFS(
                    repositoryID: repository.id,
                    oid: object.oid.hex,
                    size: object.size,
                    until: now.adding(seconds: Int64(lifetime(object.size)) + Self.transferSeconds(object.size))
                )
            }
            return refusals
        }
    }

    /// How long the bytes of an object may take to arrive, generously.
    private static func transferSeconds(_ size: Int64) -> Int64 {
        900 + (size >> 20)
    }
}

extension BatchRequest.Entry {
    /// The object; nil for an entry that cannot be one.
    var object: LFSObject? {
        switch self {
        case .object(let object): object
        case .invalid: nil
        }
    }
}
