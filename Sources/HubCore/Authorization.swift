package import Access
package import Metadata

extension Records {
    /// The user with a name, in any case; nil for texts that no database takes.
    func user(byName name: String) throws -> UserRecord? {
        name.utf8.contains(0) ? nil : try user(named: name)
    }

    /// The namespace with a name, in any case; nil for texts that no database takes.
    func namespace(byName name: String) throws -> NamespaceRecord? {
        name.utf8.contains(0) ? nil : try namespace(named: name)
    }

    /// The facts about a repository that `Access` wants, with the actor's standing in it.
    package func facts(of repository: RepositoryRecord, for actor: Actor) throws -> RepositoryFacts {
        var facts = RepositoryFacts(
            id: repository.id,
            namespaceID: repository.namespaceID,
            visibility: repository.visibility,
            isGated: repository.gate != .open,
            isDisabled: repository.isDisabled
        )
        guard let userID = actor.userID else { return facts }
        if facts.isGated { facts.isLetIn = try isLetIn(userID, repositoryID: repository.id) }
        facts.namespaceRole = try role(of: userID, inNamespace: repository.namespaceID)
        facts.grant = try grant(repositoryID: repository.id, userID: userID)
        return facts
    }

    /// The facts about a namespace that `Access` wants, with the actor's standing in it.
    package func facts(of namespace: NamespaceRecord, for actor: Actor) throws -> NamespaceFacts {
        guard let userID = actor.userID else { return NamespaceFacts(id: namespace.id) }
        return NamespaceFacts(id: namespace.id, role: try role(of: userID, inNamespace: namespace.id))
    }

    /// A user's own namespace has the user's id.
    private func role(of userID: RecordID, inNamespace namespaceID: RecordID) throws -> Role? {
        if userID == namespaceID { return .admin }
        return try membership(organizationID: namespaceID, userID: userID)
    }
}

extension Decision {
    /// Goes on when allowed.
    ///
    /// - Parameter subject: what it is about, such as "repository".
    /// - Throws: `HubError` as `HubError.denied` says.
    package func require(_ subject: String) throws(HubError) {
        if case .deny(let denial) = self { throw .denied(denial, subject) }
    }
}
