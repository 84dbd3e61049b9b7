/// What a fine-grained token may do, as people choose it.
package enum TokenVerb: String, Sendable, CaseIterable {
    /// Read files.
    case read
    /// Push, upload and commit; in a namespace make repositories, too. Includes `read`.
    case write
    /// Change settings, grants and members; move and delete. Includes `write`.
    case administer
    /// Take part in what happens around a repository: discussions, likes, asking for access.
    ///
    /// It shows what a private repository tells of itself, as a gated one tells strangers: not the content of its files.
    case discussions
}

/// All that a fine-grained token may do: verbs in places, and nothing elsewhere but reading what everybody may read.
///
/// Its owner's own roles are the upper bound, as for every token.
package struct TokenPermissions: Sendable, Equatable {
    /// Some verbs in one place.
    package struct Entry: Sendable, Equatable {
        /// Where.
        package var place: TokenScope.Restriction
        /// The highest role it acts in there; nil for none.
        package var role: Role?
        /// Whether it takes part in discussions there.
        package var participates: Bool

        /// An entry from its parts.
        package init(place: TokenScope.Restriction, role: Role?, participates: Bool) {
            self.place = place
            self.role = role
            self.participates = participates
        }

        /// An entry that allows `verbs`.
        package init(place: TokenScope.Restriction, verbs: some Sequence<TokenVerb>) {
            self.init(
                place: place,
                role: verbs.compactMap(\.role).max(),
                participates: verbs.contains(.discussions)
            )
        }

        /// The verbs, with those that others include.
        package var verbs: [TokenVerb] {
            TokenVerb.allCases.filter { verb in
                guard let needed = verb.role else { return participates }
                return role.map { $0 >= needed } ?? false
            }
        }
    }

    /// What it may do where; several entries for one place add up.
    package var entries: [Entry]
    /// Whether it manages its own account: lists and ends tokens and keys, changes the profile, and makes tokens that
    /// may do no more than itself.
    package var managesAccount: Bool
    /// Whether it has what its owner has as an administrator of the hub.
    ///
    /// Without, the account counts as an ordinary one.
    package var administersHub: Bool

    /// Permissions from their parts; nothing unless said otherwise.
    package init(entries: [Entry] = [], managesAccount: Bool = false, administersHub: Bool = false) {
        self.entries = entries
        self.managesAccount = managesAccount
        self.administersHub = administersHub
    }

    /// Everything that an account may do.
    package static let everything = TokenPermissions(
        entries: [Entry(place: .hub, role: .admin, participates: true)],
        managesAccount: true,
        administersHub: true
    )

    /// Whether whoever may do this may do `other` as well, now and whatever moves later.
    ///
    /// A namespace does not include a repository that is in it today, because it may be elsewhere tomorrow.
    package func includes(_ other: TokenPermissions) -> Bool {
        guard managesAccount || !other.managesAccount, administersHub || !other.administersHub else { return false }
        return other.entries.allSatisfy { entry in
            let around = entries.filter { $0.place == .hub || $0.place == entry.place }
            let role = around.compactMap(\.role).max()
            let isRoleIncluded = entry.role.map { needed in role.map { $0 >= needed } ?? false } ?? true
            return isRoleIncluded && (!entry.participates || around.contains(where: \.participates))
        }
    }

    /// What is left of them for one repository, wherever that is by then.
    package func narrowed(toRepository id: RecordID) -> TokenPermissions {
        let kept = entries.compactMap { entry -> Entry? in
            switch entry.place {
            case .hub: Entry(place: .repository(id), role: entry.role, participates: entry.participates)
            case .namespace: entry
            case .repository(let own): own == id ? entry : nil
            }
        }
        return TokenPermissions(entries: kept, managesAccount: false, administersHub: administersHub)
    }
}

extension TokenVerb {
    /// The role that the verb is about; nil for one beside the roles.
    fileprivate var role: Role? {
        switch self {
        case .read: .read
        case .write: .write
        case .administer: .admin
        case .discussions: nil
        }
    }
}
