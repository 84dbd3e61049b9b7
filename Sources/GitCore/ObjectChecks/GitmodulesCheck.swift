/// The check of `.gitmodules` blobs: nothing in them may reach outside a clone or start a command.
///
/// - Source: git-fsck(1) `gitmodules…`; CVE-2018-11235, CVE-2018-17456, CVE-2019-19604, CVE-2020-5260, CVE-2020-11008.
package enum GitmodulesCheck {
    /// Checks the content of a blob that `SpecialBlobs.gitmodules` names.
    ///
    /// A file that does not parse is tolerated from where it breaks, as git does: git will not use it either.
    /// - Throws: `gitmodulesLarge`, `gitmodulesName`, `gitmodulesUrl`, `gitmodulesPath` or `gitmodulesUpdate`.
    package static func check(
        _ bytes: UnsafeRawBufferPointer,
        limits: GitLimits = .standard
    ) throws(ObjectError) {
        guard bytes.count <= limits.objectParts.gitmodulesBytes else { throw .gitmodulesLarge }
        var parser = GitConfigParser(bytes)
        while true {
            let entry: GitConfigEntry?
            do throws(GitConfigError) {
                entry = try parser.next()
            } catch {
                return
            }
            guard let entry else { return }
            try check(entry)
        }
    }

    private static func check(_ entry: GitConfigEntry) throws(ObjectError) {
        guard entry.section.elementsEqual("submodule".utf8), let name = entry.subsection else { return }
        guard isSafe(name: name) else { throw .gitmodulesName }
        guard let value = entry.value else { return }
        if entry.key.elementsEqual("url".utf8) {
            guard SubmoduleURL.isSafe(value) else { throw .gitmodulesUrl }
        } else if entry.key.elementsEqual("path".utf8) {
            guard value.first != UInt8(ascii: "-") else { throw .gitmodulesPath }
        } else if entry.key.elementsEqual("update".utf8) {
            guard value.first != UInt8(ascii: "!") else { throw .gitmodulesUpdate }
        }
    }

    /// The name becomes a path below `.git/modules`: it may not be empty or have a component `..`.
    private static func isSafe(name: [UInt8]) -> Bool {
        guard let first = name.first, first != 0 else { return false }
        let components = name.split(omittingEmptySubsequences: false) {
            $0 == UInt8(ascii: "/") || $0 == UInt8(ascii: "\\")
        }
        return !components.contains { $0.elementsEqual("..".utf8) }
    }
}
