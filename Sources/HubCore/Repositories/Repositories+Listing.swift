package import Access
package import Metadata

extension Repositories {
    private static let largestPage = 1000

    /// A page of the repositories that the actor may read, oldest first.
    ///
    /// The next page begins after the id of the last one; a page with fewer than `limit` is the last.
    package func list(_ listing: RepositoryListing, by actor: Actor) async throws -> [RepositoryRecord] {
        guard (1...Self.largestPage).contains(listing.limit) else {
            throw HubError.invalid("A page has 1 to \(Self.largestPage) repositories.")
        }
        return try await database.read { records in
            guard let filter = try filter(listing, for: actor, in: records) else { return [] }
            var page: [RepositoryRecord] = []
            var after = listing.after
            while page.count < listing.limit {
                let candidates = try records.repositories(filter, after: after, limit: listing.limit)
                page += try candidates.filter { try isReadable($0, by: actor, in: records) }
                guard candidates.count == listing.limit, let last = candidates.last else { break }
                after = last.id
            }
            return Array(page.prefix(listing.limit))
        }
    }

    /// Narrows the candidates to what the account could see; `Access` then decides each.
    private func filter(
        _ listing: RepositoryListing,
        for actor: Actor,
        in records: Records
    ) throws -> RepositoryFilter? {
        var filter = RepositoryFilter(type: listing.type, publicOnly: actor == .anonymous)
        if case .user(let user) = actor, !user.seesEverything { filter.visibleTo = user.id }
        if let name = listing.namespace {
            guard let namespace = try records.namespace(byName: name) else { return nil }
            filter.namespaceID = namespace.id
        }
        return filter
    }

    /// Asks without the facts that need queries first: they cannot turn a yes into a no.
    private func isReadable(_ repository: RepositoryRecord, by actor: Actor, in records: Records) throws -> Bool {
        let strangersFacts = RepositoryFacts(
            id: repository.id,
            namespaceID: repository.namespaceID,
            visibility: repository.visibility,
            isGated: repository.gate != .open,
            isDisabled: repository.isDisabled
        )
        if AccessPolicy.decide(actor, .readRepository, on: .repository(strangersFacts)) == .allow { return true }
        let facts = try records.facts(of: repository, for: actor)
        return AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow
    }
}

extension UserActor {
    /// Whether candidates are all repositories, because the account may see more than its own.
    fileprivate var seesEverything: Bool {
        isAdmin && scope?.permissions?.administersHub != false
    }
}
