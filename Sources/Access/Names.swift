/// Why a text cannot be a name.
///
/// Each carries what is needed to say so.
package enum NameError: Error, Sendable, Equatable, CustomStringConvertible {
    case empty
    /// Bytes that the text has.
    case tooLong(Int)
    /// A character outside `[A-Za-z0-9._-]`.
    case forbiddenCharacter(Unicode.Scalar)
    /// "--" or "..".
    case doubled(String)
    /// "-" or "." at the beginning or end.
    case badEdge(String)
    /// ".git", ".ipynb" or ".lock" at the end.
    case forbiddenSuffix(String)
    /// A first path segment of the hub's own pages and routes.
    case reserved(String)

    /// One sentence for the person who chose the name.
    ///
    /// Control characters and the like are named by their number.
    package var description: String {
        switch self {
        case .empty: "A name cannot be empty."
        case .tooLong(let count): "A name has at most \(NameRules.maximumBytes) characters; this one has \(count)."
        case .forbiddenCharacter(let scalar):
            "A name has only the characters A-Z, a-z, 0-9, '.', '_' and '-', not \(Self.display(scalar))."
        case .doubled(let text): "A name cannot contain '\(text)'."
        case .badEdge(let text): "A name cannot start or end with '\(text)'."
        case .forbiddenSuffix(let text): "A name cannot end with '\(text)'."
        case .reserved(let text): "The name '\(text)' is used by the hub itself. Choose another."
        }
    }

    private static func display(_ scalar: Unicode.Scalar) -> String {
        let isPrintable = scalar.isASCII && scalar.value >= 0x20 && scalar.value != 0x7f
        return isPrintable ? "'\(scalar)'" : "U+" + String(scalar.value, radix: 16, uppercase: true)
    }
}

/// What namespaces and repositories have in common: Hugging Face's rules, and ".lock", which git forbids in refs.
enum NameRules {
    static let maximumBytes = 96

    /// Checks everything but reserved words.
    ///
    /// - Source: specs of the Hugging Face hub, "Names": 1 through 96 of `[A-Za-z0-9._-]`, no "--", no "..", no "-" or
    ///   "." at either end, not ending in ".git" or ".ipynb".
    static func check(_ text: String) throws(NameError) {
        guard !text.isEmpty else { throw .empty }
        guard text.utf8.count <= maximumBytes else { throw .tooLong(text.utf8.count) }
        for scalar in text.unicodeScalars where !isAllowed(scalar) { throw .forbiddenCharacter(scalar) }
        let bytes = Array(text.utf8)
        for (first, second) in zip(bytes, bytes.dropFirst()) where first == second {
            if first == UInt8(ascii: "-") { throw .doubled("--") }
            if first == UInt8(ascii: ".") { throw .doubled("..") }
        }
        for edge in [bytes.first, bytes.last] {
            if edge == UInt8(ascii: "-") { throw .badEdge("-") }
            if edge == UInt8(ascii: ".") { throw .badEdge(".") }
        }
        let folded = fold(text)
        for suffix in [".git", ".ipynb", ".lock"] where folded.hasSuffix(suffix) { throw .forbiddenSuffix(suffix) }
    }

    /// Lower-cases ASCII letters and nothing else: what two names that count as equal have in common.
    static func fold(_ text: some StringProtocol) -> String {
        let bytes = text.utf8.map { (0x41...0x5a).contains($0) ? $0 | 0x20 : $0 }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func isAllowed(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar {
        case "A"..."Z", "a"..."z", "0"..."9", ".", "_", "-": true
        default: false
        }
    }
}

/// The name of a user or an organisation, fit for a new one.
package struct NamespaceName: Hashable, Sendable, CustomStringConvertible {
    /// The name in the spelling it was given.
    package let text: String

    /// Checks the rules and the reserved words.
    package init(_ text: some StringProtocol) throws(NameError) {
        let text = String(text)
        try NameRules.check(text)
        guard !ReservedWords.all.contains(NameRules.fold(text)) else { throw .reserved(text) }
        self.text = text
    }

    /// Makes "admin", which is reserved so that nobody but the first administrator has it.
    package static let firstAdministrator = NamespaceName(unchecked: "admin")

    private init(unchecked text: String) {
        self.text = text
    }

    /// Equal for names that differ in the case of ASCII letters only; such names cannot both exist.
    package var folded: String { NameRules.fold(text) }

    /// The name in the spelling it was given.
    package var description: String { text }
}

/// The name of a repository within its namespace and type.
package struct RepositoryName: Hashable, Sendable, CustomStringConvertible {
    /// The name in the spelling it was given.
    package let text: String

    /// Checks the rules; no word is reserved.
    package init(_ text: some StringProtocol) throws(NameError) {
        let text = String(text)
        try NameRules.check(text)
        self.text = text
    }

    /// Equal for names that differ in the case of ASCII letters only; such names cannot both exist in one namespace.
    package var folded: String { NameRules.fold(text) }

    /// The name in the spelling it was given.
    package var description: String { text }
}
