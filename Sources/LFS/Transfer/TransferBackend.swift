package import GitCore
package import ObjectStore

/// What the server of git-lfs-transfer needs of the hub, for one repository and one login.
///
/// Every method throws `LFSFailure` for what the client is to read; any other error ends the conversation. Rights are the
/// backend's business at each call: a conversation may last longer than they do.
package protocol TransferBackend: Sendable {
    /// What to do with each object, in the order of the request.
    func batch(_ objects: [LFSObject], refName: String?) async throws -> [TransferVerdict]

    /// Takes an object's bytes.
    ///
    /// `bytes` may be left unread when the upload is refused; it ends with the client's data, be it too short or too long.
    func upload(_ object: LFSObject, bytes: ByteSource) async throws

    /// Returns when the repository has the object with this size; 404 or 409 otherwise.
    func verify(_ object: LFSObject) async throws

    /// Opens an object for reading.
    func download(_ oid: ObjectKey) async throws -> TransferDownload

    func lock(_ path: LockPath, refName: String?) async throws -> LockCreation

    func listLocks(_ query: LockQuery) async throws -> LockPage

    /// Releases a lock, and returns what it was.
    func unlock(id: String, isForced: Bool, refName: String?) async throws -> LFSLock
}

/// What the client is to do with an object of its batch.
package enum TransferVerdict: String, Sendable {
    case upload, download
    /// Nothing: it is there already (upload), or cannot be had (download).
    case noop
}

/// An object on its way to the client.
package struct TransferDownload: Sendable {
    /// How many bytes there will be.
    package let size: Int64
    package let bytes: ByteSource

    package init(size: Int64, bytes: ByteSource) {
        self.size = size
        self.bytes = bytes
    }
}
