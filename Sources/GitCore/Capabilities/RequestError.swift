/// A request that does not follow the protocol, or asks for more than the limits allow.
package enum RequestError: Error, Equatable, Sendable {
    /// A line that has no place where it stands; the associated value is an excerpt.
    case unexpectedLine(String)
    /// A special packet that has no place where it stands.
    case unexpectedPacket(PktLine)
    /// An argument that should be 40 hexadecimal digits; the associated value is an excerpt.
    case invalidObjectID(String)
    /// A `deepen` argument that is not a number or a ref.
    case invalidDeepen(String)
    case deepenConflict
    case duplicate(String)
    /// More lines of a kind than allowed.
    case tooMany(String, limit: Int)
    case requestTooLarge(limit: Int)
    case argumentTooLong(String, limit: Int)
    case unknownCommand(String)
    case missingCommand
    case unknownCapability(String)
    case unsupportedObjectFormat(String)
    case capabilities(CapabilityError)
    case filter(ObjectFilterError)
    case refName(RefNameError)
    /// A capability that we never offer was used.
    case notOffered(String)

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .unexpectedLine(let line): "protocol error: unexpected line '\(line)'"
        case .unexpectedPacket(let packet): "protocol error: unexpected \(packet.kind)"
        case .invalidObjectID(let text): "protocol error: expected an object id, got '\(text)'"
        case .invalidDeepen(let text): "invalid deepen argument '\(text)'"
        case .deepenConflict: "deepen and deepen-since (or deepen-not) cannot be used together"
        case .duplicate(let what): "protocol error: '\(what)' is given twice"
        case .tooMany(let what, let limit): "a request has at most \(limit) \(what) lines"
        case .requestTooLarge(let limit): "a request has at most \(limit) bytes"
        case .argumentTooLong(let what, let limit): "a \(what) has at most \(limit) bytes"
        case .unknownCommand(let name): "unknown command '\(name)'"
        case .missingCommand: "no command requested"
        case .unknownCapability(let name): "unknown capability '\(name)'"
        case .unsupportedObjectFormat(let name): "unsupported object format '\(name)': repositories here use sha1"
        case .capabilities(let error): error.message
        case .filter(let error): error.message
        case .refName(let error): error.message
        case .notOffered(let what): "\(what) is not supported here"
        }
    }
}

extension Capabilities {
    /// Reads what a client asks for, and checks that it speaks SHA-1.
    init(requested list: some Collection<UInt8>) throws(RequestError) {
        do {
            try self.init(parsing: list)
        } catch {
            throw .capabilities(error)
        }
        try checkObjectFormat(objectFormat)
    }
}

/// Refuses every hash algorithm but SHA-1.
func checkObjectFormat(_ name: String) throws(RequestError) {
    guard name == "sha1" else { throw .unsupportedObjectFormat(name.singleLine(limit: 32)) }
}

extension PktLine {
    /// The name in the protocol documents.
    fileprivate var kind: String {
        switch self {
        case .flush: "flush-pkt"
        case .delim: "delim-pkt"
        case .responseEnd: "response-end-pkt"
        case .data: "pkt-line"
        }
    }
}
