import Metadata
import NIOCore
import ObjectStore
import Synchronization
import Xet

/// Where the chunks of xorbs lie: indexes out of the database, bytes out of the store.
struct XorbStorage: Sendable {
    /// A xorb with its index.
    struct Xorb: Sendable {
        let hash: XetHash
        /// The object that has the bytes.
        let oid: ObjectKey
        /// Where in the object the raw bytes begin, if it is not the serialized xorb.
        let rawOffset: Int64?
        let index: XorbIndex
    }

    private let database: Database
    let store: any ObjectStore
    private let cache = XorbCache()

    /// Xorbs that `metadata` knows, with bytes in `store`.
    init(metadata: MetadataStore, store: any ObjectStore) {
        database = Database(store: metadata)
        self.store = store
    }

    /// The xorbs with these hashes.
    ///
    /// - Parameter scope: if given, only those that this scope may build on.
    func xorbs(_ hashes: Set<XetHash>, in scope: String? = nil) async throws -> [XetHash: Xorb] {
        var found: [XetHash: Xorb] = [:]
        // Only the database knows scopes.
        if scope == nil { for hash in hashes { found[hash] = cache.xorb(hash) } }
        let missing = hashes.filter { found[$0] == nil }.map(\.description)
        guard !missing.isEmpty else { return found }
        let records = try await database.read { try $0.xorbs(missing, in: scope) }
        for record in records.values {
            let xorb = try Xorb(record)
            cache.keep(xorb)
            found[xorb.hash] = xorb
        }
        return found
    }

    /// Which of these xorbs a scope may build on, found without their indexes.
    func known(_ hashes: Set<XetHash>, in scope: String) async throws -> Set<XetHash> {
        let texts = hashes.map(\.description)
        let places = try await database.read { try $0.xorbPlaces(texts, in: scope) }
        var known: Set<XetHash> = []
        for (text, place) in places {
            guard let hash = XetHash(text) else { continue }
            known.insert(hash)
            if let xorb = cache.xorb(hash), xorb.oid.hex != place.oid { cache.forget(hash) }
        }
        return known
    }

    /// Reads a xorb anew the next time: it may have gone and come back in another form.
    func forget(_ hash: XetHash) { cache.forget(hash) }

    /// Whole chunks as they are stored, header by header.
    ///
    /// - Parameter range: bytes of the serialized xorb that begin and end between chunks.
    func serialized(_ xorb: Xorb, _ range: Range<Int>) async throws -> ByteSourceLike {
        try await bytes(of: xorb) { xorb in
            guard xorb.rawOffset != nil else { return try await stored(xorb, range) }
            guard let chunks = xorb.index.chunks(stored: range), let raw = xorb.index.rawBytes(of: chunks) else {
                throw XetFailure(status: 416, "The range does not begin and end between chunks.")
            }
            let lengths = chunks.compactMap { xorb.index.rawLength(of: $0..<$0 + 1) }
            return try await self.raw(xorb, raw).map { SerializedChunks(bytes: $0, lengths: lengths) }
        }
    }

    /// The content of whole chunks.
    func content(_ xorb: Xorb, _ chunks: Range<Int>) async throws -> ByteSourceLike {
        guard let raw = xorb.index.rawBytes(of: chunks), let range = xorb.index.storedBytes(of: chunks) else {
            throw HubError(
                .internalFailure,
                "The file cannot be put together.",
                diagnostics: "\(xorb.hash) lacks chunks"
            )
        }
        return try await bytes(of: xorb) { xorb in
            if xorb.rawOffset != nil { return try await self.raw(xorb, raw) }
            return try await stored(xorb, range).map { DecodedChunks(bytes: $0) }
        }
    }

    /// Raw bytes of a xorb that was never serialized.
    private func raw(_ xorb: Xorb, _ range: Range<Int>) async throws -> ByteSourceLike? {
        let start = xorb.rawOffset ?? 0
        let place = start + Int64(range.lowerBound)..<start + Int64(range.upperBound)
        return try await store.read(xorb.oid, range: place)?.bytes
    }

    private func stored(_ xorb: Xorb, _ range: Range<Int>) async throws -> ByteSourceLike? {
        try await store.read(xorb.oid, range: Int64(range.lowerBound)..<Int64(range.upperBound))?.bytes
    }

    /// Opens a xorb where it lies, or where it has gone.
    private func bytes(
        of xorb: Xorb,
        _ open: (Xorb) async throws -> ByteSourceLike?
    ) async throws -> ByteSourceLike {
        if let bytes = try await open(xorb) { return bytes }
        // Garbage collection, also of another process, may have moved it out of a whole file that is gone.
        cache.forget(xorb.hash)
        if let moved = try await xorbs([xorb.hash])[xorb.hash], moved.oid != xorb.oid, moved.index == xorb.index,
            let bytes = try await open(moved)
        {
            return bytes
        }
        // Or hold it out of sight for the moment in which it looks again.
        if try await store.restore(xorb.oid), let bytes = try await open(xorb) { return bytes }
        throw ObjectStoreError.damaged(xorb.oid)
    }
}

extension XorbStorage.Xorb {
    init(_ record: XorbRecord) throws {
        guard let hash = XetHash(record.hash), let oid = ObjectKey(hex: record.oid) else {
            throw MetadataError.corrupt("the xorb \(record.hash) has no hashes")
        }
        do {
            self.init(
                hash: hash,
                oid: oid,
                rawOffset: record.rawOffset,
                index: try XorbIndex(packed: record.chunkIndex)
            )
        } catch {
            throw MetadataError.corrupt("the index of the xorb \(record.hash) is damaged")
        }
    }
}

/// Indexes that were read lately: 10 GiB of a file are 160 of them.
private final class XorbCache: Sendable {
    private struct State {
        var xorbs: [XetHash: XorbStorage.Xorb] = [:]
        var chunks = 0
    }

    private let state = Mutex(State())
    /// 40 bytes each.
    private static let mostChunks = 400_000

    func xorb(_ hash: XetHash) -> XorbStorage.Xorb? { state.withLock { $0.xorbs[hash] } }

    func keep(_ xorb: XorbStorage.Xorb) {
        state.withLock { state in
            if state.chunks > Self.mostChunks { state = State() }
            guard state.xorbs.updateValue(xorb, forKey: xorb.hash) == nil else { return }
            state.chunks += xorb.index.count
        }
    }

    func forget(_ hash: XetHash) {
        state.withLock { state in
            if let xorb = state.xorbs.removeValue(forKey: hash) { state.chunks -= xorb.index.count }
        }
    }
}
