/// Which of some paths two trees disagree about.
///
/// Looks only into directories that differ and lead to one of the paths, each once.
struct PathComparison {
    let reader: ObjectReader

    private struct Entry: Equatable {
        var mode: UInt32
        var oid: ObjectID

        var tree: ObjectID? { mode & FileMode.typeMask == FileMode.tree ? oid : nil }
    }

    /// A directory that differs, and what is asked of it.
    private struct Job {
        var old: ObjectID?
        var new: ObjectID?
        /// Indexes of the paths that lead here.
        var paths: [Int]
        /// Names that lie before this directory's own.
        var depth: Int
    }

    /// The paths that lead to different entries, or to an entry in one of the trees only; in the order given.
    ///
    /// - Parameters:
    ///   - old: a root tree; nil stands for an empty one.
    ///   - new: a root tree; nil stands for an empty one.
    ///   - paths: names separated by slashes.
    func differing(_ old: ObjectID?, _ new: ObjectID?, among paths: [[UInt8]]) throws -> [[UInt8]] {
        let names = paths.map { $0.split(separator: UInt8(ascii: "/")).map(Array.init) }
        var differing: Set<Int> = []
        var jobs = [Job(old: old, new: new, paths: names.indices.filter { !names[$0].isEmpty }, depth: 0)]
        while let job = jobs.popLast() {
            guard job.old != job.new else { continue }
            try Task.checkCancellation()
            let groups = Dictionary(grouping: job.paths) { names[$0][job.depth] }
            let before = try entries(of: job.old, named: groups)
            let after = try entries(of: job.new, named: groups)
            for (name, group) in groups where before[name] != after[name] {
                let ends = group.filter { names[$0].count == job.depth + 1 }
                differing.formUnion(ends)
                let deeper = group.filter { names[$0].count > job.depth + 1 }
                guard !deeper.isEmpty else { continue }
                jobs.append(
                    Job(old: before[name]?.tree, new: after[name]?.tree, paths: deeper, depth: job.depth + 1)
                )
            }
        }
        return paths.indices.filter(differing.contains).map { paths[$0] }
    }

    private func entries(of tree: ObjectID?, named names: [[UInt8]: [Int]]) throws -> [[UInt8]: Entry] {
        guard let tree else { return [:] }
        var found: [[UInt8]: Entry] = [:]
        let object = try reader.object(tree, as: .tree)
        try object.bytes.withUnsafeBytes { bytes in
            var entries = TreeIterator(bytes)
            while let entry = try entries.next() {
                let name = Array(entry.name)
                if names[name] != nil { found[name] = Entry(mode: entry.mode, oid: entry.oid) }
            }
        }
        return found
    }
}
