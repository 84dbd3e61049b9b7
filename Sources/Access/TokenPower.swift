/// What credentials leave of an account's power in one place.
struct TokenPower: Equatable {
    /// The highest role to act in; nil for none.
    var role: Role?
    /// Whether it may take part in discussions.
    var participates: Bool
    /// Whether it counts that the account administers the hub.
    var raises: Bool

    /// Nothing.
    static let none = TokenPower(role: nil, participates: false, raises: false)
    /// Everything: a password or an SSH key.
    static let whole = TokenPower(role: .admin, participates: true, raises: true)

    /// What several permissions add up to.
    fileprivate init(_ permissions: TokenPermissions, where covers: (TokenScope.Restriction) -> Bool) {
        let entries = permissions.entries.filter { covers($0.place) }
        self.init(
            role: entries.compactMap(\.role).max(),
            participates: entries.contains(where: \.participates),
            raises: permissions.administersHub
        )
    }

    private init(role: Role?, participates: Bool, raises: Bool) {
        self.role = role
        self.participates = participates
        self.raises = raises
    }

    /// What a token of one role has in what it covers.
    fileprivate init(_ scope: TokenScope) {
        let isStrong = scope.role >= .write
        self.init(role: scope.role, participates: isStrong && !scope.isGrant, raises: isStrong || scope.isGrant)
    }
}

extension UserActor {
    /// What the credentials leave in a repository.
    func power(in facts: RepositoryFacts) -> TokenPower { power { $0.covers(facts) } }

    /// What they leave in a namespace.
    func power(in facts: NamespaceFacts) -> TokenPower { power { $0.covers(namespace: facts.id) } }

    /// What they leave in the places together for which they are good.
    var powerAnywhere: TokenPower { power { _ in true } }

    private func power(where covers: (TokenScope.Restriction) -> Bool) -> TokenPower {
        guard let scope else { return .whole }
        if let permissions = scope.permissions { return TokenPower(permissions, where: covers) }
        return covers(scope.restriction) ? TokenPower(scope) : .none
    }

    /// Whether nothing was taken away: a password, a key, or an unrestricted token of role admin.
    var carriesWholeAccount: Bool {
        guard let scope else { return true }
        return scope.permissions == nil && scope.role == .admin && scope.restriction == .hub
    }
}

extension TokenScope.Restriction {
    /// Whether a repository is among what this is good for.
    func covers(_ facts: RepositoryFacts) -> Bool {
        switch self {
        case .hub: true
        case .namespace(let id): id == facts.namespaceID
        case .repository(let id): id == facts.id
        }
    }

    /// Whether a namespace, as a place to make repositories in, is.
    fileprivate func covers(namespace: RecordID) -> Bool {
        switch self {
        case .hub: true
        case .namespace(let id): id == namespace
        case .repository: false
        }
    }
}
