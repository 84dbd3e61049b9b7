/// What a client may ask for, and say it has: objects that are reachable from refs it may see.
///
/// Objects that force pushes and deletions have left behind stay stored for a while, but nobody can fetch them, learn of
/// them or build on them.
struct WantCheck {
    let repository: GitRepository
    /// The refs that the client may see.
    let snapshot: RefSnapshot
    let packs: PackSet
    /// Whether hidden refs hold objects of their own.
    let hasHiddenRefs: Bool

    /// True when whatever is stored is reachable, so that presence is all that matters.
    var isEverythingVisible: Bool { snapshot.everyObjectReachable && !hasHiddenRefs }

    /// The first of `wants` that is not to be served; nil when all are.
    func firstRefused(of wants: [ObjectID]) async throws -> ObjectID? {
        let refused = try await refused(among: wants)
        return refused.isEmpty ? nil : wants.first(where: refused.contains)
    }

    /// Those of `wants` that are not to be served.
    func refused(among wants: [ObjectID]) async throws -> Set<ObjectID> {
        let tips = tips
        let others = wants.filter { !tips.contains($0) }
        let unknown = Set(others.filter { !packs.contains($0) })
        guard others.count > unknown.count, !isEverythingVisible else { return unknown }
        let reader = try ObjectReader(packs)
        let areCommits = try others.allSatisfy { oid in
            try unknown.contains(oid) || reader.header(of: oid)?.type == .commit
        }
        let reachable = areCommits ? try await reachableCommits() : try await reachableObjects()
        return Set(others.filter { !reachable.contains($0) })
    }

    /// Everything that refs lead to; nil when that is everything there is.
    func visibleObjects() async throws -> Set<ObjectID>? {
        isEverythingVisible ? nil : try await reachableObjects()
    }

    /// All commits that refs lead to; nil when that is every commit there is.
    func visibleCommits() async throws -> Set<ObjectID>? {
        isEverythingVisible ? nil : try await reachableCommits()
    }

    private var tips: Set<ObjectID> {
        var tips: Set<ObjectID> = []
        for ref in snapshot.refs {
            tips.insert(ref.oid)
            if let peeled = ref.peeled { tips.insert(peeled) }
        }
        return tips
    }

    private func reachableCommits() async throws -> Set<ObjectID> {
        if let known = repository.reachable.commits(generation: snapshot.generation) { return known }
        let table = CommitTable(try ObjectReader(packs))
        var found: Set<ObjectID> = []
        var stack: [CommitTable.Number] = []
        for ref in snapshot.refs {
            guard let target = try table.peel(ref.oid), target.type == .commit else { continue }
            stack.append(table.number(of: target.oid))
        }
        var steps = 0
        while let commit = stack.popLast() {
            guard found.insert(table.oid(of: commit)).inserted else { continue }
            try table.load(commit)
            stack.append(contentsOf: table.parents(of: commit))
            steps += 1
            if steps.isMultiple(of: 2_000) { try await Self.pause() }
        }
        repository.reachable.remember(commits: found, generation: snapshot.generation)
        return found
    }

    private func reachableObjects() async throws -> Set<ObjectID> {
        if let known = repository.reachable.objects(generation: snapshot.generation) { return known }
        let selection = try snapshot.selection(in: packs)
        while try selection.advance(5_000) { try await Self.pause() }
        let found = try selection.contents().plan.oids
        repository.reachable.remember(objects: found, generation: snapshot.generation)
        return found
    }

    private static func pause() async throws {
        try Task.checkCancellation()
        await Task.yield()
    }
}
