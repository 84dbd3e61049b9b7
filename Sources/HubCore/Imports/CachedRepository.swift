package import Access

/// A repository in Hugging Face's cache: `models--NS--NAME` with `blobs`, `refs` and `snapshots`.
///
/// - Source: huggingface_hub, "Understand caching": layout and meaning of the folders.
package struct CachedRepository: Sendable {
    /// A revision that was downloaded.
    package struct Snapshot: Sendable, Equatable {
        /// The commit's id on the hub that it came from: 40 hexadecimal digits.
        package let id: String
        /// Names of branches, tags and other refs that lead to it, as far as the cache knows.
        package var refs: [String]
        /// Whether it is, or stands for, the default branch.
        package var isMain: Bool

        /// The folder with its files, from the cache's.
        package let folder: String
    }

    /// Oldest first, the one of the default branch last.
    package let snapshots: [Snapshot]

    private static let refBytes = 64
    private static let refDepth = 16

    /// Reads what a folder of the cache holds.
    ///
    /// The tree is the whole cache: the files of the newest clients lie beside all repositories, once for all.
    /// Without a ref `main` the youngest snapshot stands for the default branch.
    package init(_ folder: String, of tree: SourceTree) throws {
        let folders = try tree.names(in: "\(folder)/snapshots").filter { $0.kind == .directory }
            .sorted { $0.modifiedAt < $1.modifiedAt }
        let ids = folders.compactMap { String(validating: $0.bytes, as: UTF8.self) }.filter(Self.isCommitID)
        let refs = Self.refs(in: "\(folder)/refs", of: tree)
        let main = refs["main"].flatMap { ids.contains($0) ? $0 : nil } ?? ids.last
        snapshots = (ids.filter { $0 != main } + [main].compactMap(\.self)).map { id in
            let names = refs.filter { $0.value == id && $0.key != "main" }.map(\.key).sorted()
            return Snapshot(id: id, refs: names, isMain: id == main, folder: "\(folder)/snapshots/\(id)")
        }
    }

    /// The commit ids by the names of refs; what cannot be read is as if it were not there.
    private static func refs(in folder: String, of tree: SourceTree) -> [String: String] {
        guard let paths = try? tree.walk(folder).files else { return [:] }
        var refs: [String: String] = [:]
        for path in paths where path.utf8.count(where: { $0 == 0x2F }) < refDepth {
            guard let file = try? tree.file("\(folder)/\(path)"), file.size <= refBytes,
                let text = try? String(validating: file.contents(), as: UTF8.self)
            else { continue }
            let id = String(text.filter { !$0.isWhitespace })
            if isCommitID(id) { refs[path] = id }
        }
        return refs
    }

    /// The tag that says from which commit a snapshot comes, below `refs/tags/`.
    package static func tag(_ id: String) -> String { "import/\(id)" }

    private static func isCommitID(_ text: String) -> Bool {
        text.utf8.count == 40 && text.utf8.allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
    }

    /// The address that the name of a cache's folder means; nil for other folders.
    ///
    /// - Parameter namespace: where it goes instead of its own namespace; what has none needs it.
    /// - Throws: `AddressError` and its like for names that this hub does not allow.
    package static func address(of folder: String, in namespace: String?) throws -> RepositoryAddress? {
        let parts = folder.split(separator: "--", omittingEmptySubsequences: false).map(String.init)
        guard (2...3).contains(parts.count), let kind = parts.first, let name = parts.last,
            ["models", "datasets", "spaces"].contains(kind), let type = RepositoryType(text: kind)
        else { return nil }
        guard let owner = namespace ?? (parts.count == 3 ? parts[1] : nil) else {
            throw HubError.invalid("'\(folder)' has no namespace. Say where it goes with --namespace.")
        }
        return try RepositoryAddress(type: type, checkingNamespace: owner, name: name)
    }
}
