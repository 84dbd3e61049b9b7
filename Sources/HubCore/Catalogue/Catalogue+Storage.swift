package import Access
package import Metadata

/// The repositories of a namespace with the room they take.
package struct StoragePage: Sendable {
    /// The repositories, oldest first.
    package var entries: [CatalogueEntry] = []
    /// Bytes of all repositories of the namespace together.
    package var total: Int64 = 0
    /// The last repository that was looked at; nil when nothing follows.
    package var next: RecordID?
}

extension Catalogue {
    /// A page of the repositories of a namespace that the actor may see, with the room they take.
    ///
    /// - Parameters:
    ///   - name: a user or an organisation; nil for the actor's own namespace.
    ///   - after: what the page before gave as `next`.
    /// - Throws: `HubError.unauthenticated` without an account; `.notFound` without such a namespace; `.forbidden` unless
    ///   the actor belongs to it, as the total tells of repositories that others may not see.
    package func storage(
        of name: String?,
        after: RecordID?,
        limit: Int,
        by actor: Actor
    ) async throws -> StoragePage {
        guard case .user(let user) = actor else {
            throw HubError(.unauthenticated, "Authentication is required to do this.")
        }
        try AccessPolicy.decide(actor, .readOwnAccount, on: .account(user.id)).require("account")
        return try await database.read { records in
            guard let namespace = try records.namespace(byName: name ?? user.name) else {
                throw HubError(.notFound, "There is no such user or organization.")
            }
            guard try user.isAdmin || records.facts(of: namespace, for: actor).role != nil else {
                throw HubError(.forbidden, "Only members of an organization see what it stores.")
            }
            var filter = RepositoryFilter(namespaceID: namespace.id, publicOnly: false)
            if !user.isAdmin { filter.visibleTo = user.id }
            let found = try records.repositories(filter, after: after, limit: limit)
            let shown = try found.filter { try Self.isReadable($0, by: actor, in: records) }
            return StoragePage(
                entries: try records.catalogueEntries(shown.map(\.id), hasDetails: false),
                total: try records.usedStorage(namespaceID: namespace.id),
                next: found.count == min(max(limit, 1), Records.largestPage) ? found.last?.id : nil
            )
        }
    }
}
