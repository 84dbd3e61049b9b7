/// Shows every small blob that some refs lead to, each once, with a path to it: what garbage collection marks by.
///
/// Done in steps. Memory: about 100 bytes for each commit, tree and blob. Belongs to one thread at a time.
package final class SmallBlobScan {
    /// A blob, as the scan comes to it first.
    package struct Found {
        /// Its id.
        package let oid: ObjectID
        /// Its content.
        package let bytes: [UInt8]
        /// The first ref that leads to it, in the order of the scan.
        package let ref: RefName
        fileprivate let scan: SmallBlobScan
        fileprivate let folder: Int?
        fileprivate let name: [UInt8]

        /// One of its paths, in some commit; empty for a blob that a ref points to itself.
        package var path: [UInt8] { scan.path(folder, name) }
    }

    /// A tree that is to be looked at, or was: where it stands and what it is called there.
    private struct Folder {
        let parent: Int?
        let name: [UInt8]
    }

    private let reader: ObjectReader
    private let probe: BlobProbe
    private let table: CommitTable
    /// Still to be looked at, the last one first.
    private var refs: [Ref]
    private var ref: RefName
    private var commits: [ObjectID] = []
    private var trees: [(oid: ObjectID, folder: Folder)] = []
    /// Trees that were looked at.
    private var folders: [Folder] = []
    /// Blobs that refs or tags point to themselves.
    private var loose: [ObjectID] = []
    private var seen: Set<ObjectID> = []

    /// A scan of the current packs of a repository, from all refs of `snapshot`, hidden ones included, the default branch
    /// first and then in their order.
    package init(_ repository: GitRepository, _ snapshot: RefSnapshot, probe: BlobProbe) throws {
        reader = try ObjectReader(repository.packs.current())
        self.probe = probe
        table = CommitTable(reader)
        let others = snapshot.refs.filter { $0.name != snapshot.headTarget }
        refs = others.reversed() + [snapshot.head].compactMap(\.self)
        ref = snapshot.headTarget
    }

    /// Looks at up to `count` refs, commits and trees; false when all were looked at.
    ///
    /// - Parameter show: is handed each blob that the probe matches.
    /// - Throws: `PackError` when something is missing or damaged: then the scan says nothing about what is reachable.
    package func advance(_ count: Int, show: (Found) throws -> Void) throws -> Bool {
        for _ in 0..<count {
            if let blob = loose.popLast() {
                try look(at: blob, in: nil, [], show)
            } else if let tree = trees.popLast() {
                try expand(tree.oid, tree.folder, show)
            } else if let commit = commits.popLast() {
                guard seen.insert(commit).inserted else { continue }
                let header = try reader.commitHeader(commit)
                trees.append((header.tree, Folder(parent: nil, name: [])))
                commits.append(contentsOf: header.parents.filter { !seen.contains($0) })
            } else if let next = refs.popLast() {
                try begin(next)
            } else {
                return false
            }
        }
        return true
    }

    private func begin(_ next: Ref) throws {
        ref = next.name
        guard let (oid, type) = try table.peel(next.oid) else { throw PackError.missing(next.oid) }
        switch type {
        case .commit: commits.append(oid)
        case .tree: trees.append((oid, Folder(parent: nil, name: [])))
        case .blob: loose.append(oid)
        case .tag: break
        }
    }

    private func expand(_ oid: ObjectID, _ folder: Folder, _ show: (Found) throws -> Void) throws {
        guard seen.insert(oid).inserted else { return }
        let number = folders.count
        folders.append(folder)
        let tree = try reader.object(oid, as: .tree)
        try tree.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                guard !seen.contains(entry.oid) else { continue }
                let name = Array(entry.name)
                switch entry.kind {
                case .tree: trees.append((entry.oid, Folder(parent: number, name: name)))
                case .blob: try look(at: entry.oid, in: number, name, show)
                case .gitlink: break
                }
            }
        }
    }

    private func look(at oid: ObjectID, in folder: Int?, _ name: [UInt8], _ show: (Found) throws -> Void) throws {
        guard seen.insert(oid).inserted else { return }
        guard let header = try reader.header(of: oid) else { throw PackError.missing(oid) }
        guard header.size <= Int64(probe.limit) else { return }
        let blob = try reader.object(oid, as: .blob)
        guard blob.bytes.withUnsafeBytes(probe.matches) else { return }
        try show(Found(oid: oid, bytes: blob.bytes, ref: ref, scan: self, folder: folder, name: name))
    }

    /// The names from the root to here.
    private func path(_ folder: Int?, _ name: [UInt8]) -> [UInt8] {
        var names = [name]
        var next = folder
        while let number = next {
            let folder = folders[number]
            if !folder.name.isEmpty { names.append(folder.name) }
            next = folder.parent
        }
        return Array(names.reversed().joined(separator: [UInt8(ascii: "/")]))
    }
}
