package import Access
import Metadata

extension Accounts {
    /// Ten years: who wants longer wants "never".
    private static let longestExpiry: Int64 = 10 * 366 * 86_400

    /// Makes a token.
    ///
    /// - Returns: its whole text, which is not stored and cannot be shown again.
    /// - Throws: `HubError.conflict` when the account has a good token of that name; `.notFound` when there is no such
    ///   account, namespace or repository, or the actor may not see it.
    package func createToken(_ new: NewToken, by actor: Actor) async throws -> String {
        try requireOwnership(of: new.userName, by: actor)
        try LabelRules.check(new.name, "A token's name")
        if let seconds = new.expiresIn, !(1...Self.longestExpiry).contains(seconds) {
            throw HubError.invalid("A token expires after 1 second or more, and 10 years or less.")
        }
        let plain = PlainToken(random: try environment.randomBytes(PlainToken.randomByteCount))
        let hash = try plain.stored()
        try await database.transaction { records in
            let user = try existingUser(new.userName, in: records)
            let token = try record(new, of: user, hash: hash, by: actor, in: records)
            try makeRoom(forTokenNamed: new.name, of: user, in: records)
            try records.insertToken(token)
            let details: KeyValuePairs = ["name": new.name, "role": new.role.rawValue, "id": token.id.text]
            try journal.audit("token.created", user.name, by: actor, details, in: records)
        }
        return plain.text
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

    /// Ends a token, at once.
    ///
    /// - Throws: `HubError.notFound` when the account has no good token of that name.
    package func revokeToken(userName: String, name: String, by actor: Actor) async throws {
        try requireManagement(of: userName, by: actor)
        try LabelRules.check(name, "A token's name")
        try await database.transaction { records in
            let user = try existingUser(userName, in: records)
            guard let token = try records.token(userID: user.id, named: name), token.revokedAt == nil else {
                throw HubError(.notFound, "There is no such token.")
            }
            try records.revokeToken(id: token.id, at: environment.now())
            try journal.audit("token.revoked", user.name, by: actor, ["name": name, "id": token.id.text], in: records)
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
        switch new.restriction {
        case .none: break
        case .namespace(let name):
            guard let namespace = try records.namespace(byName: name) else {
                throw HubError(.notFound, "There is no such namespace.")
            }
            token.namespaceID = namespace.id
        case .repository(let address):
            token.repositoryID = try records.repository(at: address, action: .readRepository, by: actor).id
        }
        return token
    }

    /// A token that has expired does not keep its name from a new one.
    private func makeRoom(forTokenNamed name: String, of user: UserRecord, in records: Records) throws {
        guard let old = try records.token(userID: user.id, named: name), old.revokedAt == nil else { return }
        guard let expiry = old.expiresAt, expiry <= environment.now() else {
            throw HubError(.conflict, "\(user.name) has a token named '\(name)' already.")
        }
        try records.revokeToken(id: old.id, at: expiry)
    }
}
