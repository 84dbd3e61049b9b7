import Access
import Metadata

/// Who was given a ticket, so that the right can be looked at again when it is used.
///
/// Its text goes into the ticket: letters, digits and dots.
struct TicketActor: Equatable {
    private enum Kind: Equatable {
        case anonymous
        case `operator`
        case user(RecordID, token: RecordID?, key: RecordID?, scope: TokenScope?)
        /// A fine-grained token: what it may do is read again.
        case fineGrained(RecordID, token: RecordID)
        case key(RecordID, Role)
    }

    private let kind: Kind

    /// Notes an actor.
    init(_ actor: Actor) {
        switch actor {
        case .anonymous: kind = .anonymous
        case .operator: kind = .operator
        case .user(let user):
            if user.scope?.permissions != nil, let token = user.tokenID {
                kind = .fineGrained(user.id, token: token)
                return
            }
            kind = .user(user.id, token: user.tokenID, key: user.keyID, scope: user.scope)
        case .key(let key): kind = .key(key.id, key.role)
        }
    }

    /// The actor's text.
    var text: String {
        switch kind {
        case .anonymous: "anonymous"
        case .operator: "operator"
        case .user(let id, let token, let key, let scope):
            [
                "user", id.text, token?.text ?? "0", key?.text ?? "0", scope?.role.rawValue ?? "0",
                scope?.isGrant == true ? "grant" : "0", Self.text(scope?.restriction ?? .hub),
            ].joined(separator: ".")
        case .fineGrained(let id, let token): "fine.\(id.text).\(token.text)"
        case .key(let id, let role): "key.\(id.text).\(role.rawValue)"
        }
    }

    /// Reads what `text` gives; nil for anything else.
    init?(_ text: String) {
        let words = text.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        switch (words.first, words.count) {
        case ("anonymous", 1): kind = .anonymous
        case ("operator", 1): kind = .operator
        case ("user", 7):
            guard let id = RecordID(words[1]), let restriction = Self.restriction(words[6]) else { return nil }
            let scope = Role(rawValue: words[4]).map {
                TokenScope(role: $0, restriction: restriction, isGrant: words[5] == "grant")
            }
            kind = .user(id, token: RecordID(words[2]), key: RecordID(words[3]), scope: scope)
        case ("fine", 3):
            guard let id = RecordID(words[1]), let token = RecordID(words[2]) else { return nil }
            kind = .fineGrained(id, token: token)
        case ("key", 3):
            guard let id = RecordID(words[1]), let role = Role(rawValue: words[2]) else { return nil }
            kind = .key(id, role)
        default: return nil
        }
    }

    private static func text(_ restriction: TokenScope.Restriction) -> String {
        switch restriction {
        case .hub: "hub"
        case .namespace(let id): "n\(id.text)"
        case .repository(let id): "r\(id.text)"
        }
    }

    /// The scope within the ticket's repository.
    ///
    /// A restriction to a namespace stays one: the repository may have another namespace by the time the upload ends, and
    /// is then out of the token's reach.
    private static func narrowed(_ scope: TokenScope, to repository: RepositoryRecord) -> TokenScope {
        var scope = scope
        if scope.restriction == .hub { scope.restriction = .repository(repository.id) }
        return scope
    }

    private static func restriction(_ text: String) -> TokenScope.Restriction? {
        switch text.first {
        case "h" where text == "hub": .hub
        case "n": RecordID(text.dropFirst()).map { .namespace($0) }
        case "r": RecordID(text.dropFirst()).map { .repository($0) }
        default: nil
        }
    }

    /// The actor as it is now, in one repository; nil when its account, token or key is closed, expired or gone.
    ///
    /// - Parameter repository: what the ticket is for; the actor may do nothing elsewhere by it.
    func actor(in repository: RepositoryRecord, at now: Timestamp, _ records: Records) throws -> Actor? {
        switch kind {
        case .anonymous: return .anonymous
        case .operator: return .operator
        case .user(let id, let tokenID, let keyID, let scope):
            guard let user = try records.user(id: id), !user.isDisabled else { return nil }
            if let tokenID {
                guard try records.token(id: tokenID)?.isGood(at: now) == true else { return nil }
            }
            if let keyID {
                guard let key = try records.key(id: keyID), key.owner == .user(id) else { return nil }
            }
            let narrowed = scope.map { Self.narrowed($0, to: repository) }
            return .user(
                UserActor(
                    id: user.id,
                    name: user.name,
                    isAdmin: user.isAdmin,
                    scope: narrowed,
                    tokenID: tokenID,
                    keyID: keyID
                )
            )
        case .fineGrained(let id, let tokenID):
            guard let user = try records.user(id: id), !user.isDisabled, let token = try records.token(id: tokenID),
                token.isGood(at: now), token.userID == id, let permissions = token.permissions
            else { return nil }
            let scope = TokenScope(permissions.narrowed(toRepository: repository.id))
            return .user(
                UserActor(id: user.id, name: user.name, isAdmin: user.isAdmin, scope: scope, tokenID: tokenID)
            )
        case .key(let id, let role):
            guard let key = try records.key(id: id), let own = key.owner.role else { return nil }
            let restriction: TokenScope.Restriction
            switch key.owner {
            case .repository(let id, _): restriction = .repository(id)
            case .organization(let id, _): restriction = .namespace(id)
            case .user: return nil
            }
            return .key(
                KeyActor(id: key.id, fingerprint: key.fingerprint, role: min(own, role), restriction: restriction)
            )
        }
    }
}
