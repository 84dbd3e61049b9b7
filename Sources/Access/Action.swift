/// What somebody wants to do.
package enum Action: Sendable, CaseIterable {
    /// Clone, fetch, download, see that it exists.
    case readRepository
    /// Push, upload, commit.
    case writeRepository
    /// Change settings, visibility, grants, protected refs; list grants.
    case administerRepository
    /// Delete it.
    case deleteRepository
    /// Take it away from its address. Arriving at the new one is `createRepository` there.
    case moveRepository
    /// Make a repository in a namespace.
    case createRepository
    /// Change the members and settings of a namespace.
    case administerNamespace
    /// Manage accounts, organisations and the server itself.
    case administerHub
    /// See one's own name, organisations and keys.
    case readOwnAccount
    /// Make tokens and keys, change the password.
    case writeOwnAccount
}

/// What it is to be done to, with the facts that decide.
package enum Resource: Sendable, Equatable {
    case repository(RepositoryFacts)
    case namespace(NamespaceFacts)
    case account(RecordID)
    case hub
}

/// What `Access` must know of a repository and of the actor's standing in it.
package struct RepositoryFacts: Sendable, Equatable {
    /// The repository.
    package var id: RecordID
    /// The namespace it is in.
    package var namespaceID: RecordID
    /// Whether everybody may read it.
    package var visibility: Visibility
    /// The actor's role in the namespace; the owner of a user's namespace has `admin`.
    package var namespaceRole: Role?
    /// The role that the repository itself grants the actor.
    package var grant: Role?

    /// Facts as the database has them.
    package init(
        id: RecordID,
        namespaceID: RecordID,
        visibility: Visibility,
        namespaceRole: Role? = nil,
        grant: Role? = nil
    ) {
        self.id = id
        self.namespaceID = namespaceID
        self.visibility = visibility
        self.namespaceRole = namespaceRole
        self.grant = grant
    }
}

/// What `Access` must know of a namespace and of the actor's standing in it.
package struct NamespaceFacts: Sendable, Equatable {
    /// The namespace.
    package var id: RecordID
    /// The actor's role in it; the owner of a user's namespace has `admin`.
    package var role: Role?

    /// Facts as the database has them.
    package init(id: RecordID, role: Role? = nil) {
        self.id = id
        self.role = role
    }
}

/// The answer.
package enum Decision: Sendable, Equatable {
    case allow
    case deny(Denial)
}

/// Why not.
package enum Denial: Error, Sendable, Equatable, CaseIterable {
    /// Nobody said who they are; they may try again with credentials. Also the answer for what does not exist.
    case unauthenticated
    /// The actor may not know that it exists. Also the answer for what does not exist.
    case notVisible
    /// The account may not.
    case insufficientRole
    /// The account may, this token may not.
    case insufficientScope
    /// A repository's or an organisation's key may not.
    case insufficientKey
}
