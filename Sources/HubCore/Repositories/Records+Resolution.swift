import Access
import Metadata

extension Records {
    /// The repository at an address, for an actor who may do `action` to it.
    ///
    /// - Throws: `HubError`: `.moved` when the repository that was there has another address now and the actor may read it;
    ///   otherwise what `Access` says, which is the same for what does not exist and what may not be seen.
    func repository(at address: RepositoryAddress, action: Action, by actor: Actor) throws -> RepositoryRecord {
        // Frontends check addresses, but nothing that was not checked may reach the database and come back as our fault.
        guard
            let address = try? RepositoryAddress(
                type: address.type,
                checkingNamespace: address.namespace,
                name: address.name
            )
        else { throw HubError.denied(AccessPolicy.denialOfMissing(to: actor), "repository") }
        let found = try repository(type: address.type, namespace: address.namespace, name: address.name)
        guard let repository = found else { throw try missing(address, for: actor) }
        try authorize(actor, action, repository)
        return repository
    }

    /// The same, and optionally where a repository is now that was at this address.
    func repository(
        at address: RepositoryAddress,
        action: Action,
        by actor: Actor,
        followsRename: Bool
    ) throws -> RepositoryRecord {
        do {
            return try repository(at: address, action: action, by: actor)
        } catch let error as HubError {
            guard followsRename, case .moved(let now) = error.kind else { throw error }
            return try repository(at: now, action: action, by: actor)
        }
    }

    /// Asks `Access`.
    ///
    /// - Throws: `HubError` as `HubError.denied` says.
    func authorize(_ actor: Actor, _ action: Action, _ repository: RepositoryRecord) throws {
        let facts = try facts(of: repository, for: actor)
        try AccessPolicy.decide(actor, action, on: .repository(facts)).require("repository")
    }

    private func missing(_ address: RepositoryAddress, for actor: Actor) throws -> HubError {
        let redirect = try redirect(type: address.type, namespace: address.namespace, name: address.name)
        if let repository = try redirect.flatMap(repository(id:)) {
            let facts = try facts(of: repository, for: actor)
            if AccessPolicy.decide(actor, .readRepository, on: .repository(facts)) == .allow {
                return HubError(.moved(to: repository.address), "The repository is now at \(repository.address.id).")
            }
        }
        return .denied(AccessPolicy.denialOfMissing(to: actor), "repository")
    }
}
