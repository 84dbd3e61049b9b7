import GranaryTesting

/// Everybody who tries every operation, with what their credentials are worth.
enum AccessActor: String, CaseIterable, Sendable {
    case anonymous, outsider, reader, writer, admin, owner
    case ownersWriteToken = "owner's write token"
    case ownersReadToken = "owner's read token"
    case boundHere = "owner's write token for this repository"
    case boundElsewhere = "owner's token for another repository"
    case hubAdmin = "administrator of the hub"
    case hubAdminsReadToken = "read token of an administrator of the hub"

    /// Steps of power in a repository or a namespace.
    enum Power: Int, Comparable, Sendable {
        case none, read, write, admin

        static func < (left: Power, right: Power) -> Bool { left.rawValue < right.rawValue }
    }

    /// In the repository, after narrowing by the token; being public gives none.
    var inRepository: Power {
        switch self {
        case .anonymous, .outsider, .boundElsewhere, .hubAdminsReadToken: .none
        case .reader, .ownersReadToken: .read
        case .writer, .ownersWriteToken, .boundHere: .write
        case .admin, .owner, .hubAdmin: .admin
        }
    }

    /// In the namespace, after narrowing by the token.
    var inNamespace: Power {
        switch self {
        case .owner, .hubAdmin: .admin
        case .ownersWriteToken: .write
        case .ownersReadToken: .read
        default: .none
        }
    }

    /// Whether the credentials carry everything that the account may.
    var carriesWholeAccount: Bool {
        [.outsider, .reader, .writer, .admin, .owner, .hubAdmin].contains(self)
    }

    /// Whether the credentials are good for discussions and the like, where the repository can be seen.
    var takesPart: Bool {
        ![.anonymous, .ownersReadToken, .boundElsewhere, .hubAdminsReadToken].contains(self)
    }

    /// Whether the repository may be deleted: the account administers it, and the token may at least write.
    var disposes: Bool {
        [.admin, .owner, .ownersWriteToken, .boundHere, .hubAdmin].contains(self)
    }
}

/// Who may see a repository, and whether its files are behind a gate.
enum AccessSetting: String, CaseIterable, Sendable {
    case `private`, `public`, gated
}

/// What an operation does for somebody.
enum AccessVerdict: String, Sendable {
    /// Serves them.
    case allowed
    /// Asks for credentials: 401.
    case challenged
    /// Tells them that they may not: 403.
    case forbidden
    /// Tells nothing: 404.
    case hidden

    /// The status of a refusal; nil for none.
    var status: Int? {
        switch self {
        case .allowed: nil
        case .challenged: 401
        case .forbidden: 403
        case .hidden: 404
        }
    }
}

/// Who gets more than a refusal: the words of `x-need` in the description.
enum AccessNeed: String, Sendable {
    case nothing, login, readRepository, readContent, participate, writeRepository, administerRepository
    case ownRepository, writeNamespace, ownAccount, administerHub

    /// What `actor` gets.
    func verdict(_ actor: AccessActor, _ setting: AccessSetting) -> AccessVerdict {
        switch self {
        case .nothing: .allowed
        case .login: allow(true, actor)
        case .writeNamespace: allow(actor.inNamespace >= .write, actor)
        case .ownAccount: allow(actor.carriesWholeAccount, actor)
        case .administerHub: allow(actor == .hubAdmin, actor)
        default: repositoryVerdict(actor, setting)
        }
    }

    private func repositoryVerdict(_ actor: AccessActor, _ setting: AccessSetting) -> AccessVerdict {
        let power = actor.inRepository
        guard power > .none || setting != .private else { return actor == .anonymous ? .challenged : .hidden }
        switch self {
        case .readRepository: return .allowed
        case .readContent: return power > .none || setting != .gated ? .allowed : allow(false, actor)
        case .participate: return allow(actor.takesPart, actor)
        case .writeRepository: return allow(power >= .write, actor)
        case .ownRepository: return allow(actor.disposes, actor)
        default: return allow(power >= .admin, actor)
        }
    }

    /// The anonymous may try again with credentials.
    private func allow(_ isEnough: Bool, _ actor: AccessActor) -> AccessVerdict {
        if actor == .anonymous { return .challenged }
        return isEnough ? .allowed : .forbidden
    }
}
