import Access

/// The form of an operation's paths, as OpenAPI writes it: `/api/{repoType}/{namespace}/{name}/tree/{revision}/{path...}`.
///
/// `{repoType}` stands for the plural of a repository's type only; a name with dots, at the end, for one or more segments.
package struct PathTemplate: Sendable, Equatable, ExpressibleByStringLiteral {
    /// One segment of a path, or the rest of it.
    enum Part: Sendable, Equatable {
        case literal(String)
        case repositoryType
        case parameter(String)
        case rest(String)
    }

    /// The parts after the leading slash.
    let parts: [Part]

    /// A template out of our own source.
    package init(stringLiteral text: String) {
        self.init(text)
    }

    init(_ text: String) {
        parts = text.split(separator: "/").map { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return .literal(String(segment)) }
            let name = segment.dropFirst().dropLast()
            if name == Self.repositoryType { return .repositoryType }
            return name.hasSuffix("...") ? .rest(String(name.dropLast(3))) : .parameter(String(name))
        }
    }

    /// The templates below a repository's own address, at the addresses of all types.
    ///
    /// - Parameter path: what follows the address, such as "/resolve/{revision}/{path...}".
    package static func belowAddress(_ path: String) -> [PathTemplate] {
        [PathTemplate("/{namespace}/{name}\(path)"), PathTemplate("/{repoType}/{namespace}/{name}\(path)")]
    }

    /// The name of the parameter for a repository's type.
    static let repositoryType = "repoType"

    /// The names of the parameters, in order.
    package var names: [String] {
        parts.compactMap { part in
            switch part {
            case .literal: nil
            case .repositoryType: Self.repositoryType
            case .parameter(let name), .rest(let name): name
            }
        }
    }

    /// The template as a key of OpenAPI's `paths`, which knows no dots.
    package var description: String {
        parts.map { part in
            switch part {
            case .literal(let text): "/\(text)"
            case .repositoryType: "/{\(Self.repositoryType)}"
            case .parameter(let name), .rest(let name): "/{\(name)}"
            }
        }.joined()
    }

    /// The path in which the parameters have these values, encoded; slashes stay slashes in the rest alone.
    func path(_ values: [String: String]) -> String {
        parts.map { part in
            switch part {
            case .literal(let text): "/\(text)"
            case .repositoryType: "/\(values[Self.repositoryType] ?? "")"
            case .parameter(let name): "/\(percentEncoded(values[name] ?? ""))"
            case .rest(let name): "/\(percentEncoded(values[name] ?? "", keepsSlashes: true))"
            }
        }.joined()
    }
}

/// A text as a segment of a path, or as a value in a query: all but unreserved characters are encoded.
///
/// - Source: RFC 3986 section 2.3.
package func percentEncoded(_ text: some StringProtocol, keepsSlashes: Bool = false) -> String {
    var encoded = ""
    for byte in text.utf8 {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
            UInt8(ascii: "~"):
            encoded.unicodeScalars.append(Unicode.Scalar(byte))
        case UInt8(ascii: "/") where keepsSlashes:
            encoded += "/"
        default:
            let digits = String(byte, radix: 16, uppercase: true)
            encoded += digits.count == 1 ? "%0\(digits)" : "%\(digits)"
        }
    }
    return encoded
}
