/// Which part of a tree an archive is about.
///
/// Plain paths, directories and shell patterns; pathspec magic is refused.
struct ArchivePathspec {
    /// How an entry relates to a pathspec.
    enum Interest: Comparable {
        /// Neither the entry nor anything below it.
        case none
        /// A directory below which something may match.
        case below
        /// The entry, and all below it if it is a directory.
        case whole
    }

    /// As the client wrote it, for messages.
    let text: [UInt8]
    /// Components separated by single slashes, none at the end; empty for the whole tree.
    let path: [UInt8]
    /// Whether only a directory or a submodule fits, because there was a slash at the end.
    let isDirectoryOnly: Bool
    private let pattern: GlobPattern?
    /// The bytes of `path` before the first that is special.
    private let literal: ArraySlice<UInt8>

    /// Whether `path` is a pattern, too.
    var isPattern: Bool { pattern != nil }

    init(_ text: [UInt8]) throws(ArchiveRefusal) {
        self.text = text
        guard !text.isEmpty else { throw .pathspec("", reason: "use . to match all paths") }
        guard text.first != UInt8(ascii: ":") else {
            throw .pathspec(text.excerpt, reason: "pathspec magic is not supported here")
        }
        guard text.first != UInt8(ascii: "/") else {
            throw .pathspec(text.excerpt, reason: "a path starts at the root of the tree, without a slash")
        }
        var components: [ArraySlice<UInt8>] = []
        for component in text.split(separator: UInt8(ascii: "/")) where !component.isWord(".") {
            guard component.isWord("..") else {
                components.append(component)
                continue
            }
            guard components.popLast() != nil else { throw .pathspec(text.excerpt, reason: "it leaves the tree") }
        }
        path = Array(components.joined(separator: [UInt8(ascii: "/")]))
        isDirectoryOnly = text.last == UInt8(ascii: "/")
        literal = path.prefix { !GlobPattern.isSpecial($0) }
        // A slash at the end is part of a pattern, and no path that it is compared with ends in one.
        let special = isDirectoryOnly ? path + [UInt8(ascii: "/")] : path
        pattern = literal.count == path.count ? nil : GlobPattern(special, isPathname: false)
    }

    /// What the pathspec wants of an entry.
    ///
    /// - Parameter entry: the path from the root, without a slash at the end.
    func interest(in entry: [UInt8], _ kind: EntryKind) -> Interest {
        guard !path.isEmpty else { return .whole }
        if isCovered(entry, kind) { return .whole }
        if let pattern, kind != .tree, entry.starts(with: literal), pattern.matches(entry) { return .whole }
        guard kind == .tree else { return .none }
        if isBelow(path, entry) { return .below }
        guard isPattern else { return .none }
        return entry.starts(with: literal) || literal.starts(with: entry) ? .below : .none
    }

    /// Whether the entry itself is what the pathspec names, so that it is not said to match nothing.
    func names(_ entry: [UInt8], _ kind: EntryKind) -> Bool {
        isCovered(entry, kind) || pattern?.matches(entry) == true
    }

    private func isCovered(_ entry: [UInt8], _ kind: EntryKind) -> Bool {
        if entry == path { return !isDirectoryOnly || kind != .blob }
        return isBelow(entry, path)
    }

    /// Whether `inner` is a path inside the directory `outer`.
    private func isBelow(_ inner: [UInt8], _ outer: [UInt8]) -> Bool {
        inner.count > outer.count && inner[outer.count] == UInt8(ascii: "/") && inner.starts(with: outer)
    }
}

extension [ArchivePathspec] {
    /// The most that any of them wants of an entry; all of it when there are none.
    func interest(in entry: [UInt8], _ kind: EntryKind) -> ArchivePathspec.Interest {
        guard !isEmpty else { return .whole }
        return lazy.map { $0.interest(in: entry, kind) }.max() ?? .none
    }
}
