import JSON
package import NIOCore

/// The body of `POST locks`.
package struct LockRequest: Sendable, Equatable {
    package let path: LockPath
    /// Stored and shown; the lock holds in all references.
    package let refName: String?

    /// Most bytes of a request about locks.
    package static let bodyLimit = 64 << 10

    static var badPath: LFSFailure {
        .unprocessable("The path of a lock must be relative to the repository's root, without \"..\".")
    }

    /// Reads `{path, ref?}`.
    ///
    /// - Throws: 400 and 413; 422 for a path that cannot be.
    package init(body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.object(body, limit: Self.bodyLimit)
        guard let path = document["path"]?.text.flatMap(LockPath.init) else { throw Self.badPath }
        self.path = path
        refName = try RequestBody.refName(document)
    }
}

/// The body of `POST locks/{id}/unlock`.
package struct UnlockRequest: Sendable, Equatable {
    /// Whether another's lock may be taken away.
    package let isForced: Bool
    package let refName: String?

    /// Reads `{force?, ref?}`; the body may be empty.
    ///
    /// - Throws: 400 and 413; 422 for a `force` that is neither true nor false.
    package init(body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.optionalObject(body, limit: LockRequest.bodyLimit)
        switch document["force"] {
        case nil: isForced = false
        case .bool(let force): isForced = force
        default: throw .unprocessable("The member force must be true or false.")
        }
        refName = try RequestBody.refName(document)
    }
}
