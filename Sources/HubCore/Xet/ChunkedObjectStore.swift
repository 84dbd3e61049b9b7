import Metadata
import NIOCore
import ObjectStore
import Xet

/// A store in which objects are whole, as behind it, or chunked: then they are put together as they are read.
///
/// So everybody who reads large files, by whatever protocol, reads chunked ones.
struct ChunkedObjectStore: LayeredObjectStore {
    let base: any ObjectStore
    private let database: Database
    private let storage: XorbStorage

    init(base: any ObjectStore, metadata: MetadataStore, storage: XorbStorage) {
        self.base = base
        database = Database(store: metadata)
        self.storage = storage
    }

    /// Size of an object, whole or chunked.
    func size(of key: ObjectKey) async throws -> Int64? {
        if let size = try await base.size(of: key) { return size }
        return try await file(key)?.size
    }

    /// Reads a whole object as it lies, or a chunked one from its chunks.
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        if let reading = try await base.read(key, range: range) { return reading }
        guard let file = try await file(key) else { return nil }
        let clipped = (range ?? 0..<file.size).clamped(to: 0..<file.size)
        let terms: [FileTerm]
        do throws(ReconstructionError) {
            terms = try FileTerm.unpacked(file.terms)
        } catch {
            throw ObjectStoreError.damaged(key)
        }
        let wanted = UInt64(clipped.lowerBound)..<UInt64(clipped.upperBound)
        guard let selection = TermSelection(of: terms, in: wanted) else {
            return ObjectReading(size: file.size, range: clipped, bytes: NoBytes())
        }
        return ObjectReading(
            size: file.size,
            range: clipped,
            bytes: ChunkedBytes(selection: selection, storage: storage)
        )
    }

    /// A signed URL for a whole object; there is none for one that lies in chunks.
    func directDownload(
        _ key: ObjectKey,
        expiresIn seconds: Int,
        fileName: String?
    ) async throws -> DirectRequest? {
        if try await file(key) != nil, try await base.size(of: key) == nil { return nil }
        return try await base.directDownload(key, expiresIn: seconds, fileName: fileName)
    }

    private func file(_ key: ObjectKey) async throws -> XetFileRecord? {
        try await database.read { try $0.xetFile(oid: key.hex) }
    }
}

/// Nothing.
private struct NoBytes: AsyncSequence, Sendable {
    func makeAsyncIterator() -> Iterator { Iterator() }

    struct Iterator: AsyncIteratorProtocol {
        mutating func next() async throws -> ByteBuffer? { nil }
    }
}
