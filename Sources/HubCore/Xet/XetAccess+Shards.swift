import Access
import LFS
import Metadata
import NIOCore
import ObjectStore
import OpenSSLKit
package import Xet

extension XetAccess {
    /// How far a registration is.
    package enum Progress: Sendable, Equatable {
        /// Files that were proven, of all.
        case validating(verified: Int, total: Int)
        /// The records are being written.
        case committing
    }

    /// Registers files, all or none: each becomes an object of the caller's repository.
    ///
    /// Nothing that the shard says is believed. The chunks of its xorbs are compared with those that are stored; that the
    /// caller had the chunks of each term is proven by their verification hash; the file's hash is computed from its chunks,
    /// and its SHA-256 by putting it together.
    /// - Parameter observe: told how far it is.
    /// - Throws: `XetFailure` 400 for what is not true, 403, 507.
    package func register(
        _ shard: UploadShard,
        by caller: Caller,
        observe: @Sendable (Progress) async throws -> Void = { _ in }
    ) async throws {
        try caller.requireWriting()
        try await checkNames(in: shard, caller.scope)
        for xorb in shard.xorbs { try await check(xorb) }
        var checked: [CheckedFile] = []
        for file in shard.files { checked.append(try await check(file)) }
        // Before content is read, which takes far longer than all else.
        try await checkRoom(for: checked, caller)
        var proven: [ProvenFile] = []
        for (number, file) in checked.enumerated() {
            try await observe(.validating(verified: number, total: checked.count))
            proven.append(try await prove(file))
        }
        try await observe(.validating(verified: checked.count, total: checked.count))
        try await observe(.committing)
        try await commit(proven, shard.xorbs.flatMap(\.candidates), by: caller)
    }

    /// Whether a caller may register files at all.
    ///
    /// - Throws: `XetFailure` 403.
    package func checkRegistering(by caller: Caller) throws { try caller.requireWriting() }

    /// Runs the work on a shard of so many bytes: large ones take memory, so there are few at a time.
    ///
    /// - Parameter client: as whom the caller is counted.
    /// - Throws: `HubError.unavailable` when there are enough; clients come again.
    package func withRoom(forShardOf length: Int, as client: String, _ body: () async throws -> Void) async throws {
        guard length > Self.smallShard else { return try await body() }
        // As it comes and as it is read, for a moment both.
        let weight = 3 * min(length, ShardLimits().bytes)
        try await room.take(weight, for: client, body)
    }

    private static let smallShard = 256 << 10

    /// A file whose terms are true.
    private struct CheckedFile: Sendable {
        let shard: ShardFile
        let terms: [FileTerm]
        let xorbs: Set<XetHash>
        let size: Int64
        /// The first chunk, by which clients that have the same file ask.
        let first: XetHash
    }

    /// A file of which everything is known to be true.
    private struct ProvenFile: Sendable {
        let record: XetFileRecord
        let object: LFSObject
        let xorbs: Set<String>
        /// The first chunk, and the xorb that has it.
        let first: (chunk: XetHash, xorb: XetHash)?
    }

    /// Makes sure that the scope may build on all xorbs that a shard names.
    private func checkNames(in shard: UploadShard, _ scope: String) async throws {
        var names = Set(shard.xorbs.map(\.hash))
        for file in shard.files { for term in file.terms { names.insert(term.xorb) } }
        let known = try await storage.known(names, in: scope)
        if let unknown = names.subtracting(known).min() { throw Self.unknown(unknown) }
    }

    private func check(_ xorb: ShardXorb) async throws {
        let known = try await self.known(xorb.hash)
        guard xorb.agrees(with: known.index) else {
            throw XetFailure(status: 400, "The shard was refused: the chunks of the xorb \(xorb.hash) are others.")
        }
    }

    private func known(_ hash: XetHash) async throws -> XorbStorage.Xorb {
        let found = try await storage.xorbs([hash])
        guard let xorb = found[hash] else { throw Self.unknown(hash) }
        return xorb
    }

    private func check(_ file: ShardFile) async throws -> CheckedFile {
        var tree = MerkleTree()
        var terms: [FileTerm] = []
        var first: XetHash?
        for term in file.terms {
            try Task.checkCancellation()
            let xorb = try await known(term.xorb)
            if let fault = term.fault(in: xorb.index) { throw Self.refusal(fault, of: term, in: file) }
            guard tree.count &+ UInt64(term.chunks.count) <= Self.mostChunks(in: tree.length &+ UInt64(term.rawLength))
            else { throw XetFailure(status: 400, "The shard was refused: the chunks of \(file.hash) are too small.") }
            guard tree.add(term.chunks, of: xorb.index),
                let kept = FileTerm(xorb: term.xorb, chunks: term.chunks, rawLength: Int(term.rawLength))
            else { throw Self.refusal(.missingChunks, of: term, in: file) }
            first = first ?? xorb.index.entries[term.chunks.lowerBound].hash
            terms.append(kept)
        }
        guard let first, let size = Int64(exactly: tree.length) else {
            throw XetFailure(status: 400, "The shard was refused: the file \(file.hash) has no chunks.")
        }
        guard tree.fileHash == file.hash else {
            throw XetFailure(
                status: 400,
                "The shard was refused: the hash of the file \(file.hash) is \(tree.fileHash)."
            )
        }
        return CheckedFile(shard: file, terms: terms, xorbs: Set(terms.map(\.xorb)), size: size, first: first)
    }

    /// Chunks that a file of this length has at most: clients cut none but the last under 8 KiB, and what is many times
    /// below that only costs time.
    private static func mostChunks(in length: UInt64) -> UInt64 { 64 + length / 1_024 }

    /// Whether a repository has room for files, as far as that can be told before their content is known.
    private func checkRoom(for files: [CheckedFile], _ caller: Caller) async throws {
        let now = environment.now()
        let repository = caller.repository
        let sizes = files.map { (hash: $0.shard.hash.description, size: $0.size) }
        let xorbs = files.reduce(into: Set<String>()) { $0.formUnion($1.xorbs.map(\.description)) }
        try await database.read { records in
            var allowance = try LFSAllowance(of: repository, at: now, in: records)
            guard allowance.isBounded else { return }
            // What was sent for these files has counted, so that there is room for what is made of it.
            var sent = try records.xorbUploads(among: xorbs, to: repository.id)
            for (hash, size) in sizes where try records.xetFile(hash: hash, repositoryID: repository.id) == nil {
                let counted = min(sent, size)
                sent -= counted
                if let reason = allowance.take(size, beyond: counted) { throw XetFailure(status: 507, reason) }
            }
        }
    }

    private func prove(_ file: CheckedFile) async throws -> ProvenFile {
        let hash = file.shard.hash
        let oid = try await oid(of: file.shard, file.terms, file.size)
        guard let key = ObjectKey(hex: oid), let object = LFSObject(oid: key, size: file.size) else {
            throw XetFailure(status: 400, "The shard was refused: the file \(hash) is too large.")
        }
        let record = XetFileRecord(
            hash: hash.description,
            oid: oid,
            size: file.size,
            terms: FileTerm.packed(file.terms),
            createdAt: environment.now()
        )
        let xorbs = Set(file.xorbs.map(\.description))
        let first = file.terms.first.map { (chunk: file.first, xorb: $0.xorb) }
        return ProvenFile(record: record, object: object, xorbs: xorbs, first: first)
    }

    /// The SHA-256 of a file, as it was proven before, or by putting it together now.
    private func oid(of file: ShardFile, _ terms: [FileTerm], _ size: Int64) async throws -> String {
        let (hash, now) = (file.hash.description, environment.now())
        let known = try await database.read { try $0.xetFile(hash: hash)?.oid } ?? digests.oid(of: file.hash, at: now)
        let oid = if let known { known } else { try await digest(of: file.hash, terms, size) }
        if known == nil { digests.keep(oid, of: file.hash, at: now) }
        guard file.sha256.map({ Hex.encode($0) == oid }) ?? true else {
            throw XetFailure(status: 400, "The shard was refused: the SHA-256 of the file \(hash) is \(oid).")
        }
        return oid
    }

    private func digest(of hash: XetHash, _ terms: [FileTerm], _ size: Int64) async throws -> String {
        guard let selection = TermSelection(of: terms, in: 0..<UInt64(size)) else {
            throw XetFailure(status: 400, "The shard was refused: the file \(hash) is empty.")
        }
        let digest = try SHA256Stream()
        for try await piece in ChunkedBytes(selection: selection, storage: storage) {
            try piece.withUnsafeReadableBytes { try digest.update($0) }
        }
        return Hex.encode(try digest.finalize())
    }

    /// Files, or chunks that may be asked for, that are written at once: others wait for as long.
    private static let rowsAtOnce = 2_000

    /// Makes everything known: in one transaction, unless there is so much that others would wait for seconds.
    private func commit(
        _ files: [ProvenFile],
        _ candidates: [(chunk: XetHash, xorb: XetHash)],
        by caller: Caller
    ) async throws {
        let (now, scope) = (environment.now(), caller.scope)
        // First of all, so that the xorbs of one file do not count beside another.
        if files.count > Self.rowsAtOnce {
            try await write(files, by: caller) { try Self.insert($0, $1) }
        }
        try await write(files, by: caller) { records, files in
            try Self.insert(records, files)
            for file in files { try give(file, to: caller, at: now, records) }
            try records.touchXorbs(files.reduce(into: Set()) { $0.formUnion($1.xorbs) }, at: now)
        }
        try await write(candidates, by: caller) { records, candidates in
            for (chunk, xorb) in candidates {
                try records.noteKnownChunk(chunk.description, in: scope, xorb: xorb.description)
            }
        }
    }

    /// Writes things, so many at once, for somebody who still may.
    private func write<Value: Sendable>(
        _ values: [Value],
        by caller: Caller,
        _ body: @escaping @Sendable (Records, ArraySlice<Value>) throws -> Void
    ) async throws {
        let now = environment.now()
        for start in stride(from: 0, to: values.count, by: Self.rowsAtOnce) {
            try Task.checkCancellation()
            let part = values[start...].prefix(Self.rowsAtOnce)
            do {
                try await database.transaction { records in
                    try caller.authorize(at: now, records)
                    try body(records, part)
                }
            } catch let error as HubError where error.kind == .conflict {
                throw XetFailure(
                    status: 400,
                    "The shard was refused: a xorb was removed meanwhile. Begin the upload anew."
                )
            }
        }
    }

    private static func insert(_ records: Records, _ files: ArraySlice<ProvenFile>) throws {
        for file in files { try records.insertXetFile(file.record, xorbs: file.xorbs) }
    }

    /// Makes a file an object of the caller's repository, if there is room.
    private func give(_ file: ProvenFile, to caller: Caller, at now: Timestamp, _ records: Records) throws {
        let repository = caller.repository
        if let refusal = try lfs.refusal(of: file.object, in: repository, at: now, records) {
            throw XetFailure(refusal)
        }
        try records.insertLFSObject(
            LFSObjectRecord(
                repositoryID: repository.id,
                oid: file.record.oid,
                size: file.record.size,
                createdAt: now
            )
        )
        try records.releaseLFS(repositoryID: repository.id, oid: file.record.oid)
        guard let first = file.first else { return }
        try records.noteKnownChunk(first.chunk.description, in: caller.scope, xorb: first.xorb.description)
    }

    private static func unknown(_ xorb: XetHash) -> XetFailure {
        XetFailure(status: 400, "The shard was refused: the xorb \(xorb) was not uploaded here.")
    }

    private static func refusal(_ fault: ShardTerm.Fault, of term: ShardTerm, in file: ShardFile) -> XetFailure {
        let reason =
            switch fault {
            case .missingChunks: "the xorb \(term.xorb) has not all of its chunks"
            case .wrongLength: "its chunks of the xorb \(term.xorb) have another length"
            case .unproven: "it is not proven that its sender has its chunks of the xorb \(term.xorb)"
            }
        return XetFailure(status: 400, "The shard was refused: of the file \(file.hash), \(reason).")
    }
}

extension ShardXorb {
    /// Content for each chunk that may be asked for: each costs a record, and a client marks what it likes.
    private static let bytesPerCandidate = 65_536
    private static let leastCandidates = 16

    /// The chunks that clients may ask for, and where they are.
    fileprivate var candidates: [(chunk: XetHash, xorb: XetHash)] {
        let most = max(Self.leastCandidates, Int(rawLength) / Self.bytesPerCandidate)
        return chunks.filter { $0.isDedupCandidate || $0.hash.isDedupCandidate }.prefix(most).map { ($0.hash, hash) }
    }
}
