package import Access

/// Rules of one repository that bind every push, whoever makes it.
package struct RepositorySettings: Sendable, Equatable {
    /// Refuse updates that lose commits (`receive.denyNonFastForwards`).
    package var denyNonFastForward: Bool
    /// Refuse to delete refs (`receive.denyDeletes`).
    package var denyDeletes: Bool
    /// What happens to pushes of pointer files whose objects are not stored.
    package var lfsPointers: LFSPointerRule

    /// Settings from their parts; nothing is denied unless said so, but pointers without objects.
    package init(
        denyNonFastForward: Bool = false,
        denyDeletes: Bool = false,
        lfsPointers: LFSPointerRule = .enforce
    ) {
        self.denyNonFastForward = denyNonFastForward
        self.denyDeletes = denyDeletes
        self.lfsPointers = lfsPointers
    }
}

/// What stands between a repository's files and those who have no role in it.
package enum Gate: String, Sendable, CaseIterable {
    /// Nothing.
    case open
    /// Asking: whoever asks is let in.
    case automatic
    /// Asking, and an administrator's yes.
    case manual
}

/// A repository of any type.
package struct RepositoryRecord: Sendable, Equatable {
    /// The id, which also names its directory; it never changes.
    package var id: RecordID
    /// The owner's namespace.
    package var namespaceID: RecordID
    /// The owner's name as the owner writes it.
    package var namespaceName: String
    /// Whether it is a model, a dataset, a space, or something else.
    package var type: RepositoryType
    /// The name as its creator wrote it; unique in namespace and type without regard to case.
    package var name: String
    /// Who may see it without a grant.
    package var visibility: Visibility
    /// The ref that `HEAD` points to, whether or not it exists: `refs/heads/main`.
    package var headTarget: String
    /// Counts the changes of refs: equal generations have equal ref advertisements.
    package var generation: Int64
    /// The rules for pushes.
    package var settings: RepositorySettings
    /// What whoever has no role in it must do before reading its files.
    package var gate: Gate
    /// Whether an administrator of the hub has closed it.
    package var isDisabled: Bool
    /// Whether every object in the packs is known to be reachable from a ref; false once a push moved or deleted one.
    package var everyObjectReachable: Bool
    /// When it was made.
    package var createdAt: Timestamp
    /// When refs, name or settings last changed.
    package var updatedAt: Timestamp

    /// A repository from its parts.
    package init(
        id: RecordID,
        namespaceID: RecordID,
        namespaceName: String,
        type: RepositoryType,
        name: String,
        visibility: Visibility,
        headTarget: String = "refs/heads/main",
        generation: Int64 = 0,
        settings: RepositorySettings = RepositorySettings(),
        gate: Gate = .open,
        isDisabled: Bool = false,
        everyObjectReachable: Bool = true,
        createdAt: Timestamp,
        updatedAt: Timestamp
    ) {
        self.id = id
        self.namespaceID = namespaceID
        self.namespaceName = namespaceName
        self.type = type
        self.name = name
        self.visibility = visibility
        self.headTarget = headTarget
        self.generation = generation
        self.settings = settings
        self.gate = gate
        self.isDisabled = isDisabled
        self.everyObjectReachable = everyObjectReachable
        self.createdAt = createdAt
        self.updatedAt = updatedAt
    }

    init(row: SQLRow) throws(MetadataError) {
        id = try row.id("id")
        namespaceID = try row.id("namespace_id")
        namespaceName = try row.text("namespace_name")
        type = try row.named("type")
        name = try row.text("name")
        visibility = try row.named("visibility")
        headTarget = try row.text("head_target")
        generation = try row.integer("generation")
        settings = RepositorySettings(
            denyNonFastForward: try row.flag("deny_non_fast_forward"),
            denyDeletes: try row.flag("deny_deletes"),
            lfsPointers: try row.named("lfs_pointers")
        )
        gate = try row.named("gate")
        isDisabled = try row.flag("is_disabled")
        everyObjectReachable = try row.flag("every_object_reachable")
        createdAt = try row.time("created_at")
        updatedAt = try row.time("updated_at")
    }

    /// Where people find it now.
    package var address: RepositoryAddress {
        RepositoryAddress(type: type, namespace: namespaceName, name: name)
    }
}

/// Which repositories a listing shows.
///
/// All conditions must hold.
package struct RepositoryFilter: Sendable, Equatable {
    /// Only those of this namespace.
    package var namespaceID: RecordID?
    /// Only those of this type.
    package var type: RepositoryType?
    /// Only those that this user may see: public ones, the user's own, those of the user's organisations, granted ones.
    ///
    /// Nil does not look at users at all.
    package var visibleTo: RecordID?
    /// Only public ones.
    ///
    /// With false and no `visibleTo`, everything: for administrators.
    package var publicOnly: Bool

    /// A filter; who may see the result has to be said.
    package init(
        namespaceID: RecordID? = nil,
        type: RepositoryType? = nil,
        visibleTo: RecordID? = nil,
        publicOnly: Bool
    ) {
        self.namespaceID = namespaceID
        self.type = type
        self.visibleTo = visibleTo
        self.publicOnly = publicOnly
    }
}

/// A role in one repository given to one user.
package struct GrantRecord: Sendable, Equatable {
    /// The repository.
    package var repositoryID: RecordID
    /// The user.
    package var userID: RecordID
    /// The user's name.
    package var userName: String
    /// What the user may do there.
    package var role: Role

    /// A grant from its parts.
    package init(repositoryID: RecordID, userID: RecordID, userName: String, role: Role) {
        self.repositoryID = repositoryID
        self.userID = userID
        self.userName = userName
        self.role = role
    }

    init(row: SQLRow) throws(MetadataError) {
        repositoryID = try row.id("repository_id")
        userID = try row.id("user_id")
        userName = try row.text("user_name")
        role = try row.named("role")
    }
}
