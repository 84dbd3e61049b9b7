extension UploadPack {
    /// Computes the new boundary that a request asks for; nil when it asks for none.
    ///
    /// - Throws: `RequestError` when nothing would be left, or a ref of `deepen-not` is unknown.
    func boundary(for request: FetchRequest, _ state: FetchState) throws -> ShallowBoundary? {
        guard let deepen = request.deepen else { return nil }
        let clientShallows = state.clientShallows
        let walk = ShallowWalk(state.table, clientShallows: clientShallows)
        switch deepen {
        case .depth(let depth):
            guard depth < Deepen.infiniteDepth else {
                // The client asks to be complete, not only behind what it wants this time.
                return try walk.cut(from: try state.commits(request.wants + clientShallows), depth: depth)
            }
            guard request.deepenRelative, !clientShallows.isEmpty else {
                return try walk.cut(from: try state.commits(request.wants), depth: depth)
            }
            // The boundary itself is the first of the commits that are counted.
            return try walk.cut(from: try state.commits(clientShallows), depth: depth + 1)
        case .boundary(let since, let not):
            var excluded: [ObjectID] = []
            for spelling in not {
                guard let ref = snapshot.resolve(spelling) else {
                    throw RequestError.invalidDeepen(String(decoding: spelling.bytes.prefix(128), as: UTF8.self))
                }
                excluded.append(ref.oid)
            }
            let starts = try state.commits(request.wants)
            guard let cut = try walk.cut(from: starts, since: since, excluding: try state.commits(excluded)) else {
                throw RequestError.invalidDeepen("no commits selected for shallow requests")
            }
            return cut
        }
    }
}
