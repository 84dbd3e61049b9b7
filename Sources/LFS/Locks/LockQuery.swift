import JSON
package import NIOCore

/// Which locks are asked for: the query of `GET locks`, the body of `POST locks/verify`, the arguments of `list-lock`.
package struct LockQuery: Sendable, Equatable {
    package var path: LockPath?
    package var id: String?
    /// The `nextCursor` of the page before.
    package var cursor: String?
    /// 1 … 100.
    package var limit = LockQuery.largestPage
    /// A reference; locks are repository-wide, so it chooses nothing.
    package var refName: String?

    /// Most locks of one page, and how many there are when the client says nothing.
    package static let largestPage = 100
    /// Most bytes of a lock's id and of a cursor.
    package static let idLimit = 256

    /// Asks for the first page of all locks.
    package init() {}

    /// Reads names and values; unknown names and empty values are ignored, of several with one name the last counts.
    ///
    /// A limit above 100 is taken as 100: clients ask on with the cursor.
    /// - Throws: 400 for a limit that is no number above 0 and for a cursor that cannot be, 404 for such an id, 422 for such a
    ///   path.
    package init(items: some Sequence<(name: String, value: String)>) throws(LFSFailure) {
        self.init()
        for (name, value) in items where !value.isEmpty {
            switch name {
            case "path": path = try Self.path(value)
            case "id": id = try Self.lockID(value)
            case "cursor": cursor = try Self.cursor(value)
            case "limit": limit = try Self.limit(canonicalDecimal(value.utf8))
            case "refspec", "refname": refName = try RequestBody.checkedRefName(value)
            default: break
            }
        }
    }

    /// Reads the body of a verify request, which may be empty.
    ///
    /// - Throws: 400, 413 or 422.
    package init(verifyBody body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.optionalObject(body, limit: LockRequest.bodyLimit)
        self.init()
        refName = try RequestBody.refName(document)
        if let value = document["cursor"], value != .string("") { cursor = try Self.cursor(value.text ?? "") }
        if let value = document["limit"] { limit = try Self.limit(value.integer) }
    }

    /// Checks the form of a lock's id, which comes from a URL, a query or a command.
    ///
    /// - Throws: 404: no lock has such an id.
    package static func lockID(_ text: String) throws(LFSFailure) -> String {
        guard isVisibleASCII(text.utf8, limit: idLimit) else {
            throw LFSFailure(status: 404, "There is no lock with this id.")
        }
        return text
    }

    private static func path(_ text: String) throws(LFSFailure) -> LockPath {
        guard let path = LockPath(text) else { throw LockRequest.badPath }
        return path
    }

    private static func cursor(_ text: String) throws(LFSFailure) -> String {
        guard isVisibleASCII(text.utf8, limit: idLimit) else {
            throw .badRequest("The cursor is not one of this server. Start again without it.")
        }
        return text
    }

    private static func limit(_ number: Int64?) throws(LFSFailure) -> Int {
        guard let number, number > 0 else { throw .badRequest("The limit must be a number from 1 to \(largestPage).") }
        return Int(min(number, Int64(largestPage)))
    }
}
