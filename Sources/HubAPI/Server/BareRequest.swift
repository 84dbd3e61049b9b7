import HTTPTypes
package import NIOHTTP1

/// A request without a body, as far as an answer that was given before depends on it.
///
/// Made for every request on the event loop, so it reads the header once and keeps only what somebody will ask for.
package struct BareRequest: Sendable {
    /// GET or HEAD.
    package let method: String
    /// The request target as it was sent.
    package let target: String
    /// Where it comes from, and how the client calls the hub.
    package let origin: RequestOrigin
    /// The value of `Authorization`.
    package private(set) var authorization: String?
    /// The client's own id of the request.
    package private(set) var clientRequestID: String?

    /// Reads the head of a request that has just arrived; nil when it has, or may have, a body, or when its answer may depend
    /// on more than is kept here.
    package init?(_ head: HTTPRequestHead, peerAddress: String, isSecure: Bool) {
        guard head.method == .GET || head.method == .HEAD, head.version.major == 1 else { return nil }
        self.init(
            method: head.method.rawValue,
            target: head.uri,
            peerAddress,
            isSecure,
            fields: head.headers.lazy.map { $0 }
        )
    }

    /// The same of a request that is being answered.
    package init?(_ exchange: Exchange) {
        guard exchange.method == .get || exchange.method == .head else { return nil }
        let fields = exchange.headers.lazy.map { (name: $0.name.canonicalName, value: $0.value) }
        let (method, target) = (exchange.method.rawValue, exchange.target)
        self.init(method: method, target: target, exchange.peerAddress, exchange.isSecure, fields: fields)
    }

    private init?(
        method: String,
        target: String,
        _ peerAddress: String,
        _ isSecure: Bool,
        fields: some Sequence<(name: String, value: String)>
    ) {
        var origin = RequestOrigin(peerAddress: peerAddress, isSecure: isSecure)
        for (name, value) in fields {
            guard let field = Self.fields[name.lowercased()] else { continue }
            switch field {
            case .decisive: return nil
            case .authorization:
                guard authorization == nil else { return nil }
                authorization = value
            case .host:
                guard origin.host == nil else { return nil }
                origin.host = value
            case .forwardedHost: origin.forwardedHost = Self.joined(origin.forwardedHost, value)
            case .forwardedProto: origin.forwardedProto = Self.joined(origin.forwardedProto, value)
            case .forwardedFor: origin.forwardedFor = Self.joined(origin.forwardedFor, value)
            case .requestID: clientRequestID = value
            }
        }
        self.method = method
        self.target = target
        self.origin = origin
    }

    /// A list that stands in several fields, as one.
    private static func joined(_ list: String?, _ value: String) -> String { list.map { "\($0), \(value)" } ?? value }

    /// What becomes of a field; fields that are not listed change no answer.
    private enum Field {
        case authorization, host, forwardedHost, forwardedProto, forwardedFor, requestID
        /// The request has a body, or its answer is made for it.
        case decisive
    }

    private static let fields: [String: Field] = [
        "authorization": .authorization,
        "host": .host,
        "x-forwarded-host": .forwardedHost,
        "x-forwarded-proto": .forwardedProto,
        "x-forwarded-for": .forwardedFor,
        "x-request-id": .requestID,
        "range": .decisive,
        "if-range": .decisive,
        "if-match": .decisive,
        "if-none-match": .decisive,
        "if-modified-since": .decisive,
        "if-unmodified-since": .decisive,
        "x-hf-download-counter": .decisive,
        "content-length": .decisive,
        "transfer-encoding": .decisive,
        "expect": .decisive,
        "upgrade": .decisive,
    ]
}
