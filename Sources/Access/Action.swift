/// What somebody wants to do.
package enum Action: Sendable, CaseIterable {
    /// See that it exists, and what is said about it.
    case readRepository
    /// Read its files: clone, fetch, download. A gate before the repository counts here, and here alone.
    case readContent
    /// Take part in what happens around it: discussions, pull requests, likes, asking for access. In the hub: attach files
    /// to what one writes somewhere.
    case participate
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
    /// Make and change what a namespace has besides repositories: collections, webhooks.
    case writeNamespace
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
    /// Whether its files are for those alone who were let in.
    package var isGated: Bool
    /// Whether the actor was let in.
    package var isLetIn: Bool
    /// Whether an administrator of the hub has closed it.
    package var isDisabled: Bool

    /// Facts as the database has them.
    package init(
        id: RecordID,
        namespaceID: RecordID,
        visibility: Visibility,
        namespaceRole: Role? = nil,
        grant: Role? = nil,
        isGated: Bool = false,
        isLetIn: Bool = false,
        isDisabled: Bool = false
    ) {
        self.id = id
        self.namespaceID = namespaceID
        self.visibility = visibility
        self.namespaceRole = namespaceRole
        self.grant = grant
        self.isGated = isGated
        self.isLetIn = isLetIn
        self.isDisabled = isDisabled
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
    /// The files are behind a gate; nobody said who they are.
    case gatedUnauthenticated
    /// The files are behind a gate that the actor was not let through.
    case gated
    /// An administrator of the hub has closed the repository.
    case disabled
}
