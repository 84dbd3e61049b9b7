/// Where a store listens: scheme, host and port.
package struct S3Endpoint: Sendable, Equatable {
    /// True for https.
    package let isSecure: Bool
    /// Host, and port unless it is the scheme's own: the value of `Host` in path style.
    package let authority: String

    /// The endpoint as a URL without a slash at its end.
    package var text: String { (isSecure ? "https://" : "http://") + authority }

    /// Reads `https://host` or `http://host:port`; nil for anything with a path, a query or a user in it.
    package init?(_ text: String) {
        let lower = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lower.hasPrefix) else { return nil }
        isSecure = scheme == "https://"
        var rest = lower.dropFirst(scheme.count)
        if rest.hasSuffix("/") { rest.removeLast() }
        let suffix = isSecure ? ":443" : ":80"
        if rest.hasSuffix(suffix) { rest.removeLast(suffix.count) }
        guard !rest.isEmpty, rest.utf8.allSatisfy(Self.isHostCharacter) else { return nil }
        authority = String(rest)
    }

    private init(isSecure: Bool, authority: String) {
        (self.isSecure, self.authority) = (isSecure, authority)
    }

    /// The endpoint of another region, when the name says which region it is of.
    package func moved(from old: String, to new: String) -> S3Endpoint {
        let labels = authority.split(separator: ".", omittingEmptySubsequences: false)
        let moved = labels.map { $0 == old ? new : String($0) }
        return S3Endpoint(isSecure: isSecure, authority: moved.joined(separator: "."))
    }

    private static func isHostCharacter(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"): true
        case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: ":"), UInt8(ascii: "["), UInt8(ascii: "]"): true
        default: false
        }
    }
}

/// How a bucket is named in a URL.
package enum S3AddressStyle: String, Sendable, CaseIterable {
    /// `https://endpoint/bucket/key`.
    case path
    /// `https://bucket.endpoint/key`.
    case virtualHost = "virtual"
}

/// A bucket at an endpoint, in one of the two styles.
package struct S3Bucket: Sendable {
    package var endpoint: S3Endpoint
    package var style: S3AddressStyle
    package var name: String

    /// A bucket from its parts.
    package init(endpoint: S3Endpoint, style: S3AddressStyle, name: String) {
        (self.endpoint, self.style, self.name) = (endpoint, style, name)
    }

    /// The value of the header `Host`.
    package var host: String {
        style == .path ? endpoint.authority : name + "." + endpoint.authority
    }

    /// The encoded path of a key, or of the bucket itself when the key is empty.
    package func path(of key: String) -> String {
        let key = PercentEncoding.encode(key, keepingSlash: true)
        guard style == .path else { return "/" + key }
        return "/" + PercentEncoding.encode(name) + (key.isEmpty ? "" : "/" + key)
    }

    /// The whole URL for an encoded path and query.
    package func url(path: String, query: String) -> String {
        (endpoint.isSecure ? "https://" : "http://") + host + path + (query.isEmpty ? "" : "?" + query)
    }
}
