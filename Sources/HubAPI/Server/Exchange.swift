package import HTTPTypes

/// One request: what was asked, by whom as far as the network tells, and the body as it arrives.
package struct Exchange: Sendable {
    /// Our own id of the request, in `X-Request-Id` and on every log line.
    package let id: String
    /// The method.
    package let method: HTTPRequest.Method
    /// The request target as it was sent, still encoded: path and query.
    package let target: String
    /// The header fields; those whose names or values HTTP forbids are left out.
    package let headers: HTTPFields
    /// The body, in the order of its arrival.
    ///
    /// It can be consumed once.
    package let body: RequestBody
    /// The peer's IP address, without port.
    package let peerAddress: String
    /// Whether the connection is TLS.
    package let isSecure: Bool

    /// A request with these parts.
    package init(
        id: String,
        method: HTTPRequest.Method,
        target: String,
        headers: HTTPFields,
        body: RequestBody,
        peerAddress: String,
        isSecure: Bool
    ) {
        self.id = id
        self.method = method
        self.target = target
        self.headers = headers
        self.body = body
        self.peerAddress = peerAddress
        self.isSecure = isSecure
    }

    /// The target up to the first "?", without scheme and authority when a proxy sent them.
    package var path: Substring { Self.path(ofTarget: target) }

    /// The path in a request target.
    static func path(ofTarget target: String) -> Substring {
        let end = target.utf8.firstIndex(of: UInt8(ascii: "?")) ?? target.endIndex
        let path = target[..<end]
        for scheme in ["http://", "https://"] where path.hasPrefix(scheme) {
            let rest = path.dropFirst(scheme.count)
            return rest.firstIndex(of: "/").map { rest[$0...] } ?? "/"
        }
        return path
    }

    /// The target after the first "?"; empty without one.
    package var query: Substring {
        target.firstIndex(of: "?").map { target[target.index(after: $0)...] } ?? ""
    }
}

/// Answers requests.
///
/// One value serves all connections of a listener.
package protocol ExchangeHandler: Sendable {
    /// Answers `exchange` through `response`.
    ///
    /// It runs until the answer is complete, and is cancelled when the client is gone. What it leaves unfinished, by
    /// returning or throwing early, ends the connection.
    func respond(to exchange: Exchange, with response: ResponseStream) async

    /// The answer to a request, if it is ready: called on the connection's event loop, so it waits for nothing.
    ///
    /// - Parameter id: makes the id of the request.
    func answerAtHand(to request: BareRequest, id: () -> String) -> AnswerAtHand?
}

extension ExchangeHandler {
    /// Nothing is ready.
    package func answerAtHand(to request: BareRequest, id: () -> String) -> AnswerAtHand? { nil }
}
