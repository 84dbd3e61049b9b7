import Logging
package import ObjectStore

/// An object that an actor may read: its size, and ways to its bytes.
package struct LFSDownload: Sendable {
    /// SHA-256 of the content.
    package let oid: ObjectKey
    /// Bytes of the content.
    package let size: Int64
    /// Where the object lies as a plain file, for copies from kernel to socket; nil when it is elsewhere.
    package let localFile: LocalObject?
    private let lfs: LFSAccess

    init(oid: ObjectKey, size: Int64, localFile: LocalObject?, lfs: LFSAccess) {
        self.oid = oid
        self.size = size
        self.localFile = localFile
        self.lfs = lfs
    }

    /// Streams a range, clipped to the object; the whole object when nil.
    ///
    /// - Throws: `LFSFailure` 404 when the bytes are gone, 503 when the store cannot be reached.
    package func read(_ range: Range<Int64>?) async throws -> ObjectReading {
        try await lfs.withStore {
            if let reading = try await lfs.store.read(oid, range: range) { return reading }
            // Garbage collection may hold it out of sight for the moment in which it looks again.
            if try await lfs.store.restore(oid), let reading = try await lfs.store.read(oid, range: range) {
                return reading
            }
            lfs.logger.error("an object's bytes are missing", metadata: ["oid": "\(oid)"])
            throw LFSAccess.missing
        }
    }
}
