import Metadata
import ObjectStore
import Xet

/// Writes xorbs anew of which little is in use, with that alone, so that the rest can go.
///
/// The old xorb is then in no file, and goes like all unused ones. Whoever reads a file meanwhile still finds it: it stays for
/// `readingSeconds` more. One for each run, since it remembers the terms of files that it has read.
struct XorbRewriting: ~Copyable {
    private let database: Database
    private let storage: XorbStorage
    private let lfs: LFSAccess
    let before: Timestamp
    private var files = FilesOfChunks()
    /// Whether whole files that nobody has any more are worth the work, by their oid.
    private var verdicts: [String: Bool] = [:]

    /// For so long a xorb that was written anew is kept for those who are reading it.
    private static let readingSeconds: Int64 = 86_400

    /// Files that are made of one xorb: with more it is left as it is.
    static let mostFiles = 1_000
    /// Bytes of their terms, likewise.
    static let mostTermBytes = 32 << 20

    /// - Parameter before: xorbs that were used since are left alone: somebody may be building on them.
    init(_ database: Database, _ storage: XorbStorage, _ lfs: LFSAccess, before: Timestamp) {
        self.database = database
        self.storage = storage
        self.lfs = lfs
        self.before = before
    }

    /// A xorb that is worth it: which of its chunks stay, and what is made of it.
    struct Candidate {
        let record: XorbRecord
        let xorb: XorbStorage.Xorb
        let users: [XetFileRecord]
        /// The chunks that some file uses: ascending stretches that do not touch.
        let live: [Range<Int>]
    }

    /// Looks whether a xorb is worth it; one that is not is not looked at again until it loses another file.
    mutating func candidate(_ record: XorbRecord, isDryRun: Bool) async throws -> Candidate? {
        let xorb = try XorbStorage.Xorb(record)
        guard let users = try await users(of: record.hash) else { return nil }
        let live = try files.stretches(of: xorb.hash, in: users)
        let isWorthIt =
            record.rawOffset == nil
            ? try Self.isMostlyDead(xorb.index, live)
            : try await isWorthIt(record.oid)
        guard isWorthIt, !live.isEmpty else {
            if !isDryRun { try await database.transaction { try $0.forgetLoss(ofXorb: record.hash) } }
            return nil
        }
        return Candidate(record: record, xorb: xorb, users: users, live: live)
    }

    private static func isMostlyDead(_ index: XorbIndex, _ live: [Range<Int>]) throws -> Bool {
        2 * live.reduce(0) { $0 + (index.storedBytes(of: $1)?.count ?? 0) } < index.storedLength
    }

    /// A whole file goes only when nothing of it is in use: it is worth it when little is, over all its stretches.
    ///
    /// Stretches that are in no file may be forgotten already, so its size is asked of the store.
    private mutating func isWorthIt(_ oid: String) async throws -> Bool {
        if let verdict = verdicts[oid] { return verdict }
        guard let key = ObjectKey(hex: oid) else { return false }
        let storage = storage
        let size = try await lfs.withStore { try await storage.store.size(of: key) } ?? 0
        var live: Int64 = 0
        for record in try await database.read({ try $0.xorbs(oid: oid) }) {
            let xorb = try XorbStorage.Xorb(record)
            guard let users = try await users(of: record.hash) else { return false }
            for stretch in try files.stretches(of: xorb.hash, in: users) {
                live += Int64(xorb.index.rawLength(of: stretch) ?? 0)
            }
        }
        let verdict = 2 * live < size
        if verdicts.count >= 10_000 { verdicts.removeAll() }
        verdicts[oid] = verdict
        return verdict
    }

    /// The files that are made of a xorb; nil when there are too many.
    private func users(of hash: String) async throws -> [XetFileRecord]? {
        var (users, bytes, last) = ([XetFileRecord](), 0, "")
        while true {
            let after = last
            let page = try await database.read { try $0.xetFiles(withXorb: hash, after: after, limit: 10) }
            guard let end = page.last else { return users }
            users += page
            bytes += page.reduce(0) { $0 + $1.terms.count }
            guard users.count <= Self.mostFiles, bytes <= Self.mostTermBytes else { return nil }
            last = end.hash
        }
    }

    /// Writes what is in use of a xorb as another, and makes its files of that.
    ///
    /// - Returns: bytes of the new xorb; nil when somebody came in between, so that it has to wait for the next time.
    mutating func rewrite(_ candidate: Candidate, at now: Timestamp) async throws -> Int64? {
        // Their terms are about to be others.
        for file in candidate.users { self.files.forget(file.hash) }
        let index = try candidate.newIndex()
        let record = candidate.record
        let files = try candidate.users.map { file in
            (hash: file.hash, terms: file.terms, newTerms: try candidate.moved(file, to: index.hash))
        }
        let (xorb, live, storage, before) = (candidate.xorb, candidate.live, storage, before)
        let checked = CheckedXorb(
            Stretches(live.compactMap { xorb.index.storedBytes(of: $0) }) { try await storage.serialized(xorb, $0) },
            hash: index.hash
        )
        let (oid, size) = try await lfs.withStore {
            try await storage.store.putUnnamed(upTo: Int64(XorbLimits.standard.storedLength), bytes: checked)
        }
        let new = XorbRecord(
            hash: index.hash.description,
            oid: oid.hex,
            storedBytes: Int64(index.storedLength),
            rawBytes: Int64(index.rawLength),
            chunks: Int64(index.count),
            chunkIndex: index.packed,
            createdAt: now,
            usedAt: record.usedAt
        )
        // The hash says nothing of where the bytes lie: what is in use as a whole stays the same xorb.
        let isMove = index.hash == xorb.hash
        let chunks = Set(index.entries.map(\.hash.description))
        let isReplaced: Bool
        do {
            isReplaced = try await database.transaction { records in
                // A collection that runs beside this one may have taken the bytes away already.
                guard try !records.isLFSObjectCondemned(new.oid) else { throw Self.overtaken }
                guard !isMove else {
                    guard try records.moveXorb(record, to: new.oid, unusedSince: before) else { throw Self.overtaken }
                    return true
                }
                guard
                    try records.replaceXorb(
                        record.hash,
                        by: new,
                        in: files,
                        chunks: chunks,
                        unusedSince: before,
                        reading: before.adding(seconds: Self.readingSeconds)
                    )
                else { throw Self.overtaken }
                return try records.xorbs([new.hash])[new.hash]?.oid == new.oid
            }
        } catch let error as HubError where error == Self.overtaken {
            _ = try await lfs.setAside(oid, size: size, at: now)
            return nil
        }
        storage.forget(index.hash)
        // The same chunks were there already, in another form: that stays.
        if !isReplaced { _ = try await lfs.setAside(oid, size: size, at: now) }
        return Int64(index.storedLength)
    }

    /// Undoes the transaction.
    private static let overtaken = HubError(.conflict, "The xorb was used meanwhile.")
}
