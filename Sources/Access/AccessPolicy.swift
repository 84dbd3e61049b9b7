/// Who may do what: the one place that decides.
///
/// Four sources give a user a role in a repository: being in the namespace (its owner is `admin` there, an organisation's
/// member has the member's role), a grant on the repository, and administering the hub, which counts as `admin` in every
/// repository and namespace. The highest counts; a public repository can be read without any.
///
/// A token then takes away, and never gives:
/// - its role is the highest the user acts in;
/// - a restriction to a namespace or a repository leaves no role at all elsewhere: private repositories there cannot be
///   seen, public ones can still be read, nothing can be created, and the hub cannot be administered;
/// - a *read* token carries nothing of its owner's being an administrator. Read tokens live in notebooks, pipelines and
///   other people's machines, and a stolen one must not open every private repository. A *write* token acts for an
///   administrator as `write` everywhere, an *admin* token as `admin`; a password login as the account itself;
/// - a *write* token is enough to delete and move repositories in which the account itself is `admin` by namespace or
///   grant: that is how Hugging Face's tools use it. Being an administrator of the hub does not count there;
/// - the hub is administered by password or by an unrestricted *admin* token only, and so are tokens and keys of one's own
///   account, because a new token or key could do what the narrow one may not.
///
/// A fine-grained token has verbs in places instead of a role. Where it has none, it is like a token that is restricted to
/// another place. It has nothing of its owner's being an administrator unless that is among its permissions, disposes of
/// repositories with the verb *administer* alone, and manages the account only if told so. Then the tokens that it makes
/// may do no more than itself, and it makes keys, which carry the whole account, only if it may do everything.
///
/// A grant, which the hub makes itself out of a login for some minutes and one repository, is narrowed like a token. It
/// comes from the whole account, so it may read what an administrator reads; it never deletes or moves anything.
///
/// A key of a repository or an organisation is nobody's: it has its own role, read or write, in what it covers and none
/// elsewhere, where it sees and reads what is public. It creates, deletes, moves and administers nothing.
///
/// An account's own tokens and keys belong to its owner and the operator: administering the hub does not let anybody act
/// as somebody else. The operator may do everything.
///
/// A gate adds to this: the files of a gated repository, not its description, are for those who have a role in it or were
/// let in, with a token that covers it. A closed repository is for administrators of the hub alone; others who may see it
/// are told so.
///
/// Whoever may see a repository and shows an account may take part in it, with a password or a *write* token that covers
/// it; keys are nobody's and take part in nothing.
///
/// What may not be seen does not exist: `unauthenticated` for the anonymous, so that credentials can be tried, and
/// `notVisible` for everybody else. Use `denialOfMissing` for what is not there, and the two cannot be told apart.
package enum AccessPolicy {
    /// Answers one question.
    ///
    /// Pure: the same question has the same answer.
    ///
    /// An action that does not belong to the kind of resource is denied to everybody.
    package static func decide(_ actor: Actor, _ action: Action, on resource: Resource) -> Decision {
        guard action.applies(to: resource) else { return .deny(denialOfMissing(to: actor)) }
        switch (actor, resource) {
        case (.operator, _): return .allow
        case (.anonymous, .repository(let facts)): return decideAnonymous(action, facts)
        case (.anonymous, _): return .deny(.unauthenticated)
        case (.user(let user), .repository(let facts)): return decide(user, action, facts)
        case (.user(let user), .namespace(let facts)): return decide(user, action, facts)
        case (.user(let user), .account(let id)): return decide(user, action, accountID: id)
        case (.user(let user), .hub):
            return action == .participate ? decideParticipation(user) : decideHub(user)
        case (.key(let key), .repository(let facts)): return decide(key, action, facts)
        case (.key, _): return .deny(.insufficientKey)
        }
    }

    /// What the actor is told about something that does not exist: the same as about something it may not see.
    package static func denialOfMissing(to actor: Actor) -> Denial {
        actor == .anonymous ? .unauthenticated : .notVisible
    }

    /// The role that a user acts in, in one repository, after narrowing by the token; nil for none.
    ///
    /// Protected refs ask for it. A public repository adds nothing here.
    package static func effectiveRole(of user: UserActor, in facts: RepositoryFacts) -> Role? {
        narrow(strongest(facts.namespaceRole, facts.grant), of: user, to: user.power(in: facts))
    }

    private static func decideAnonymous(_ action: Action, _ facts: RepositoryFacts) -> Decision {
        guard facts.visibility == .public else { return .deny(.unauthenticated) }
        if facts.isDisabled { return .deny(.disabled) }
        switch action {
        case .readRepository: return .allow
        case .readContent: return facts.isGated ? .deny(.gatedUnauthenticated) : .allow
        default: return .deny(.unauthenticated)
        }
    }

    private static func decide(_ user: UserActor, _ action: Action, _ facts: RepositoryFacts) -> Decision {
        let role = effectiveRole(of: user, in: facts)
        let isSeen = role != nil || facts.visibility == .public || takesPart(user, facts)
        guard isSeen else { return .deny(.notVisible) }
        if facts.isDisabled, !(user.isAdmin && role == .admin) { return .deny(.disabled) }
        guard let required = action.requiredRole else { return .deny(.insufficientRole) }
        if action == .readContent, role == nil { return decideStrangersReading(user, facts) }
        if action == .participate { return decideParticipation(user, facts) }
        if required == .read { return .allow }
        if let role, role >= required || isOwnDisposal(user, action, role, facts) { return .allow }
        return .deny(shortfall(of: user, strongest(facts.namespaceRole, facts.grant), required))
    }

    /// Whether the account has a role and the token, which has none here, is for what happens around the repository.
    private static func takesPart(_ user: UserActor, _ facts: RepositoryFacts) -> Bool {
        let power = user.power(in: facts)
        guard power.participates else { return false }
        return strongest(facts.namespaceRole, facts.grant) != nil || (user.isAdmin && power.raises)
    }

    /// Files for who acts in no role: public ones, or behind a gate for who was let in and has a token for the repository.
    private static func decideStrangersReading(_ user: UserActor, _ facts: RepositoryFacts) -> Decision {
        guard facts.visibility == .public else { return .deny(.insufficientScope) }
        guard facts.isGated else { return .allow }
        return facts.isLetIn && user.power(in: facts).role != nil ? .allow : .deny(.gated)
    }

    private static func decideParticipation(_ user: UserActor, _ facts: RepositoryFacts) -> Decision {
        user.power(in: facts).participates ? .allow : .deny(.insufficientScope)
    }

    /// Taking part without a repository in mind: where the credentials are good for it anywhere.
    private static func decideParticipation(_ user: UserActor) -> Decision {
        user.powerAnywhere.participates ? .allow : .deny(.insufficientScope)
    }

    /// Whether somebody disposes of what they own with a token of role *write*.
    private static func isOwnDisposal(
        _ user: UserActor,
        _ action: Action,
        _ role: Role,
        _ facts: RepositoryFacts
    ) -> Bool {
        guard action == .deleteRepository || action == .moveRepository, role >= .write else { return false }
        guard user.scope?.isGrant != true, user.scope?.permissions == nil else { return false }
        return strongest(facts.namespaceRole, facts.grant) == .admin
    }

    private static func decide(_ user: UserActor, _ action: Action, _ facts: NamespaceFacts) -> Decision {
        guard let required = action.requiredRole else { return .deny(.insufficientRole) }
        if let role = narrow(facts.role, of: user, to: user.power(in: facts)), role >= required { return .allow }
        return .deny(shortfall(of: user, facts.role, required))
    }

    private static func decide(_ user: UserActor, _ action: Action, accountID: RecordID) -> Decision {
        guard user.id == accountID else { return .deny(.insufficientRole) }
        if action == .readOwnAccount { return .allow }
        let isManaged = user.carriesWholeAccount || user.scope?.permissions?.managesAccount == true
        return isManaged ? .allow : .deny(.insufficientScope)
    }

    private static func decideHub(_ user: UserActor) -> Decision {
        guard user.isAdmin else { return .deny(.insufficientRole) }
        let isHubs = user.carriesWholeAccount || user.scope?.permissions?.administersHub == true
        return isHubs ? .allow : .deny(.insufficientScope)
    }

    /// Whether an actor may make credentials of its own account that may do this; nil is everything, as keys and
    /// passwords may.
    ///
    /// Nobody comes to more power by making credentials. Whether the actor may make any is `writeOwnAccount`.
    package static func decideCredential(_ scope: TokenScope?, by actor: Actor) -> Decision {
        guard case .user(let user) = actor else {
            return actor == .operator ? .allow : .deny(denialOfMissing(to: actor))
        }
        if user.carriesWholeAccount { return .allow }
        // What a token with a role may do is not written in verbs, so only the whole account makes one.
        let isWritten = scope == nil || scope?.permissions != nil
        let wanted = scope?.permissions ?? .everything
        guard isWritten, let own = user.scope?.permissions, own.managesAccount, own.includes(wanted) else {
            return .deny(.insufficientScope)
        }
        return .allow
    }

    /// The account's role, raised for administrators and lowered by the token.
    private static func narrow(_ role: Role?, of user: UserActor, to power: TokenPower) -> Role? {
        guard let cap = power.role else { return nil }
        let raised = user.isAdmin && power.raises ? .admin : role
        return raised.map { min($0, cap) }
    }

    /// Whether the account or only the token is too weak.
    private static func shortfall(of user: UserActor, _ role: Role?, _ required: Role) -> Denial {
        if user.isAdmin { return .insufficientScope }
        guard let role, role >= required else { return .insufficientRole }
        return .insufficientScope
    }

    private static func strongest(_ left: Role?, _ right: Role?) -> Role? {
        guard let left else { return right }
        guard let right else { return left }
        return max(left, right)
    }
}

extension Action {
    /// Whether the question has a meaning.
    fileprivate func applies(to resource: Resource) -> Bool {
        switch (self, resource) {
        case (.readRepository, .repository), (.readContent, .repository), (.participate, .repository),
            (.writeRepository, .repository), (.administerRepository, .repository), (.deleteRepository, .repository),
            (.moveRepository, .repository), (.createRepository, .namespace), (.writeNamespace, .namespace),
            (.administerNamespace, .namespace), (.administerHub, .hub), (.participate, .hub),
            (.readOwnAccount, .account),
            (.writeOwnAccount, .account):
            true
        default:
            false
        }
    }

    /// The role that repositories and namespaces ask for; nil for actions on accounts and the hub.
    var requiredRole: Role? {
        switch self {
        case .readRepository, .readContent, .participate: .read
        case .writeRepository, .createRepository, .writeNamespace: .write
        case .administerRepository, .deleteRepository, .moveRepository, .administerNamespace: .admin
        case .administerHub, .readOwnAccount, .writeOwnAccount: nil
        }
    }
}
