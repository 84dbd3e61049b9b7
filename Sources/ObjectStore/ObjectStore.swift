/// Bytes by the SHA-256 of their content: a directory, an S3 bucket, or a layer around one.
///
/// What is published is complete, right and durable; what is not, no method shows. A published object never changes.
/// Nothing holds a whole object in memory. Every method may throw `ObjectStoreError.unavailable`, `.refused` or
/// `CancellationError` beside what it says.
package protocol ObjectStore: Sendable {
    /// Size of a published object; nil when it is not there.
    func size(of key: ObjectKey) async throws -> Int64?

    /// Takes an object: hashes what comes, and publishes it only when SHA-256 and size are right.
    ///
    /// Idempotent; concurrent puts of one key all succeed. When it returns, the object outlives a power cut.
    /// - Throws: `ObjectStoreError.wrongSize`, `.wrongHash`, `.outOfSpace`, or what `bytes` throws; nothing is left.
    func put(_ key: ObjectKey, size: Int64, bytes: ByteSourceLike) async throws

    /// Takes an object whose name shows only when it is whole, and publishes it under that.
    ///
    /// When it returns, the object outlives a power cut.
    /// - Parameter limit: the most bytes that it may have.
    /// - Throws: `ObjectStoreError.wrongSize` behind the limit, `.outOfSpace`, or what `bytes` throws; nothing is left.
    func putUnnamed(upTo limit: Int64, bytes: ByteSourceLike) async throws -> (key: ObjectKey, size: Int64)

    /// Streams a range of an object, whole when nil; nil when it is not there.
    ///
    /// The range is clipped to the object; nothing left of it is a reading of no bytes.
    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading?

    /// Where the object is as a plain local file, for kernel-to-socket copies; nil when it is elsewhere or not there.
    func localFile(_ key: ObjectKey) async throws -> LocalObject?

    /// A signed URL by which a client fetches the object from the store; nil when bytes go through the server.
    ///
    /// Does not look whether the object is there. `fileName` is what a browser shall save it as.
    func directDownload(_ key: ObjectKey, expiresIn seconds: Int, fileName: String?) async throws -> DirectRequest?

    /// A signed URL by which a client sends the object to the store; nil when bytes go through the server.
    ///
    /// It leads to a place of its own that nobody reads from, and the store itself refuses bytes of another hash or size.
    /// - Parameter staging: new for each call; the caller keeps it for `verifyDirectUpload`, out of other clients' sight.
    func directUpload(
        _ key: ObjectKey,
        size: Int64,
        staging: StagingID,
        expiresIn seconds: Int
    ) async throws -> DirectRequest?

    /// After a direct upload: publishes what was sent when it is proven to have that hash and size; else false.
    ///
    /// Proven by a checksum that the store verified, or by reading it again. True again when asked again, until the
    /// sweep. What others have sent does not count: without an upload to `staging` it is false, whatever is stored.
    func verifyDirectUpload(_ key: ObjectKey, size: Int64, staging: StagingID) async throws -> Bool

    /// A signed URL by which a client sends bytes of which nobody knows the SHA-256 yet, to a place of its own; nil when bytes
    /// go through the server.
    ///
    /// - Parameter checksum: the name and the value of a field by which stores that know it compare what arrives.
    func directUnnamed(
        size: Int64,
        staging: StagingID,
        checksum: (name: String, value: String),
        expiresIn seconds: Int
    ) async throws -> DirectRequest?

    /// After that: lets `check` read all that was sent, and publishes it under its SHA-256 when `check` is content.
    ///
    /// - Returns: nil when nothing was sent to this place.
    /// - Throws: `.wrongSize` for another size; what `check` throws.
    func publishUnnamed(
        _ staging: StagingID,
        size: Int64,
        check: @Sendable (ByteSourceLike) async throws -> Void
    ) async throws -> ObjectKey?

    /// Begins an upload in parts, which survives restarts of the server, and gives its id.
    ///
    /// The id is a secret between hub and store; whoever takes one from a client looks up that it belongs to the key.
    /// Every part but the last shall have `partSize` bytes.
    func beginMultipart(_ key: ObjectKey, size: Int64, partSize: Int64) async throws -> String

    /// A signed URL by which a client sends a part to the store; nil when parts come through `putPart`.
    func directPart(_ upload: String, key: ObjectKey, part: Int, expiresIn: Int) async throws -> DirectRequest?

    /// Takes a part, again if need be, and gives its etag.
    /// - Throws: `.wrongSize`, `.noSuchUpload`, `.invalidPart` for numbers out of range, `.outOfSpace`, errors of `bytes`.
    func putPart(_ upload: String, key: ObjectKey, part: Int, size: Int64, bytes: ByteSourceLike) async throws -> String

    /// Puts the parts together in the given order, verifies SHA-256 and size, and publishes.
    ///
    /// Idempotent until the upload is swept. After `.invalidPart` the others are still there, so that the one may be sent
    /// again; after `.wrongHash` and `.wrongSize` begin anew.
    /// - Throws: `.invalidPart`, `.wrongSize`, `.wrongHash`, `.noSuchUpload`.
    func completeMultipart(_ upload: String, key: ObjectKey, size: Int64, parts: [UploadedPart]) async throws

    /// Ends an upload and drops its parts; an unknown upload is fine.
    func abortMultipart(_ upload: String, key: ObjectKey) async throws

    /// Removes an object; false when it was not there.
    func delete(_ key: ObjectKey) async throws -> Bool

    /// Moves an object out of sight; false when it was not there.
    func quarantine(_ key: ObjectKey) async throws -> Bool

    /// Brings an object back from quarantine; false when it was not in there.
    func restore(_ key: ObjectKey) async throws -> Bool

    /// Deletes what has been in quarantine for longer; gives the number of objects.
    func purgeQuarantine(olderThanSeconds: Int64) async throws -> Int

    /// Published objects after a key, in order, at most `limit`; fewer than that only at the end.
    func list(after: ObjectKey?, limit: Int) async throws -> [StoredObject]

    /// Removes temporaries and multipart uploads that were last touched longer ago; gives their number.
    func sweep(olderThanSeconds: Int64) async throws -> Int

    /// Ends what the store keeps running or open; it must not be used afterwards.
    func shutdown() async
}
