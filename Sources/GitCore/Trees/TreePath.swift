/// A path from the root of a tree to a file or folder: names that git accepts in trees.
package struct TreePath: Sendable, Hashable {
    /// The names, outermost first; at least one.
    package let names: [[UInt8]]

    /// Reads a path as people write it.
    ///
    /// - Throws: why no tree may hold it: empty names, `.`, `..`, what any file system takes for `.git`, NUL, or too long.
    /// - Source: git-fsck(1), "hasDot", "hasDotdot", "hasDotgit"; git's `verify_path`.
    package init(_ text: some StringProtocol, limits: GitLimits = .standard) throws(TreePathError) {
        guard text.utf8.count <= limits.pathBytes else { throw .tooLong }
        let names = text.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false).map { Array($0) }
        guard names.count <= limits.treeDepth else { throw .tooLong }
        for name in names { try Self.check(name, limits) }
        self.names = names
    }

    /// The path of the names, which were checked.
    init(names: [[UInt8]]) {
        self.names = names
    }

    private static func check(_ name: [UInt8], _ limits: GitLimits) throws(TreePathError) {
        guard !name.isEmpty else { throw .emptyName }
        guard name.count <= limits.objectParts.nameBytes else { throw .tooLong }
        guard !name.contains(0) else { throw .nul }
        guard name != Array(".".utf8), name != Array("..".utf8) else { throw .dots }
        let isDotGit = name.withUnsafeBytes { bytes in
            let parts = [bytes[...]] + bytes.split(separator: UInt8(ascii: "\\"), omittingEmptySubsequences: false)
            return parts.contains { SpecialName.isDotGit(UnsafeRawBufferPointer(rebasing: $0)) }
        }
        guard !isDotGit else { throw .dotGit }
    }
}

extension TreePath: CustomStringConvertible {
    /// The path as text, repaired where it is not UTF-8.
    package var description: String {
        String(decoding: Array(names.joined(separator: [UInt8(ascii: "/")])), as: UTF8.self)
    }
}

/// Why a text is no path in a tree.
package enum TreePathError: Error, Equatable, Sendable {
    case emptyName
    case dots
    case dotGit
    case nul
    case tooLong

    /// The rule, for a person.
    package var message: String {
        switch self {
        case .emptyName: "a path has no empty parts, and does not begin or end with a slash"
        case .dots: "a path has no parts '.' and '..'"
        case .dotGit: "a path has no part that means '.git'"
        case .nul: "a path has no NUL"
        case .tooLong: "the path is too long"
        }
    }
}
