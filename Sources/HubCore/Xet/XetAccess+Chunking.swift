import Access
import LFS
import Metadata
import NIOCore
import ObjectStore
import Xet

extension XetAccess {
    /// The kind of job that finds the chunks of a whole object; its key is the object's id.
    static let chunkingKind = "xet.chunking"
    /// The longest run: a very large object in a slow store.
    private static let longestChunking = 24 * 3_600
    /// Repositories in whose scopes the chunks of an object are made known.
    private static let mostOwners = 100

    /// Finds the chunks of large files that came whole, so that they can be downloaded, and built upon, by chunks as well.
    ///
    /// Nothing is copied: the object serves as its own xorbs, and headers are put in as they are read.
    var chunkingJob: JobKind {
        JobKind(Self.chunkingKind, concurrency: 1, maximumAttempts: 3, seconds: Self.longestChunking) { job in
            if let oid = ObjectKey(hex: job.key) { try await chunk(oid) }
        }
    }

    /// Finds the chunks of an object, unless they are known or nobody has it any more.
    func chunk(_ oid: ObjectKey) async throws {
        let scopes = try await database.read { records -> Set<String> in
            guard try records.xetFile(oid: oid.hex) == nil else { return [] }
            let owners = try records.repositories(withLFSObject: oid.hex, limit: Self.mostOwners)
            return Set(try owners.compactMap { try records.repository(id: $0).map(settings.xetDeduplication.scope) })
        }
        guard !scopes.isEmpty, let reading = try await lfs.withStore({ try await storage.store.read(oid, range: nil) })
        else { return }
        var file = FileOfChunks()
        for try await piece in reading.bytes {
            let full = try piece.withUnsafeReadableBytes { try file.take($0) }
            for xorb in full { try await keep(xorb, of: oid, in: scopes) }
        }
        if let last = try file.finish() { try await keep(last, of: oid, in: scopes) }
        guard !file.terms.isEmpty else { return }
        let record = XetFileRecord(
            hash: file.hash.description,
            oid: oid.hex,
            size: reading.size,
            terms: FileTerm.packed(file.terms),
            createdAt: environment.now()
        )
        let xorbs = Set(file.terms.map(\.xorb.description))
        try await database.transaction { try $0.insertXetFile(record, xorbs: xorbs) }
    }

    /// Remembers a stretch of a whole object as a xorb.
    private func keep(_ xorb: FileOfChunks.Stretch, of oid: ObjectKey, in scopes: Set<String>) async throws {
        let now = environment.now()
        let hash = xorb.index.hash.description
        let record = XorbRecord(
            hash: hash,
            oid: oid.hex,
            rawOffset: xorb.offset,
            storedBytes: Int64(xorb.index.storedLength),
            rawBytes: Int64(xorb.index.rawLength),
            chunks: Int64(xorb.index.count),
            chunkIndex: xorb.index.packed,
            createdAt: now,
            usedAt: now
        )
        var asked = xorb.index.entries.map(\.hash).filter(\.isDedupCandidate).map(\.description)
        if xorb.offset == 0, let first = xorb.index.entries.first { asked.append(first.hash.description) }
        let chunks = asked
        try await database.transaction { records in
            // It may have been removed while it was read, and what served as its xorbs with it.
            guard try !records.repositories(withLFSObject: oid.hex, limit: 1).isEmpty else {
                throw HubError(.notFound, "The object was removed.")
            }
            try records.insertXorb(record)
            for scope in scopes {
                try records.admitXorb(hash, to: scope)
                for chunk in chunks { try records.noteKnownChunk(chunk, in: scope, xorb: hash) }
            }
        }
        storage.forget(xorb.index.hash)
    }
}

/// A file that is being cut into chunks, stretch by stretch: each is as long as a xorb may be.
private struct FileOfChunks {
    /// Chunks that would fill a xorb.
    struct Stretch {
        /// Where in the file it begins.
        let offset: Int64
        let index: XorbIndex
    }

    private(set) var terms: [FileTerm] = []
    private var chunker = Chunker()
    private var digest = HashUse.chunk.stream()
    private var chunkLength = 0
    private var tree = MerkleTree()
    private var index = XorbIndex()
    private var offset: Int64 = 0
    private static let limits = XorbLimits.standard

    /// The hash of the file, once it is over.
    var hash: XetHash { tree.fileHash }

    /// Takes in the next bytes.
    /// - Returns: the stretches that they fill.
    mutating func take(_ bytes: UnsafeRawBufferPointer) throws -> [Stretch] {
        var full: [Stretch] = []
        var rest = bytes
        while !rest.isEmpty {
            let cut = chunker.advance(rest)
            let part = UnsafeRawBufferPointer(rebasing: rest.prefix(cut ?? rest.count))
            digest.update(part)
            chunkLength += part.count
            rest = UnsafeRawBufferPointer(rebasing: rest.dropFirst(part.count))
            if cut != nil, let stretch = try endChunk() { full.append(stretch) }
        }
        return full
    }

    /// Ends the file.
    /// - Returns: its last stretch.
    mutating func finish() throws -> Stretch? {
        if chunkLength > 0, let stretch = try endChunk() { return stretch }
        return index.count > 0 ? endStretch() : nil
    }

    private mutating func endChunk() throws -> Stretch? {
        let hash = digest.finalize()
        tree.add(hash, length: UInt32(clamping: chunkLength))
        try index.append(hash, rawLength: chunkLength, serializedLength: ChunkHeader.length + chunkLength)
        digest = HashUse.chunk.stream()
        chunkLength = 0
        let isFull =
            index.count >= Self.limits.chunks
            || index.rawLength > Self.limits.rawLength - ChunkHeader.maximumRawLength
        return isFull ? endStretch() : nil
    }

    private mutating func endStretch() -> Stretch {
        let stretch = Stretch(offset: offset, index: index)
        if let term = FileTerm(xorb: index.hash, chunks: 0..<index.count, rawLength: index.rawLength) {
            terms.append(term)
        }
        offset += Int64(index.rawLength)
        index = XorbIndex()
        return stretch
    }
}
