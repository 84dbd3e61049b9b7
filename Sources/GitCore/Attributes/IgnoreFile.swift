/// The rules of a `.gitignore` file at the root.
///
/// - Source: gitignore(5).
package struct IgnoreFile {
    private struct Rule {
        let pattern: PathPattern
        let isNegated: Bool
    }

    private var rules: [Rule] = []

    /// Rules of one file; more are ignored.
    private static let mostRules = 10_000
    private static let lineBytes = 2_048

    /// Reads a file.
    package init(parsing bytes: some Collection<UInt8>) {
        for line in bytes.split(separator: UInt8(ascii: "\n")).prefix(Self.mostRules) {
            var text = Array(line)
            if text.last == UInt8(ascii: "\r") { text.removeLast() }
            guard text.count < Self.lineBytes else { continue }
            Self.dropTrailingSpaces(&text)
            guard let first = text.first, first != UInt8(ascii: "#") else { continue }
            let isNegated = first == UInt8(ascii: "!")
            if isNegated { text.removeFirst() }
            guard !text.isEmpty else { continue }
            rules.append(Rule(pattern: PathPattern(text), isNegated: isNegated))
        }
    }

    /// Spaces at the end count only behind a backslash.
    private static func dropTrailingSpaces(_ text: inout [UInt8]) {
        while text.last == UInt8(ascii: " "), text.dropLast().last != UInt8(ascii: "\\") { text.removeLast() }
    }

    /// Whether a file is left out: it, or a folder on the way to it.
    package func ignores(_ path: TreePath) -> Bool {
        guard !rules.isEmpty else { return false }
        var text: [UInt8] = []
        for (depth, name) in path.names.enumerated() {
            if depth > 0 { text.append(UInt8(ascii: "/")) }
            let start = text.count
            text += name
            let isDirectory = depth < path.names.count - 1
            let rule = rules.last { $0.pattern.matches(text[...], name: text[start...], isDirectory: isDirectory) }
            if let rule, !rule.isNegated { return true }
        }
        return false
    }
}
