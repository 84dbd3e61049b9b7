package import ObjectStore

/// What the holder of a signed action URL may do: one request, for one object of one repository, for a while.
///
/// The object's id stands in the path of the URL, the rest in the query; the signature covers both.
package struct ActionTicket: Sendable, Equatable {
    package let verb: Verb
    /// The id of the repository, which a rename does not change.
    package let repository: String
    package let oid: ObjectKey
    package let size: Int64
    /// Whose right it was, to look again whether it still is.
    package let actor: String
    /// Which of the server's keys signs.
    package let keyID: String
    /// Seconds since 1970; compared with the time at which the request starts.
    package let expiresAt: Int64

    /// The request that the ticket is for.
    package enum Verb: Sendable, Equatable {
        /// GET or HEAD of the object.
        case download
        /// PUT of the object.
        case upload
        /// POST of the question whether the object has arrived.
        case verify
        /// The same question about an object that the client was to send to the store itself, to a place of its own.
        case verifyDirect(StagingID)
        /// PUT of one part of a multipart upload.
        case part(upload: String, number: Int, size: Int64)
        /// POST of the list of parts.
        case complete(upload: String)
    }

    /// Most bytes of each of the texts.
    package static let textLimit = 1_024

    /// A ticket; nil when a text is empty, too long or not visible ASCII, or a number out of range.
    package init?(
        _ verb: Verb,
        repository: String,
        object: LFSObject,
        actor: String,
        keyID: String,
        expiresAt: Int64
    ) {
        let texts = [repository, actor, keyID] + (verb.upload.map { [$0] } ?? [])
        guard texts.allSatisfy({ isVisibleASCII($0.utf8, limit: Self.textLimit) }), expiresAt >= 0 else { return nil }
        if case .part(_, let number, let size) = verb {
            guard (1...MultipartPlan.partLimit).contains(number), (0...object.size).contains(size) else { return nil }
        }
        self.verb = verb
        self.repository = repository
        oid = object.oid
        size = object.size
        self.actor = actor
        self.keyID = keyID
        self.expiresAt = expiresAt
    }

    /// The object that the ticket is for.
    package var object: LFSObject? { LFSObject(oid: oid, size: size) }

    /// Whether the ticket's time is over at this second.
    package func isExpired(at second: Int64) -> Bool { second >= expiresAt }

    /// The bytes to sign: no two tickets have the same.
    ///
    /// Every field has its length in front, so none can reach into the next.
    package var canonicalBytes: [UInt8] {
        let fields = ["granary lfs action v1", oid.hex] + queryFields.flatMap { [$0.name, $0.value] }
        return fields.flatMap { Array("\($0.utf8.count):\($0)\n".utf8) }
    }

    /// The fields of the query without the signature, in the order in which they are signed.
    package var queryFields: [LFSAction.Field] {
        var fields: [LFSAction.Field] = [
            .init("verb", verb.name), .init("repository", repository), .init("size", String(size)),
            .init("actor", actor), .init("key", keyID), .init("expires", String(expiresAt)),
        ]
        if let upload = verb.upload { fields.append(.init("upload", upload)) }
        if case .verifyDirect(let staging) = verb { fields.append(.init("staging", staging.text)) }
        if case .part(_, let number, let size) = verb {
            fields += [.init("part", String(number)), .init("part_size", String(size))]
        }
        return fields
    }
}

extension ActionTicket.Verb {
    /// The word for it in the query.
    var name: String {
        switch self {
        case .download: "download"
        case .upload: "upload"
        case .verify: "verify"
        case .verifyDirect: "verify-direct"
        case .part: "part"
        case .complete: "complete"
        }
    }

    /// The multipart upload that it belongs to.
    package var upload: String? {
        switch self {
        case .download, .upload, .verify, .verifyDirect: nil
        case .part(let upload, _, _), .complete(let upload): upload
        }
    }
}
