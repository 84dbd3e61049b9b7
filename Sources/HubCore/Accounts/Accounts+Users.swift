package import Access
import Metadata

extension Accounts {
    /// Makes a user and the namespace of the same name.
    ///
    /// - Throws: `HubError.invalid` for a name, address or password against the rules; `.conflict` for a name that is taken.
    package func createUser(_ new: NewUser, by actor: Actor) async throws -> Account {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        let name: NamespaceName
        do { name = try NamespaceName(new.name) } catch { throw HubError.invalid(error) }
        if let email = new.email { try Self.checkEmail(email) }
        if let fullName = new.fullName { try LabelRules.check(fullName, "A full name") }
        let user = UserRecord(
            id: try environment.newID(),
            name: name.text,
            email: new.email,
            fullName: new.fullName,
            isAdmin: new.isAdmin,
            passwordHash: try await hash(new.password),
            createdAt: environment.now()
        )
        try await database.transaction { records in
            try requireFree(name, in: records)
            try records.insertUser(user)
            try journal.audit("user.created", user.name, by: actor, ["isAdmin": "\(user.isAdmin)"], in: records)
        }
        return Account(user)
    }

    /// All users, by name.
    package func users(by actor: Actor) async throws -> [Account] {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        return try await database.read { try $0.users().map(Account.init) }
    }

    /// Closes or opens all ways in for a user, at once: also for tokens, keys and remembered logins.
    ///
    /// - Throws: `HubError.conflict` for the last administrator that is not disabled.
    package func setDisabled(name: String, _ isDisabled: Bool, by actor: Actor) async throws {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try await database.transaction { records in
            try setDisabled(existingUser(name, in: records), isDisabled, by: actor, in: records)
        }
    }

    /// The same within a transaction, for whoever was found to be allowed to.
    func setDisabled(_ user: UserRecord, _ isDisabled: Bool, by actor: Actor, in records: Records) throws {
        if isDisabled, !user.isDisabled { try requireAnotherAdministrator(than: user, in: records) }
        try records.setUserDisabled(id: user.id, isDisabled)
        try journal.audit(isDisabled ? "user.disabled" : "user.enabled", user.name, by: actor, in: records)
    }

    /// Makes a user an administrator of the hub, or an ordinary user.
    ///
    /// - Throws: `HubError.conflict` for the last administrator that is not disabled.
    package func setAdministrator(name: String, _ isAdmin: Bool, by actor: Actor) async throws {
        try AccessPolicy.decide(actor, .administerHub, on: .hub).require("hub")
        try await database.transaction { records in
            try setAdministrator(existingUser(name, in: records), isAdmin, by: actor, in: records)
        }
    }

    /// The same within a transaction, for whoever was found to be allowed to.
    func setAdministrator(_ user: UserRecord, _ isAdmin: Bool, by actor: Actor, in records: Records) throws {
        if !isAdmin { try requireAnotherAdministrator(than: user, in: records) }
        try records.setAdministrator(userID: user.id, isAdmin)
        try journal.audit("user.changed", user.name, by: actor, ["isAdmin": "\(isAdmin)"], in: records)
    }

    /// Replaces a user's password; nil takes it away.
    ///
    /// Logins remembered with the old one end. A password carries the whole account, so a token that does not cannot set
    /// its own account's.
    package func setPassword(name: String, password: String?, by actor: Actor) async throws {
        try requireManagement(of: name, by: actor)
        let hash = try await hash(password)
        try await database.transaction { records in
            let user = try existingUser(name, in: records)
            if isOwn(name, actor) { try requireNoMore(than: actor, scope: nil, expiresAt: nil, in: records) }
            try records.setPasswordHash(userID: user.id, hash)
            let action = hash == nil ? "user.password.removed" : "user.password.changed"
            try journal.audit(action, user.name, by: actor, in: records)
        }
    }

    /// The hash of a new password that keeps the rules.
    func hash(_ password: String?) async throws -> String? {
        guard let password else { return nil }
        try PasswordRules.check(password)
        do { return try await passwords.hash(password) } catch { throw HubError.translating(error) }
    }

    /// Names of users and organisations are one set.
    func requireFree(_ name: NamespaceName, in records: Records) throws {
        guard try records.namespace(byName: name.text) == nil else {
            throw HubError(.conflict, "The name '\(name)' is taken.")
        }
    }

    private func requireAnotherAdministrator(than user: UserRecord, in records: Records) throws {
        guard user.isAdmin, !user.isDisabled else { return }
        guard try records.administratorCount() > 1 else {
            throw HubError(.conflict, "\(user.name) is the last enabled administrator.")
        }
    }

    /// Enough to catch what is not an address; only mail that arrives proves one.
    static func checkEmail(_ email: String) throws(HubError) {
        try LabelRules.check(email, "An e-mail address")
        let parts = email.utf8.split(separator: UInt8(ascii: "@"), omittingEmptySubsequences: false)
        let hasSpace = email.unicodeScalars.contains { $0.properties.isWhitespace }
        guard parts.count == 2, parts.allSatisfy({ !$0.isEmpty }), !hasSpace else {
            throw .invalid("An e-mail address has the form NAME@HOST.")
        }
    }
}
