import JSON
package import NIOCore
import ObjectStore

/// What a client asks of `objects/batch`.
package struct BatchRequest: Sendable, Equatable {
    package let operation: LFSOperation
    /// As listed, in order, unknown names included; empty means `basic`.
    package let transfers: [String]
    /// The full name of the reference that a push is about, when the client tells.
    package let refName: String?
    package let entries: [Entry]

    /// Most bytes of a request.
    package static let bodyLimit = 8 << 20
    /// Most objects of one request; git-lfs asks for 100 at a time.
    package static let objectLimit = 5_000
    /// Most names of transfers that are looked at.
    private static let transferLimit = 32

    /// One of the listed objects.
    package enum Entry: Sendable, Equatable {
        case object(LFSObject)
        /// One that cannot exist, to be answered beside the others.
        case invalid(BatchAnswer.Entry)
    }
}

extension BatchRequest {
    /// Reads a request; unknown members are ignored.
    ///
    /// - Throws: 400 for what is not JSON, 409 for another hash algorithm, 413 beyond a limit, 422 for an unknown
    ///   operation or objects that are no list.
    /// - Source: git-lfs `docs/api/batch.md`, and section 3 of our reference for statuses.
    package init(body: ByteBuffer) throws(LFSFailure) {
        let document = try RequestBody.object(body, limit: Self.bodyLimit)
        guard let operation = document["operation"]?.text.flatMap(LFSOperation.init) else {
            throw .unprocessable("The operation must be \"upload\" or \"download\".")
        }
        try Self.checkHashAlgorithm(document["hash_algo"])
        guard let objects = document["objects"]?.elements else {
            throw .unprocessable("The objects must be a list.")
        }
        try Self.checkCount(objects.count)
        self.operation = operation
        transfers = (document["transfers"]?.elements ?? []).prefix(Self.transferLimit).compactMap(\.text)
        refName = try RequestBody.refName(document)
        entries = objects.map(Entry.init)
    }

    /// - Throws: 413 for more objects than one request may have.
    static func checkCount(_ count: Int) throws(LFSFailure) {
        guard count <= objectLimit else {
            throw .tooLarge("A batch may have \(objectLimit) objects; this one has more. Send smaller batches.")
        }
    }

    private static func checkHashAlgorithm(_ value: JSONValue?) throws(LFSFailure) {
        guard let value else { return }
        guard let name = value.text else { throw .unprocessable("The hash_algo must be a string.") }
        guard name == "sha256" else {
            throw LFSFailure(status: 409, "The only hash algorithm here is sha256.")
        }
    }
}

extension BatchRequest.Entry {
    /// Reads `{oid, size}`.
    init(_ value: JSONValue) {
        let text = value["oid"]?.text ?? ""
        let size = value["size"]?.integer
        if let oid = ObjectKey(hex: text), let object = size.flatMap({ LFSObject(oid: oid, size: $0) }) {
            self = .object(object)
            return
        }
        let message =
            ObjectKey(hex: text) == nil
            ? "The oid must be 64 lower-case hexadecimal digits." : "The size must be an integer from 0 to 2^63-1."
        // Sent back as it came, so that the client finds its object; within reason.
        let oid = text.utf8.count <= 128 ? text : ""
        self = .invalid(BatchAnswer.Entry(oid: oid, size: max(0, size ?? 0), outcome: .error(code: 422, message)))
    }
}
