/// Shows every small blob that some refs lead to, each once: what garbage collection marks by.
///
/// Done in steps. Memory: about 50 bytes for each commit, tree and blob. Belongs to one thread at a time.
package final class SmallBlobScan {
    private let reader: ObjectReader
    private let probe: BlobProbe
    private var commits: [ObjectID]
    private var trees: [ObjectID] = []
    private var seen: Set<ObjectID> = []

    /// A scan of the current packs of a repository, from all refs of `snapshot`, hidden ones included.
    ///
    /// - Throws: `PackError.missing` when what a ref points to is not there.
    package convenience init(_ repository: GitRepository, _ snapshot: RefSnapshot, probe: BlobProbe) throws {
        try self.init(ObjectReader(repository.packs.current()), tips: snapshot.refs.map(\.oid), probe: probe)
    }

    init(_ reader: ObjectReader, tips: [ObjectID], probe: BlobProbe) throws {
        self.reader = reader
        self.probe = probe
        commits = []
        loose = []
        let table = CommitTable(reader)
        for tip in tips {
            guard let (oid, type) = try table.peel(tip) else { throw PackError.missing(tip) }
            switch type {
            case .commit: commits.append(oid)
            case .tree: trees.append(oid)
            case .blob: loose.append(oid)
            case .tag: break
            }
        }
    }

    /// Blobs that refs or tags point to themselves.
    private var loose: [ObjectID]

    /// Looks at up to `count` commits and trees; false when all were looked at.
    ///
    /// - Parameter show: is handed the content of each blob that the probe matches.
    /// - Throws: `PackError` when something is missing or damaged: then the scan says nothing about what is reachable.
    package func advance(_ count: Int, show: ([UInt8]) throws -> Void) throws -> Bool {
        for _ in 0..<count {
            if let blob = loose.popLast() {
                try look(at: blob, show)
            } else if let tree = trees.popLast() {
                try expand(tree, show)
            } else if let commit = commits.popLast() {
                guard seen.insert(commit).inserted else { continue }
                let header = try reader.commitHeader(commit)
                trees.append(header.tree)
                commits.append(contentsOf: header.parents.filter { !seen.contains($0) })
            } else {
                return false
            }
        }
        return true
    }

    private func expand(_ oid: ObjectID, _ show: ([UInt8]) throws -> Void) throws {
        guard seen.insert(oid).inserted else { return }
        let tree = try reader.object(oid, as: .tree)
        try tree.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                switch entry.kind {
                case .tree: if !seen.contains(entry.oid) { trees.append(entry.oid) }
                case .blob: try look(at: entry.oid, show)
                case .gitlink: break
                }
            }
        }
    }

    private func look(at oid: ObjectID, _ show: ([UInt8]) throws -> Void) throws {
        guard seen.insert(oid).inserted else { return }
        guard let header = try reader.header(of: oid) else { throw PackError.missing(oid) }
        guard header.size <= Int64(probe.limit) else { return }
        let blob = try reader.object(oid, as: .blob)
        guard blob.bytes.withUnsafeBytes(probe.matches) else { return }
        try show(blob.bytes)
    }
}
