/// Which objects a client may ask for: those that are reachable from refs it may see.
///
/// Objects that force pushes and deletions have left behind stay stored for a while, but nobody can fetch them.
struct WantCheck {
    let repository: GitRepository
    let snapshot: RefSnapshot
    let packs: PackSet
    /// Whether hidden refs hold objects of their own.
    let hasHiddenRefs: Bool

    /// The first of `wants` that is not to be served; nil when all are.
    func firstRefused(of wants: [ObjectID]) async throws -> ObjectID? {
        let refused = try await refused(among: wants)
        return refused.isEmpty ? nil : wants.first(where: refused.contains)
    }

    /// Those of `wants` that are not to be served.
    func refused(among wants: [ObjectID]) async throws -> Set<ObjectID> {
        var tips: Set<ObjectID> = []
        for ref in snapshot.refs {
            tips.insert(ref.oid)
            if let peeled = ref.peeled { tips.insert(peeled) }
        }
        let others = wants.filter { !tips.contains($0) }
        let unknown = Set(others.filter { !packs.contains($0) })
        guard others.count > unknown.count, !snapshot.everyObjectReachable || hasHiddenRefs else { return unknown }
        if let reachable = repository.reachableObjects(generation: snapshot.generation) {
            return Set(others.filter { !reachable.contains($0) })
        }
        let reachable = try await reachableObjects(from: tips)
        repository.remember(reachable: reachable, generation: snapshot.generation)
        return Set(others.filter { !reachable.contains($0) })
    }

    private func reachableObjects(from tips: Set<ObjectID>) async throws -> Set<ObjectID> {
        var request = ObjectSelection.Request()
        request.wants = Array(tips)
        let reader = try ObjectReader(packs)
        let selection = ObjectSelection(request, reader: reader, table: CommitTable(reader))
        while try selection.advance(5_000) {
            try Task.checkCancellation()
            await Task.yield()
        }
        return Set(selection.selected)
    }
}
