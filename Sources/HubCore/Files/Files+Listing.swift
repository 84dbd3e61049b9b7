package import Access
package import GitCore
import LFS
package import Metadata
import ObjectStore

/// The files of a revision.
package struct RevisionFiles: Sendable {
    /// The commit that the revision means.
    package var commit: ObjectID
    /// When it was made.
    package var date: Timestamp
    /// Its files, directories left out.
    package var files: [FileEntry]
}

/// A page of the entries below a directory.
package struct TreePage: Sendable {
    /// The commit that the revision means.
    package var commit: ObjectID
    /// The entries, in git's order.
    package var entries: [FileEntry]
    /// Where the next page begins; nil when this is the last.
    package var next: String?
    /// The last commits that touched the entries, where they were asked for and found.
    package var lastCommits: [String: CommitSummary] = [:]
}

extension Files {
    /// The most files that a revision's list gives; 0.36's clients read the tree when there are more.
    package static let longestList = 50_000
    /// Entries of a page, at most.
    package static let largestPage = 1_000
    /// The same when each is to be told with its last commit.
    package static let largestExpandedPage = 50

    /// What is in a revision; nil means the default branch.
    func files(_ scene: Scene, revision: String?) async throws -> RevisionFiles {
        try await browse(scene, revision) { commit, browser in
            let page = try browser.page(below: [], isRecursive: true, after: [], limit: Self.longestList * 2)
            let files = page?.entries.filter { $0.kind == .file } ?? []
            let date = Timestamp(microseconds: 0).adding(seconds: browser.seconds)
            return RevisionFiles(commit: commit, date: date, files: Array(files.prefix(Self.longestList)))
        }
    }

    /// A page of the entries below a directory.
    ///
    /// - Parameters:
    ///   - path: from the root, without slashes at its ends; empty for the root.
    ///   - after: what the page before gave as `next`; nil for the first page.
    /// - Throws: `HubError.notFound` about the revision, or about the entry when there is no such directory.
    package func tree(
        _ address: RepositoryAddress,
        revision: String,
        path: String,
        isRecursive: Bool,
        isExpanded: Bool,
        after: String?,
        limit: Int,
        by actor: Actor
    ) async throws -> TreePage {
        let scene = try await scene(address, .readContent, by: actor)
        let largest = isExpanded ? Self.largestExpandedPage : Self.largestPage
        var page = try await browse(scene, revision) { commit, browser in
            let page = try browser.page(
                below: FileBrowser.components(path),
                isRecursive: isRecursive,
                after: FileBrowser.components(after ?? ""),
                limit: min(max(limit, 1), largest)
            )
            guard let page else { throw Self.missingEntry }
            let prefix = path.isEmpty ? 0 : path.utf8.count + 1
            let next = page.isLast ? nil : page.entries.last.map { String($0.path.utf8.dropFirst(prefix)) ?? "" }
            return TreePage(commit: commit, entries: page.entries, next: next)
        }
        try await addXetHashes(to: &page.entries, in: scene.record)
        if isExpanded { page.lastCommits = try await lastCommits(scene, page.commit, page.entries) }
        return page
    }

    /// The entries at some paths; those that are not there are left out.
    package func entries(
        _ address: RepositoryAddress,
        revision: String,
        paths: [String],
        isExpanded: Bool,
        by actor: Actor
    ) async throws -> TreePage {
        let scene = try await scene(address, .readContent, by: actor)
        var page = try await browse(scene, revision) { commit, browser in
            let entries = try paths.compactMap { path in
                try Task.checkCancellation()
                return try browser.entry(at: FileBrowser.components(path))
            }
            return TreePage(commit: commit, entries: entries)
        }
        try await addXetHashes(to: &page.entries, in: scene.record)
        if isExpanded {
            let some = Array(page.entries.prefix(Self.largestExpandedPage))
            page.lastCommits = try await lastCommits(scene, page.commit, some)
        }
        return page
    }

    /// Says of large files by what they are downloaded in chunks.
    private func addXetHashes(to entries: inout [FileEntry], in repository: RepositoryRecord) async throws {
        let oids = entries.compactMap { $0.lfs?.object.oid.hex }
        guard !oids.isEmpty else { return }
        let hashes = try await lfs.database.read { try $0.xetHashes(oids: oids, repositoryID: repository.id) }
        for index in entries.indices {
            guard let oid = entries[index].lfs?.object.oid.hex else { continue }
            entries[index].lfs?.xetHash = hashes[oid]
        }
    }

    /// The refs that clients are shown, with the commits they lead to.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func refs(_ address: RepositoryAddress, by actor: Actor) async throws -> [Ref] {
        try await scene(address, .readRepository, by: actor).refs.refs
    }
}
