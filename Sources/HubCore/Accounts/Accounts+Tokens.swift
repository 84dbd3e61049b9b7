package import Access
import Metadata

extension Accounts {
    /// Ten years: who wants longer wants "never".
    private static let longestExpiry: Int64 = 10 * 366 * 86_400

    /// An account has no more good tokens than this.
    package static let mostTokens = 250
    /// So many tokens that were revoked or have expired are still listed; those made before are forgotten.
    package static let mostEndedTokens = 100

    /// Makes a token.
    ///
    /// - Returns: its whole text, which is not stored and cannot be shown again.
    /// - Throws: `HubError.conflict` when the account has a good token of that name, or too many; `.notFound` when there
    ///   is no such account, namespace or repository, or the actor may not see it; `.forbidden` for one that may do
    ///   more, or for longer, than the actor's own token.
    package func createToken(_ new: NewToken, by actor: Actor) async throws -> String {
        try await makeToken(new, by: actor).text
    }

    /// Makes a token, as `createToken` does, and tells what was made.
    package func makeToken(_ new: NewToken, by actor: Actor) async throws -> (text: String, summary: TokenSummary) {
        try requireOwnership(of: new.userName, by: actor)
        try LabelRules.check(new.name, "A token's name")
        if let seconds = new.expiresIn, !(1...Self.longestExpiry).contains(seconds) {
            throw HubError.invalid("A token expires after 1 second or more, and 10 years or less.")
        }
        let plain = PlainToken(random: try environment.randomBytes(PlainToken.randomByteCount))
        let hash = try plain.stored()
        let summary = try await database.transaction { records in
            let user = try existingUser(new.userName, in: records)
            let token = try record(new, of: user, hash: hash, by: actor, in: records)
            try requireNoMore(than: actor, scope: token.scope, expiresAt: token.expiresAt, in: records)
            try makeRoom(forTokenNamed: new.name, of: user, in: records)
            try records.insertToken(token)
            let role = token.permissions == nil ? new.role.rawValue : "fineGrained"
            let details: KeyValuePairs = ["name": new.name, "role": role, "id": token.id.text]
            try journal.audit("token.created", user.name, by: actor, details, in: records)
            return try TokenSummary(token, in: records)
        }
        return (plain.text, summary)
    }

    /// Asks whether the actor may make credentials that may do so much for so long.
    ///
    /// - Parameters:
    ///   - scope: nil for keys and passwords, which carry the whole account.
    ///   - expiresAt: nil for what is good for ever.
    /// - Throws: `HubError.forbidden` for more than the actor's own token has, and for what would outlive it.
    func requireNoMore(
        than actor: Actor,
        scope: TokenScope?,
        expiresAt: Timestamp?,
        in records: Records
    ) throws {
        try AccessPolicy.decideCredential(scope, by: actor).require("account")
        try requireNotOutliving(actor, expiresAt: expiresAt, in: records)
    }

    /// Refuses what would be good when the actor's own token is no more, now or in an hour.
    func requireNotOutliving(_ actor: Actor, expiresAt: Timestamp?, in records: Records) throws {
        guard case .user(let user) = actor, let id = user.tokenID else { return }
        guard let own = try records.token(id: id), own.isGood(at: environment.now()) else {
            throw HubError.badCredentials
        }
        guard let end = own.expiresAt else { return }
        guard let expiresAt, expiresAt <= end else {
            throw HubError(.forbidden, "Your token expires, and cannot make a token or key that outlives it.")
        }
    }

    /// Tokens of one account, or of all, oldest first, with those that are revoked or have expired.
    ///
    /// - Parameter userName: nil for all, which only those may ask who administer the hub.
    package func tokens(userName: String?, by actor: Actor) async throws -> [TokenSummary] {
        if let userName {
            try requireManagement(of: userName, by: actor)
        } else {
            try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        }
        return try await database.read { records in
            let user = try userName.map { try existingUser($0, in: records) }
            return try records.tokens(userID: user?.id).map { try TokenSummary($0, in: records) }
        }
    }

    /// A page of everybody's tokens, oldest first; for those who administer the hub.
    ///
    /// - Parameter after: the last id of the page before; nil for the first page.
    package func tokens(after: RecordID?, limit: Int, by actor: Actor) async throws -> [TokenSummary] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        return try await database.read { records in
            try records.tokens(after: after, limit: limit).map { try TokenSummary($0, in: records) }
        }
    }

    /// Ends a token, at once.
    ///
    /// - Throws: `HubError.notFound` when the account has no good token of that name.
    package func revokeToken(userName: String, name: String, by actor: Actor) async throws {
        try requireManagement(of: userName, by: actor)
        try LabelRules.check(name, "A token's name")
        try await revokeToken(of: userName, by: actor) { try $0.token(userID: $1.id, named: name) }
    }

    /// Ends a token that is known by its id, at once.
    ///
    /// - Throws: `HubError.notFound` when the account has no good token of that id.
    package func revokeToken(userName: String, id: RecordID, by actor: Actor) async throws {
        try requireManagement(of: userName, by: actor)
        try await revokeToken(of: userName, by: actor) { records, user in
            try records.token(id: id).flatMap { $0.userID == user.id ? $0 : nil }
        }
    }

    private func revokeToken(
        of userName: String,
        by actor: Actor,
        _ find: @Sendable (Records, UserRecord) throws -> TokenRecord?
    ) async throws {
        try await database.transaction { records in
            let user = try existingUser(userName, in: records)
            guard let token = try find(records, user), token.revokedAt == nil else {
                throw HubError(.notFound, "There is no such token.")
            }
            try records.revokeToken(id: token.id, at: environment.now())
            let details: KeyValuePairs = ["name": token.name, "id": token.id.text]
            try journal.audit("token.revoked", user.name, by: actor, details, in: records)
        }
    }

    private func record(
        _ new: NewToken,
        of user: UserRecord,
        hash: String,
        by actor: Actor,
        in records: Records
    ) throws -> TokenRecord {
        let now = environment.now()
        var token = TokenRecord(
            id: try environment.newID(),
            userID: user.id,
            name: new.name,
            hash: hash,
            role: new.role,
            createdAt: now,
            expiresAt: new.expiresIn.map { now.adding(seconds: $0) }
        )
        if let permissions = new.permissions {
            token.permissions = try permissions.resolved(for: actor, in: records)
            return token
        }
        switch try new.restriction.place?.restriction(for: actor, in: records) {
        case nil, .hub: break
        case .namespace(let id): token.namespaceID = id
        case .repository(let id): token.repositoryID = id
        }
        return token
    }

    /// A token that has expired does not keep its name from a new one, and old ones do not pile up.
    private func makeRoom(forTokenNamed name: String, of user: UserRecord, in records: Records) throws {
        let now = environment.now()
        if let old = try records.token(userID: user.id, named: name), old.revokedAt == nil {
            guard let expiry = old.expiresAt, expiry <= now else {
                throw HubError(.conflict, "\(user.name) has a token named '\(name)' already.")
            }
            try records.revokeToken(id: old.id, at: expiry)
        }
        guard try records.goodTokenCount(userID: user.id, at: now) < Self.mostTokens else {
            throw HubError(.conflict, "\(user.name) has \(Self.mostTokens) tokens. Revoke one first.")
        }
        try records.forgetEndedTokens(userID: user.id, keeping: Self.mostEndedTokens, at: now)
    }
}

extension NewToken.Restriction {
    /// The place; nil for everywhere.
    fileprivate var place: TokenPlace? {
        switch self {
        case .none: nil
        case .namespace(let name): .namespace(name)
        case .repository(let address): .repository(address)
        }
    }
}
