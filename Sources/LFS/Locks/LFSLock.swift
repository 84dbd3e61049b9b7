import JSON
package import NIOCore

/// A lock as clients see it.
package struct LFSLock: Sendable, Equatable {
    package let id: String
    package let path: LockPath
    /// Seconds since 1970.
    package let lockedAt: Int64
    package let ownerName: String

    package init(id: String, path: LockPath, lockedAt: Int64, ownerName: String) {
        self.id = id
        self.path = path
        self.lockedAt = lockedAt
        self.ownerName = ownerName
    }

    var json: JSONValue {
        .object([
            .init("id", .string(id)), .init("path", .string(path.text)),
            .init("locked_at", .string(RFC3339.text(of: lockedAt))),
            .init("owner", .object([.init("name", .string(ownerName))])),
        ])
    }

    /// The body of a 201 to a creation and of a 200 to an unlock.
    package func body() -> ByteBuffer {
        JSONValue.object([.init("lock", json)]).encoded()
    }

    /// The body of the 409 to a creation for a path that this lock holds.
    package func conflictBody(requestID: String, documentationURL: String? = nil) -> ByteBuffer {
        let failure = LFSFailure(status: 409, conflictMessage)
        let rest = failure.members(requestID: requestID, documentationURL: documentationURL)
        return JSONValue.object([.init("lock", json)] + rest).encoded()
    }

    var conflictMessage: String { "\(path) is already locked by \(ownerName)." }
}

/// What came of asking for a lock.
package enum LockCreation: Sendable, Equatable {
    case created(LFSLock)
    /// Somebody holds the path already, perhaps the asker.
    case conflict(LFSLock)
}

/// Some of a repository's locks, in a stable order.
package struct LockPage: Sendable, Equatable {
    package let locks: [Held]
    /// Where the next page begins; nil on the last.
    package let nextCursor: String?

    /// A lock, and whether the asker holds it.
    package struct Held: Sendable, Equatable {
        package let lock: LFSLock
        package let isOurs: Bool

        package init(_ lock: LFSLock, isOurs: Bool) {
            self.lock = lock
            self.isOurs = isOurs
        }
    }

    package init(locks: [Held], nextCursor: String?) {
        self.locks = locks
        self.nextCursor = nextCursor
    }

    /// The body of an answer to `GET locks`.
    package func listBody() -> ByteBuffer {
        body([.init("locks", .array(locks.map(\.lock.json)))])
    }

    /// The body of an answer to `POST locks/verify`; both lists are there even when empty.
    package func verifyBody() -> ByteBuffer {
        body([
            .init("ours", .array(locks.filter(\.isOurs).map(\.lock.json))),
            .init("theirs", .array(locks.filter { !$0.isOurs }.map(\.lock.json))),
        ])
    }

    private func body(_ lists: [JSONValue.Member]) -> ByteBuffer {
        let cursor = nextCursor.map { [JSONValue.Member("next_cursor", .string($0))] } ?? []
        return JSONValue.object(lists + cursor).encoded()
    }
}
