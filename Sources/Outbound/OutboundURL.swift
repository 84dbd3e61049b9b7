/// Where a request of the hub goes: an `http://` or `https://` URL, read strictly.
///
/// What two programs might read differently is refused and not interpreted.
package struct OutboundURL: Hashable, Sendable, CustomStringConvertible {
    /// Why a text is none.
    package enum Malformed: Error, Equatable, Sendable, CustomStringConvertible {
        case tooLong, scheme, credentials, fragment, host, port, characters

        /// One sentence for whoever wrote it.
        package var description: String {
            switch self {
            case .tooLong: "A URL has at most \(OutboundURL.maximumBytes) characters."
            case .scheme: "A URL begins with http:// or https://."
            case .credentials: "A URL cannot contain a user name or a password."
            case .fragment: "A URL cannot contain '#'."
            case .host:
                "The host of the URL is neither a name, nor four decimal numbers, nor an IPv6 address in brackets."
            case .port: "The port of the URL is a number from 1 to 65535."
            case .characters: "A URL has only ASCII characters; others are percent-encoded."
            }
        }
    }

    /// The longest URL, in bytes.
    package static let maximumBytes = 2_048

    /// Whether it is `https`.
    package let isSecure: Bool
    /// The name in lower case, or the address without brackets.
    package let host: String
    /// The host, where it is an address.
    package let address: IPAddress?
    /// The port, also where it is not written.
    package let port: Int
    /// Path and query, beginning with a slash.
    package let target: String

    /// Reads a URL.
    package init(parsing text: String) throws(Malformed) {
        guard text.utf8.count <= Self.maximumBytes else { throw .tooLong }
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else { throw .characters }
        guard let colon = text.firstRange(of: "://") else { throw .scheme }
        switch text[..<colon.lowerBound].lowercased() {
        case "http": isSecure = false
        case "https": isSecure = true
        default: throw .scheme
        }
        let rest = text[colon.upperBound...]
        guard !rest.contains("#") else { throw .fragment }
        let end = rest.firstIndex { $0 == "/" || $0 == "?" } ?? rest.endIndex
        let (authority, target) = (rest[..<end], rest[end...])
        guard !authority.contains("@") else { throw .credentials }
        guard target.utf8.allSatisfy(Self.isAllowed) else { throw .characters }
        (host, address, port) = try Self.split(authority, standardPort: isSecure ? 443 : 80)
        self.target = target.hasPrefix("/") ? String(target) : "/" + target
    }

    /// The URL in its one spelling.
    package var description: String {
        let isStandard = port == (isSecure ? 443 : 80)
        return "\(isSecure ? "https" : "http")://\(hostInBrackets)\(isStandard ? "" : ":\(port)")\(target)"
    }

    /// What stands in the field `Host`, without the port.
    private var hostInBrackets: String { host.contains(":") ? "[\(host)]" : host }

    private static func split(
        _ authority: Substring,
        standardPort: Int
    ) throws(Malformed) -> (host: String, address: IPAddress?, port: Int) {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]"),
                let address = IPAddress(parsing: String(authority[..<end].dropFirst())), address.bytes.count == 16
            else { throw .host }
            let port = try port(authority[end...].dropFirst(), standardPort)
            return (address.description, address, port)
        }
        let colon = authority.firstIndex(of: ":") ?? authority.endIndex
        let (name, port) = (authority[..<colon].lowercased(), try port(authority[colon...], standardPort))
        guard isName(name) else { throw .host }
        let address = IPAddress(parsing: name)
        // Some programs read 0x7f.1 and 2130706433 as addresses.
        guard address != nil || !endsInNumber(name) else { throw .host }
        return (name, address, port)
    }

    private static func port(_ text: Substring, _ standard: Int) throws(Malformed) -> Int {
        guard !text.isEmpty else { return standard }
        let digits = text.dropFirst()
        guard text.first == ":", (1...5).contains(digits.count),
            digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = Int(digits),
            (1...65_535).contains(port)
        else { throw .port }
        return port
    }

    /// Labels of letters, digits, hyphens and underscores with dots between them.
    static func isName(_ text: String) -> Bool {
        let labels = text.split(separator: ".", omittingEmptySubsequences: false)
        return text.utf8.count <= 253
            && labels.allSatisfy { label in
                (1...63).contains(label.utf8.count)
                    && label.utf8.allSatisfy {
                        isAlphanumeric($0) || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
                    }
                    && label.first != "-" && label.last != "-"
            }
    }

    private static func endsInNumber(_ name: String) -> Bool {
        guard let last = name.split(separator: ".").last else { return false }
        return last.hasPrefix("0x") || last.utf8.allSatisfy { (0x30...0x39).contains($0) }
    }

    /// Characters of paths and queries.
    ///
    /// - Source: RFC 3986 appendix A.
    private static func isAllowed(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || Array("-._~!$&'()*+,;=:@/?%".utf8).contains(byte)
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
