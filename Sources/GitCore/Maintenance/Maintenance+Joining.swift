extension Maintenance {
    /// The files of a pack, its index first: with that it is there, without it is not.
    private static let endings = [".idx", ".pack", ".rev", ".bitmap", PackDirectory.putAsideEnding]

    private func path(of pack: Pack) -> String { "\(repository.packs.path)/\(pack.name)" }

    /// Whether a pack holds what nothing led to when it was written.
    func isPutAside(_ pack: Pack) -> Bool {
        Directories.modificationTime(path(of: pack) + PackDirectory.putAsideEnding) != nil
    }

    private func isGraceOver(_ pack: Pack) -> Bool {
        let marker = path(of: pack) + PackDirectory.putAsideEnding
        guard let since = Directories.modificationTime(marker) else { return false }
        return now - since >= options.grace
    }

    /// Joins the packs that are due.
    func join(_ packs: PackSet) async throws {
        let candidates = packs.packs.filter { !isPutAside($0) }
        guard options.isFull else {
            var due = GeometricPlan.joined(candidates.map(\.size), fewPacks: options.fewPacks).map { candidates[$0] }
            if due.isEmpty { due = olderThanLargest(candidates) }
            guard !due.isEmpty else { return }
            let chosen = PackSet(due)
            return try await replace(due, by: [(try PackPlan(all: chosen), false)])
        }
        // Those whose grace is over come last, so that an object that has come again since is taken from where it came.
        let over = packs.packs.filter(isGraceOver)
        let inputs = packs.packs.filter { pack in !isPutAside(pack) && !over.contains { $0 === pack } } + over
        guard !snapshot.everyObjectReachable || inputs.count > 1 else { return }
        let chosen = PackSet(inputs)
        let all = try PackPlan(all: chosen)
        guard !snapshot.everyObjectReachable else { return try await replace(inputs, by: [(all, false)]) }
        let (kept, aside) = try await split(all, packs, over: over)
        let isUnchanged = aside.count == 0 && report.objectsDropped == 0 && inputs.count == 1
        guard !isUnchanged else { return }
        try await replace(inputs, by: [(kept, false), (aside, true)], over: over)
    }

    /// The largest pack with those that came before it, when there are such: what it refers to lies there, and only a pack
    /// that holds all it refers to can have bitmaps.
    private func olderThanLargest(_ packs: [Pack]) -> [Pack] {
        let largest = packs.enumerated().max { $0.element.index.count < $1.element.index.count }
        guard let largest, largest.offset > 0, largest.element.index.count >= options.fewObjects else { return [] }
        return Array(packs[...largest.offset])
    }

    /// What refs lead to, and what they do not lead to and is to wait; what has waited long enough is in neither.
    ///
    /// - Parameter over: the packs whose grace is over, the last ones of `all`.
    private func split(
        _ all: PackPlan,
        _ packs: PackSet,
        over: [Pack]
    ) async throws -> (kept: PackPlan, aside: PackPlan) {
        let reachable = try await reachable(in: packs)
        var (kept, aside) = (all, all)
        for (number, pack) in all.packs.packs.enumerated() {
            let isOver = over.contains { $0 === pack }
            var reached = Bitset(bound: pack.index.count)
            all.sets[number].forEach { rank in
                if reachable.contains(pack.index.oid(at: pack.order.position(atRank: rank))) { reached.insert(rank) }
            }
            var lost = all.sets[number]
            lost.subtract(reached)
            kept.take(reached, of: number)
            aside.take(isOver ? Bitset(bound: 0) : lost, of: number)
            if isOver { report.objectsDropped += lost.count }
            try await pause()
        }
        return (kept, aside)
    }

    /// Writes new packs and lets them take the place of old ones.
    ///
    /// - Parameter over: those of the old ones that are not copied as a whole, because their grace is over.
    private func replace(
        _ inputs: [Pack],
        by plans: [(plan: PackPlan, isAside: Bool)],
        over: [Pack] = []
    ) async throws {
        var written: [(base: String, name: String, isAside: Bool)] = []
        for (number, (plan, isAside)) in plans.enumerated() where plan.count > 0 {
            let base = "\(directory)/\(number)"
            let result = try await PackRewrite(plan, base: base, pause: pause).write(temporaryDirectory: directory)
            written.append((base, "pack-\(result.checksum.hex)", isAside))
            report.objectsWritten += result.objects
            report.bytesWritten += result.bytes
            if isAside { report.objectsPutAside += result.objects }
        }
        report.packsJoined = inputs.count
        // Where an object lies in several packs the oldest copy is read; that stays so.
        let oldest = inputs.map(\.written).min() ?? now
        let path = repository.packs.path
        try await exclusively {
            try Directories.exclusively(in: path) {
                for pack in written { try publish(pack.base, as: pack.name, isAside: pack.isAside, time: oldest) }
                try Directories.synchronize(repository.packs.path)
                let names = Set(written.map(\.name))
                for pack in inputs where !names.contains(pack.name) {
                    // A push may have brought the very bytes again since they were looked at, and its refs lead to them.
                    let isBack = over.contains { $0 === pack } && !isGraceOver(pack)
                    if !isBack { try retire(pack) }
                }
                try Directories.synchronize(repository.packs.path)
            }
        }
    }

    /// The index comes last: with it the pack is there.
    private func publish(_ base: String, as name: String, isAside: Bool, time: Int64) throws {
        let target = "\(repository.packs.path)/\(name)"
        let marker = target + PackDirectory.putAsideEnding
        try Directories.removeTree(marker)
        if isAside {
            _ = try OpenFile(creating: marker)
            try Directories.setModificationTime(marker, now)
        }
        try Directories.setModificationTime(base + ".pack", time)
        for ending in [".pack", ".rev", ".idx"] {
            try Directories.makeReadOnly(base + ending)
            try Directories.rename(base + ending, to: target + ending)
        }
    }

    /// Takes a pack out of the repository.
    ///
    /// Those who read it still find its file. The time of its index says since when it is out.
    private func retire(_ pack: Pack) throws {
        let path = path(of: pack)
        let resting = "\(repository.retiredPath)/\(pack.name)"
        // Nothing is there when another process has joined the same packs: what it made of them is there, too.
        guard Directories.modificationTime(path + ".idx") != nil else { return }
        try Directories.setModificationTime(path + ".idx", now)
        for ending in Self.endings where Directories.modificationTime(path + ending) != nil {
            try Directories.rename(path + ending, to: resting + ending)
        }
    }

    /// Removes the files of packs that were joined so long ago that nobody can read them any more.
    func removeRetired() throws {
        let names = try Directories.names(in: repository.retiredPath)
        for base in Set(names.map { $0.prefix { $0 != "." } }) {
            let path = "\(repository.retiredPath)/\(base)"
            // Without an index it is the rest of a pack whose removal was cut off.
            if let since = Directories.modificationTime(path + ".idx"), now - since < options.retirement {
                report.packsWaiting += 1
                continue
            }
            for ending in Self.endings.reversed() { try Directories.removeTree(path + ending) }
            report.packsRemoved += 1
        }
        guard report.packsRemoved > 0 else { return }
        // A file that is open keeps its space.
        repository.packs.files.forget(below: repository.packs.path)
    }
}
