/// How a `deepen` request cuts the history, and what the client must be told about it.
package struct ShallowBoundary: Sendable {
    /// Commits whose parents the client will not have, all of them: old boundary and new.
    package var boundary: Set<ObjectID> = []
    /// `shallow` lines to send: boundary commits that the client does not know as such.
    package var shallow: [ObjectID] = []
    /// `unshallow` lines to send: commits of the client's boundary whose parents it gets now.
    package var unshallow: [ObjectID] = []

    /// No cut beyond what the client has already.
    package init(clientShallows: [ObjectID]) {
        boundary = Set(clientShallows)
    }
}

/// Computes the boundary of a shallow fetch.
///
/// - Source: gitprotocol-v2(5) "shallow", "deepen"; gitprotocol-pack(5) "Packfile Negotiation".
package struct ShallowWalk {
    private let table: CommitTable
    private let clientShallows: [ObjectID]

    package init(_ table: CommitTable, clientShallows: [ObjectID]) {
        self.table = table
        self.clientShallows = clientShallows
    }

    /// The first `depth` commits on each path from `starts`; a commit at that depth that has parents is boundary.
    package func cut(from starts: [CommitTable.Number], depth: Int) throws -> ShallowBoundary {
        var depths: [CommitTable.Number: Int] = [:]
        var level = starts
        var isBoundary: Set<CommitTable.Number> = []
        var current = 1
        while !level.isEmpty {
            var next: [CommitTable.Number] = []
            for commit in level where depths[commit] == nil {
                try Task.checkCancellation()
                try table.load(commit)
                depths[commit] = current
                let parents = table.parents(of: commit)
                if current >= depth && depth < Deepen.infiniteDepth {
                    if !parents.isEmpty { isBoundary.insert(commit) }
                } else {
                    next.append(contentsOf: parents)
                }
            }
            level = next
            current += 1
        }
        return boundary(included: Set(depths.keys), cut: isBoundary)
    }

    /// Commits not older than `since` that are not reachable from `excluded`.
    ///
    /// - Returns: nil when that leaves no commit at all, which is an error for the client.
    package func cut(
        from starts: [CommitTable.Number],
        since: Int64?,
        excluding excluded: [CommitTable.Number]
    ) throws -> ShallowBoundary? {
        let hidden = try closure(of: excluded) { _ in true }
        let included = try closure(of: starts) { commit in
            !hidden.contains(commit) && since.map { table.nodes[commit].time >= $0 } ?? true
        }
        guard !included.isEmpty else { return nil }
        let cut = included.filter { commit in table.parents(of: commit).contains { !included.contains($0) } }
        return boundary(included: included, cut: cut)
    }

    /// Everything reachable from `starts` through commits that `isIncluded`.
    private func closure(
        of starts: [CommitTable.Number],
        where isIncluded: (CommitTable.Number) -> Bool
    ) throws -> Set<CommitTable.Number> {
        var found: Set<CommitTable.Number> = []
        var stack = starts
        while let commit = stack.popLast() {
            try Task.checkCancellation()
            try table.load(commit)
            guard isIncluded(commit), found.insert(commit).inserted else { continue }
            stack.append(contentsOf: table.parents(of: commit))
        }
        return found
    }

    private func boundary(included: Set<CommitTable.Number>, cut: Set<CommitTable.Number>) -> ShallowBoundary {
        var result = ShallowBoundary(clientShallows: clientShallows)
        let known = result.boundary
        for oid in clientShallows {
            let number = table.number(of: oid)
            guard included.contains(number), !cut.contains(number) else { continue }
            result.unshallow.append(oid)
            result.boundary.remove(oid)
        }
        for oid in cut.map({ table.oid(of: $0) }).sorted() where !known.contains(oid) {
            result.shallow.append(oid)
            result.boundary.insert(oid)
        }
        return result
    }
}
