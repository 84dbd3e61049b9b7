/// A pattern as `.gitattributes` and `.gitignore` have it in front of their rules.
///
/// - Source: gitattributes(5), gitignore(5) "PATTERN FORMAT".
struct PathPattern {
    private let literal: [UInt8]
    /// Nil when the pattern stands for itself.
    private let glob: GlobPattern?
    /// Whether the pattern is about the last component, because it has no slash.
    private let isName: Bool
    private let isDirectoryOnly: Bool

    init(_ text: [UInt8]) {
        var text = text[...]
        isDirectoryOnly = text.last == UInt8(ascii: "/")
        if isDirectoryOnly { text = text.dropLast() }
        isName = !text.contains(UInt8(ascii: "/"))
        if text.first == UInt8(ascii: "/") { text = text.dropFirst() }
        literal = Array(text)
        glob = text.contains(where: GlobPattern.isSpecial) ? GlobPattern(text, isPathname: !isName) : nil
    }

    /// Whether the pattern is about a path.
    ///
    /// - Parameters:
    ///   - path: from the directory of the file with the pattern; no slash at the end.
    ///   - name: the last component of the path.
    ///   - isDirectory: whether it is a directory or a submodule.
    func matches(_ path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        guard isDirectory || !isDirectoryOnly else { return false }
        let text = isName ? name : path
        guard let glob else { return text.elementsEqual(literal) }
        return glob.matches(text)
    }
}
