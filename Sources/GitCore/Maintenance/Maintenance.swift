/// Keeps a repository cheap to serve: joins small packs, writes bitmaps and commit-graph, and lets go of objects that
/// nothing has led to for long.
///
/// Everything is written beside the packs in a directory of its own and appears by renaming, the index last; the packs that
/// a new one replaces move to a directory of their own then, and go later, when their last readers must be gone. Stopped at
/// any instant, it leaves packs that hold everything, some of it twice. Pushes and fetches go on meanwhile. Belongs
/// to one thread at a time.
package final class Maintenance {
    let repository: GitRepository
    let snapshot: RefSnapshot
    let options: MaintenanceOptions
    let now: Int64
    let directory: String
    let pause: () async throws -> Void
    let exclusively: (() throws -> Void) async throws -> Void
    var report = MaintenanceReport()

    /// - Parameters:
    ///   - snapshot: all refs, hidden ones too.
    ///   - name: of the directory for what is being written; unique and safe as a file name.
    ///   - now: nanoseconds since 1970.
    ///   - pause: is called after each bit of work, so that others get their turn; throws to stop.
    ///   - exclusively: runs a short step while no push publishes and nobody links packs.
    package init(
        _ repository: GitRepository,
        _ snapshot: RefSnapshot,
        options: MaintenanceOptions,
        name: String,
        now: Int64,
        pause: @escaping () async throws -> Void,
        exclusively: @escaping (() throws -> Void) async throws -> Void
    ) {
        self.repository = repository
        self.snapshot = snapshot
        self.options = options
        self.now = now
        self.pause = pause
        self.exclusively = exclusively
        directory = repository.maintenancePath + "/" + name
    }

    /// Does what is due.
    ///
    /// - Throws: errors of storage, and what `pause` throws; what is half done is removed.
    package func run() async throws -> MaintenanceReport {
        try Directories.create(repository.maintenancePath)
        try Directories.create(directory)
        try Directories.create(repository.retiredPath)
        defer {
            repository.packs.files.forget(below: directory)
            try? Directories.removeTree(directory)
        }
        let packs = try repository.packs.current()
        report.packsBefore = packs.packs.count
        try removeRetired()
        try await join(packs)
        let joined = try repository.packs.current()
        try await writeGraph(joined)
        try await writeBitmaps(joined)
        report.packsAfter = joined.packs.count
        report.isEverythingReachable = try await isEverythingReachable(joined)
        return report
    }

    /// Whether a run with usual options would change anything but the commit-graph.
    package static func isWorthwhile(_ packs: PackSet, _ options: MaintenanceOptions = MaintenanceOptions()) -> Bool {
        if !GeometricPlan.joined(packs.packs.map(\.size), fewPacks: options.fewPacks).isEmpty { return true }
        let largest = packs.packs.max { $0.index.count < $1.index.count }
        guard let largest, largest.index.count >= options.fewObjects else { return false }
        return largest.bitmap() == nil
    }

    /// What refs point to: `HEAD` first, then branches, then the rest.
    var tips: [ObjectID] {
        let branches = snapshot.refs(withPrefix: "refs/heads/".utf8).map(\.oid)
        return (snapshot.head.map { [$0.oid] } ?? []) + branches + snapshot.refs.map(\.oid)
    }

    /// Everything that refs lead to.
    func reachable(in packs: PackSet) async throws -> PackPlan {
        let selection = try snapshot.selection(in: packs)
        while try selection.advance(1_000) { try await pause() }
        return try selection.contents().plan
    }

    private func isEverythingReachable(_ packs: PackSet) async throws -> Bool {
        if snapshot.everyObjectReachable { return true }
        guard options.isFull, packs.packs.allSatisfy({ !isPutAside($0) }) else { return false }
        return try await reachable(in: packs).count == PackPlan(all: packs).count
    }

    private func writeGraph(_ packs: PackSet) async throws {
        let table = CommitTable(try ObjectReader(packs))
        var commits: [ObjectID] = []
        for tip in Set(tips) {
            guard let target = try table.peel(tip), target.type == .commit else { continue }
            commits.append(target.oid)
        }
        let isCovered = try await isCovered(commits, by: packs.graph, table)
        guard !isCovered else { return }
        let path = directory + "/commit-graph"
        // It takes everything from the objects themselves, so that no mistake outlives its file.
        let fresh = CommitTable(try ObjectReader(packs), usesGraph: false)
        guard let count = try CommitGraphWriter.write(commits, table: fresh, path: path) else { return }
        try Directories.create(repository.path + "/objects/info")
        try Directories.rename(path, to: repository.packs.graphPath)
        report.commitsInGraph = count
    }

    /// Whether the graph lacks so few commits that writing it again is not worth while.
    private func isCovered(_ tips: [ObjectID], by graph: CommitGraph?, _ table: CommitTable) async throws -> Bool {
        let limit = options.isFull ? 0 : max(64, (graph?.count ?? 0) / 16)
        var lacking: Set<CommitTable.Number> = []
        var stack = tips.map { table.number(of: $0) }
        while let commit = stack.popLast() {
            guard graph?.position(of: table.oid(of: commit)) == nil, lacking.insert(commit).inserted else { continue }
            guard lacking.count <= limit else { return false }
            try table.load(commit)
            stack.append(contentsOf: table.parents(of: commit))
            if lacking.count.isMultiple(of: 256) { try await pause() }
        }
        return true
    }

    private func writeBitmaps(_ packs: PackSet) async throws {
        let largest = packs.packs.max { $0.index.count < $1.index.count }
        guard let largest, largest.index.count >= options.fewObjects, largest.bitmap() == nil else { return }
        let path = directory + "/bitmap"
        let count = try await PackBitmapBuilder(largest).write(tips, path: path, pause: pause)
        guard count > 0 else { return }
        try Directories.rename(path, to: "\(repository.packs.path)/\(largest.name).bitmap")
        // Stock git takes the first file that it finds.
        for pack in packs.packs where pack !== largest {
            try Directories.removeTree("\(repository.packs.path)/\(pack.name).bitmap")
        }
        report.commitsWithBitmap = count
    }
}

extension RefSnapshot {
    /// Selects everything that the refs lead to, by bitmaps where there are some.
    func selection(in packs: PackSet) throws -> FetchSelection {
        var request = ObjectSelection.Request()
        request.wants = Array(Set(refs.map(\.oid)))
        return try FetchSelection(request, reader: try ObjectReader(packs), isWhole: false, fewCommits: .max)
    }
}

extension GitRepository {
    /// Whether no push is between its pack and its refs, and everything that is stored is reachable from refs.
    package func holdsOnlyReachable(from snapshot: RefSnapshot) throws -> Bool {
        guard let packs = try settledPacks() else { return false }
        let selection = try snapshot.selection(in: packs)
        while try selection.advance(1_000) { try Task.checkCancellation() }
        return try selection.contents().plan.count == PackPlan(all: packs).count
    }
}
