import HTTPTypes

/// How the hub is called from outside: the setting, or else what the request says.
package struct PublicURL: Sendable {
    private let setting: String?
    private let trustsForwardedHeaders: Bool

    /// A rule from the settings.
    package init(setting: String?, trustsForwardedHeaders: Bool) {
        self.setting = setting.map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
        self.trustsForwardedHeaders = trustsForwardedHeaders
    }

    /// The base of URLs in the answer to `exchange`, without a slash at the end.
    package func base(for exchange: Exchange) -> String { base(for: exchange.origin) }

    /// The base of URLs in the answer to a request from `origin`, without a slash at the end.
    package func base(for origin: RequestOrigin) -> String {
        if let setting { return setting }
        var scheme = origin.isSecure ? "https" : "http"
        var host = origin.host
        if trustsForwardedHeaders {
            if let forwarded = Self.last(origin.forwardedProto)?.lowercased(), ["http", "https"].contains(forwarded) {
                scheme = forwarded
            }
            host = Self.last(origin.forwardedHost) ?? host
        }
        guard let host, Self.isAuthority(host) else { return "\(scheme)://localhost" }
        return "\(scheme)://\(host)"
    }

    /// The host's name in a base of URLs, without port and without the brackets of an IPv6 address.
    package static func host(ofBase url: String) -> String {
        let start = url.firstRange(of: "://")?.upperBound ?? url.startIndex
        let authority = url[start...].prefix { $0 != "/" }
        let isLiteral = authority.first == "["
        let host = isLiteral ? authority.dropFirst().prefix { $0 != "]" } : authority.prefix { $0 != ":" }
        return host.isEmpty ? "localhost" : String(host)
    }

    /// The client's address: the proxy's word for it if proxies are trusted, else the peer's.
    package func clientAddress(of exchange: Exchange) -> String { clientAddress(of: exchange.origin) }

    /// The same of a request from `origin`.
    package func clientAddress(of origin: RequestOrigin) -> String {
        guard trustsForwardedHeaders, let forwarded = Self.last(origin.forwardedFor) else { return origin.peerAddress }
        let isAddress = forwarded.utf8.count <= 64 && forwarded.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f }
        return isAddress ? Self.withoutPort(forwarded) : origin.peerAddress
    }

    /// The address that some proxies write with the client's port, which would make each connection another client.
    private static func withoutPort(_ text: String) -> String {
        if text.hasPrefix("[") { return String(text.dropFirst().prefix { $0 != "]" }) }
        let parts = text.split(separator: ":", omittingEmptySubsequences: false)
        return parts.count == 2 && parts[0].contains(".") ? String(parts[0]) : text
    }

    /// The last item of a list: the one that the proxy next to us wrote.
    private static func last(_ list: String?) -> String? {
        guard let item = list?.split(separator: ",").last else { return nil }
        let trimmed = item.filter { $0 != " " && $0 != "\t" }
        return trimmed.isEmpty ? nil : trimmed
    }

    /// Whether a text can be a host with an optional port, and so cannot break out of the URL it is put into.
    private static func isAuthority(_ text: String) -> Bool {
        guard (1...260).contains(text.utf8.count) else { return false }
        return text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"): true
            case UInt8(ascii: "0")...UInt8(ascii: "9"): true
            case UInt8(ascii: "."), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: ":"): true
            case UInt8(ascii: "["), UInt8(ascii: "]"): true
            default: false
            }
        }
    }
}
