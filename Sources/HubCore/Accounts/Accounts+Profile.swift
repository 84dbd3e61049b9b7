package import Access
import Metadata

/// What is to become of one part of a profile.
package enum ProfileChange: Sendable, Equatable {
    /// It stays as it is.
    case keep
    /// It is taken away.
    case remove
    /// It becomes this.
    case set(String)

    fileprivate func applied(to old: String?) -> String? {
        switch self {
        case .keep: old
        case .remove: nil
        case .set(let text): text
        }
    }
}

extension Accounts {
    /// Changes what an account says of its owner.
    ///
    /// - Returns: the account as it is now.
    /// - Throws: `HubError.invalid` for a name or address against the rules.
    package func changeProfile(
        userName: String,
        fullName: ProfileChange,
        email: ProfileChange,
        by actor: Actor
    ) async throws -> Account {
        try requireManagement(of: userName, by: actor)
        try Self.check(fullName: fullName, email: email)
        return try await database.transaction { records in
            let user = try existingUser(userName, in: records)
            try setProfile(user, fullName: fullName, email: email, by: actor, in: records)
            return Account(try existingUser(userName, in: records))
        }
    }

    /// The same within a transaction, for whoever was found to be allowed to, with what was checked.
    func setProfile(
        _ user: UserRecord,
        fullName: ProfileChange,
        email: ProfileChange,
        by actor: Actor,
        in records: Records
    ) throws {
        try records.setProfile(
            userID: user.id,
            fullName: fullName.applied(to: user.fullName),
            email: email.applied(to: user.email)
        )
        try journal.audit("user.profile.changed", user.name, by: actor, in: records)
    }

    /// - Throws: `HubError.invalid` for a name or address against the rules.
    static func check(fullName: ProfileChange, email: ProfileChange) throws(HubError) {
        if case .set(let text) = fullName { try LabelRules.check(text, "A full name") }
        if case .set(let text) = email { try checkEmail(text) }
    }

    /// The account of a name, for its owner and those who administer the hub.
    package func account(userName: String, by actor: Actor) async throws -> Account {
        if isOwn(userName, actor), let id = actor.userID {
            try AccessPolicy.decide(actor, .readOwnAccount, on: .account(id)).require("account")
        } else {
            try AccessPolicy.decide(actor, .administerHub, on: .hub).require("account")
        }
        return try await database.read { Account(try existingUser(userName, in: $0)) }
    }

    /// Replaces one's own password by one that was typed beside it.
    ///
    /// Wrong guesses count as failed logins: a stolen token must not find the password out.
    /// - Parameters:
    ///   - current: the password so far; nil for an account without one.
    ///   - address: the client's, without port.
    /// - Throws: `HubError.forbidden` when `current` is not the password; `.limited` after too many of these.
    package func changeOwnPassword(
        from current: String?,
        to new: String,
        address: String,
        by actor: Actor
    ) async throws {
        guard case .user(let asking) = actor else {
            throw HubError.denied(AccessPolicy.denialOfMissing(to: actor), "account")
        }
        try requireManagement(of: asking.name, by: actor)
        try AccessPolicy.decideCredential(nil, by: actor).require("account")
        let user = try await database.read { try existingUser(asking.name, in: $0) }
        if user.passwordHash != nil {
            guard try await isPassword(current ?? "", of: user, from: address) else {
                throw HubError(.forbidden, "The current password is wrong.")
            }
        }
        try await setPassword(name: asking.name, password: new, by: actor)
    }

    private func isPassword(_ password: String, of user: UserRecord, from address: String) async throws -> Bool {
        let now = environment.now()
        guard password.utf8.count <= PasswordRules.maximumBytes else { return false }
        let verdict = try await passwords.check(
            password,
            account: user.id.text,
            stored: user.passwordHash,
            at: now
        ) { [throttle] in
            try throttle.begin(account: user.name, address: address, at: now)
        }
        if verdict.isRight, verdict.wasCounted { throttle.succeed(account: user.name, address: address) }
        return verdict.isRight
    }
}
