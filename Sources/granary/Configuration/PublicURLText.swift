import HubAPI

/// The text of `public-url`: what clients use, which a proxy may make different from what the server listens on.
enum PublicURLText {
    /// Checks the URL and takes the slashes off its end.
    ///
    /// - Returns: nil unless the text is `http://` or `https://`, a host, and optionally a port and a path: user
    ///   information would end up in every clone URL, and a query or fragment would make each of them wrong.
    static func normalized(_ text: String) -> String? {
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }
        guard isAuthority(String(authority)) else { return nil }
        var path = rest.dropFirst(authority.count)
        guard path.utf8.allSatisfy(isPathByte) else { return nil }
        while path.hasSuffix("/") { path.removeLast() }
        return scheme + authority.lowercased() + path
    }

    /// The host of a normalized URL, an IPv6 address without brackets.
    static func host(of url: String) -> String? {
        guard let scheme = url.firstRange(of: "://") else { return nil }
        let authority = String(url[scheme.upperBound...].prefix { $0 != "/" })
        let hasPort = authority.contains(":") && !authority.hasSuffix("]")
        return ListenAddress(parsing: hasPort ? authority : authority + ":1")?.host
    }

    private static func isAuthority(_ text: String) -> Bool {
        let hasPort = text.contains(":") && !text.hasSuffix("]")
        guard hasPort else { return ListenAddress(parsing: text + ":1") != nil }
        return ListenAddress(parsing: text).map { $0.port > 0 } ?? false
    }

    private static func isPathByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "/"), UInt8(ascii: "."), UInt8(ascii: "-"),
            UInt8(ascii: "_"), UInt8(ascii: "~"), UInt8(ascii: "%"):
            true
        default: false
        }
    }
}
