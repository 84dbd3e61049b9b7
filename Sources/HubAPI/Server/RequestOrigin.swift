import HTTPTypes

/// Where a request comes from and how its client calls the hub: what the connection says, and what proxies have written.
package struct RequestOrigin: Sendable {
    /// The peer's IP address, without port.
    package let peerAddress: String
    /// Whether the connection is TLS.
    package let isSecure: Bool
    /// The value of `Host`.
    package var host: String?
    /// The value of `X-Forwarded-Host`.
    package var forwardedHost: String?
    /// The value of `X-Forwarded-Proto`.
    package var forwardedProto: String?
    /// The value of `X-Forwarded-For`.
    package var forwardedFor: String?

    /// A request without fields.
    package init(peerAddress: String, isSecure: Bool) {
        self.peerAddress = peerAddress
        self.isSecure = isSecure
    }
}

extension Exchange {
    /// Where the request comes from.
    package var origin: RequestOrigin {
        var origin = RequestOrigin(peerAddress: peerAddress, isSecure: isSecure)
        origin.host = headers[.host]
        origin.forwardedHost = headers[.forwardedHost]
        origin.forwardedProto = headers[.forwardedProto]
        origin.forwardedFor = headers[.forwardedFor]
        return origin
    }
}
