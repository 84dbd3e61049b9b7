package import ObjectStore
import OpenSSLKit

/// A ticket with its signature, as it comes out of and goes into the query of a URL.
///
/// Who parses one has proven nothing yet: the signature is to be checked against `ticket.canonicalBytes`, in constant
/// time, with the key that the ticket names.
package struct SignedAction: Sendable, Equatable {
    package let ticket: ActionTicket
    package let signature: [UInt8]

    private static let signatureName = "signature"
    /// Bytes of the longest signature that is looked at.
    private static let signatureLimit = 64
    private static let knownNames: Set<String> = [
        "verb", "repository", "size", "actor", "key", "expires", "upload", "part", "part_size", "staging",
        signatureName,
    ]

    /// Signs a ticket.
    ///
    /// - Parameter sign: makes the authentication code of bytes with the key that the ticket names.
    package init(_ ticket: ActionTicket, signedBy sign: ([UInt8]) throws -> [UInt8]) rethrows {
        self.ticket = ticket
        signature = try sign(ticket.canonicalBytes)
    }

    /// The query without "?", percent-encoded; a credential, so it belongs in no log.
    package var query: String {
        let fields = ticket.queryFields + [.init(Self.signatureName, Base64.encode(signature, .urlSafe))]
        return fields.map { "\($0.name)=\(percentEncoded($0.value))" }.joined(separator: "&")
    }

    /// Reads the decoded items of a query strictly.
    ///
    /// - Parameter oid: the object of the URL's path.
    /// - Returns: nil when an item is missing, unknown, there twice or not spelt as `query` spells it.
    package init?(items: some Collection<(name: String, value: String)>, oid: ObjectKey) {
        guard items.count <= Self.knownNames.count else { return nil }
        var values: [String: String] = [:]
        for (name, value) in items {
            guard Self.knownNames.contains(name), values.updateValue(value, forKey: name) == nil else { return nil }
        }
        guard let code = values[Self.signatureName], let signature = Base64.decode(code, .urlSafe),
            (1...Self.signatureLimit).contains(signature.count),
            let ticket = ActionTicket(values, oid: oid),
            // What was not used in making the ticket has no business in its query.
            ticket.queryFields.count + 1 == values.count
        else { return nil }
        self.ticket = ticket
        self.signature = signature
    }
}

extension ActionTicket {
    fileprivate init?(_ values: [String: String], oid: ObjectKey) {
        func number(_ name: String) -> Int64? { values[name].flatMap { canonicalDecimal($0.utf8) } }
        guard let verb = Verb(values), let size = number("size"), let object = LFSObject(oid: oid, size: size),
            let repository = values["repository"], let actor = values["actor"], let key = values["key"],
            let expires = number("expires")
        else { return nil }
        self.init(verb, repository: repository, object: object, actor: actor, keyID: key, expiresAt: expires)
    }
}

extension ActionTicket.Verb {
    fileprivate init?(_ values: [String: String]) {
        switch values["verb"] {
        case "download": self = .download
        case "upload": self = .upload
        case "verify": self = .verify
        case "verify-direct":
            guard let staging = values["staging"].flatMap({ StagingID($0) }) else { return nil }
            self = .verifyDirect(staging)
        case "complete":
            guard let upload = values["upload"] else { return nil }
            self = .complete(upload: upload)
        case "part":
            guard let upload = values["upload"],
                let number = values["part"].flatMap({ canonicalDecimal($0.utf8) }).flatMap({ Int(exactly: $0) }),
                let size = values["part_size"].flatMap({ canonicalDecimal($0.utf8) })
            else { return nil }
            self = .part(upload: upload, number: number, size: size)
        default: return nil
        }
    }
}

/// The text with every byte but RFC 3986's unreserved ones as "%" and two digits.
private func percentEncoded(_ text: String) -> String {
    let digits = Array("0123456789ABCDEF".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            bytes.append(byte)
        default: bytes += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 0xf)]]
        }
    }
    return String(decoding: bytes, as: UTF8.self)
}
