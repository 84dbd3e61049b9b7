import JSON
package import NIOCore
import ObjectStore

/// The answer to a batch request: for each object where to send it, where to get it, or why not.
package struct BatchAnswer: Sendable, Equatable {
    package let transfer: TransferAdapter
    package let entries: [Entry]

    /// An answer; the entries are in the order of the request.
    package init(transfer: TransferAdapter, entries: [Entry]) {
        self.transfer = transfer
        self.entries = entries
    }

    /// One object of the answer.
    package struct Entry: Sendable, Equatable {
        package let oid: String
        package let size: Int64
        package let outcome: Outcome

        package init(oid: String, size: Int64, outcome: Outcome) {
            self.oid = oid
            self.size = size
            self.outcome = outcome
        }

        /// The answer for a valid object.
        package init(_ object: LFSObject, _ outcome: Outcome) {
            self.init(oid: object.oid.hex, size: object.size, outcome: outcome)
        }
    }

    /// What becomes of an object.
    package enum Outcome: Sendable, Equatable {
        /// An upload that is not needed: the repository has the object.
        case present
        case download(LFSAction)
        case upload(LFSAction, verify: LFSAction?)
        case error(code: Int, String)
    }
}

/// A request that the client is to make for an object.
package struct LFSAction: Sendable, Equatable {
    /// An absolute URL.
    package let href: String
    /// Fields that the client adds, in order.
    package let header: [Field]
    /// Whether the URL and the fields prove by themselves who asks, so that no login goes with them.
    package let isAuthenticated: Bool
    /// Seconds from the client's request on.
    package let expiresIn: Int
    /// The same moment in seconds since 1970, for readers; clients go by `expiresIn`.
    package let expiresAt: Int64?

    /// A name and its value.
    package struct Field: Sendable, Equatable {
        package let name: String
        package let value: String

        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// An action.
    ///
    /// - Parameter expiresIn: seconds, held within 1 … 2^31 − 1; git-lfs asks anew for what has less than 5 left.
    package init(
        href: String,
        header: [Field] = [],
        isAuthenticated: Bool = true,
        expiresIn: Int,
        expiresAt: Int64? = nil
    ) {
        self.href = href
        self.header = header
        self.isAuthenticated = isAuthenticated
        self.expiresIn = min(max(1, expiresIn), Int(Int32.max))
        self.expiresAt = expiresAt
    }
}

extension BatchAnswer {
    /// The JSON body.
    ///
    /// - Source: git-lfs `docs/api/schemas/http-batch-response-schema.json`.
    package func body() -> ByteBuffer {
        JSONValue.object([
            .init("transfer", .string(transfer.rawValue)),
            .init("objects", .array(entries.map(\.json))),
            .init("hash_algo", .string("sha256")),
        ]).encoded()
    }
}

extension BatchAnswer.Entry {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [.init("oid", .string(oid)), .init("size", .integer(size))]
        switch outcome {
        case .present: break
        case .download(let action): members += Self.actions([("download", action)])
        case .upload(let action, let verify):
            members += Self.actions([("upload", action)] + (verify.map { [("verify", $0)] } ?? []))
        case .error(let code, let message):
            members.append(
                .init("error", .object([.init("code", .integer(Int64(code))), .init("message", .string(message))]))
            )
        }
        return .object(members)
    }

    private static func actions(_ actions: [(name: String, action: LFSAction)]) -> [JSONValue.Member] {
        var members = [JSONValue.Member("actions", .object(actions.map { .init($0.name, $0.action.json) }))]
        // The client then sends no login with any of them, so it must be true of all.
        if actions.allSatisfy(\.action.isAuthenticated) { members.insert(.init("authenticated", .bool(true)), at: 0) }
        return members
    }
}

extension LFSAction {
    fileprivate var json: JSONValue {
        var members: [JSONValue.Member] = [.init("href", .string(href))]
        if !header.isEmpty {
            members.append(.init("header", .object(header.map { .init($0.name, .string($0.value)) })))
        }
        members.append(.init("expires_in", .integer(Int64(expiresIn))))
        if let expiresAt { members.append(.init("expires_at", .string(RFC3339.text(of: expiresAt)))) }
        return .object(members)
    }
}
