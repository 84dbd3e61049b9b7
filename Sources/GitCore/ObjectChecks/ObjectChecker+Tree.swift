extension ObjectChecker {
    /// Checks the content of a tree; subtrees and blobs go to `links`, gitlinks do not.
    ///
    /// `special` collects the blobs whose content must be checked by `GitmodulesCheck` and `GitattributesCheck`.
    /// - Throws: the tree errors of `ObjectError`.
    package static func checkTree(
        _ bytes: UnsafeRawBufferPointer,
        limits: GitLimits = .standard,
        links: inout some LinkSink,
        special: inout SpecialBlobs
    ) throws(ObjectError) {
        var iterator = TreeIterator(bytes)
        var order = TreeOrder()
        var count = 0
        while let entry = try iterator.next() {
            count += 1
            guard count <= limits.objectParts.treeEntries else { throw .tooManyEntries }
            try checkMode(entry.mode)
            try checkName(entry, limits: limits, special: &special)
            try order.append(entry)
            switch entry.kind {
            case .tree: links.link(to: entry.oid, expecting: .tree)
            case .blob: links.link(to: entry.oid, expecting: .blob)
            case .gitlink: break
            }
        }
    }

    /// Accepts the modes git writes, and the group-writable one it wrote in its first months.
    private static func checkMode(_ mode: UInt32) throws(ObjectError) {
        switch mode {
        case FileMode.tree, FileMode.symlink, FileMode.gitlink, 0o100644, 0o100755, 0o100664: return
        default: throw .badFilemode
        }
    }

    private static func checkName(
        _ entry: TreeEntry,
        limits: GitLimits,
        special: inout SpecialBlobs
    ) throws(ObjectError) {
        let name = entry.name
        guard let first = name.first else { throw .emptyName }
        guard name.count <= limits.objectParts.nameBytes else { throw .nameTooLong }
        var hasBackslash = false
        for byte in name {
            guard byte != UInt8(ascii: "/") else { throw .fullPathname }
            if byte == UInt8(ascii: "\\") { hasBackslash = true }
        }
        // Nearly all names end here: only these can mean `.git…` to some file system.
        guard hasBackslash || SpecialName.mayStart(with: first) else { return }
        try checkSuspicious(entry, hasBackslash: hasBackslash, special: &special)
    }

    private static func checkSuspicious(
        _ entry: TreeEntry,
        hasBackslash: Bool,
        special: inout SpecialBlobs
    ) throws(ObjectError) {
        let name = entry.name
        guard !name.elementsEqual(".".utf8) else { throw .hasDot }
        guard !name.elementsEqual("..".utf8) else { throw .hasDotdot }
        guard !SpecialName.isDotGit(name) else { throw .hasDotgit }
        var isGitmodules = SpecialName.gitmodules.matches(name)
        if hasBackslash {
            // On Windows each part behind a backslash is a name of its own.
            for start in name.indices where name[start] == UInt8(ascii: "\\") {
                let part = UnsafeRawBufferPointer(rebasing: name[(start + 1)...])
                guard !SpecialName.isNTFSDotGit(part) else { throw .hasDotgit }
                isGitmodules = isGitmodules || SpecialName.gitmodules.matchesNTFS(part)
            }
        }
        if isGitmodules {
            guard !entry.isSymlink else { throw .gitmodulesSymlink }
            guard entry.kind == .blob else { throw .gitmodulesBlob }
            special.gitmodules.append(entry.oid)
        }
        // Git ignores .gitattributes that are links, so they are harmless and only noted there.
        if SpecialName.gitattributes.matches(name), !entry.isSymlink {
            guard entry.kind == .blob else { throw .gitattributesBlob }
            special.gitattributes.append(entry.oid)
        }
    }
}
