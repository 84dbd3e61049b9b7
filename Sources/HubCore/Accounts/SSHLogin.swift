package import Access
import Logging
import Metadata

/// Who is at the other end of an SSH connection, by a key whose signature the frontend has checked.
package struct SSHLogin: Sendable, Equatable {
    /// The key.
    package var keyID: RecordID
    /// "SHA256:" and the unpadded base64 of the key's digest.
    package var fingerprint: String
    /// As whom it acts: a user with the whole account, or the key itself.
    package var actor: Actor
    /// The account's name, or the key's title: for the greeting.
    package var name: String
    /// As whom `GitGate` counts it: the user, or for a key of a repository or an organisation the namespace, as anybody can
    /// make as many such keys as they like.
    package var gateClient: String

    /// A login from its parts.
    package init(keyID: RecordID, fingerprint: String, actor: Actor, name: String, gateClient: String) {
        self.keyID = keyID
        self.fingerprint = fingerprint
        self.actor = actor
        self.name = name
        self.gateClient = gateClient
    }
}

extension HubError {
    /// A key that does not log in, whatever the reason: unknown, removed, of a disabled account, with another user name.
    static let badKey = HubError(.unauthenticated, "This key cannot log in here under this user name.")
}

extension Accounts {
    /// The user name that is everybody's: the key decides who it is.
    private static let sharedUserName = "git"

    /// Who logs in with a key.
    ///
    /// A key of a repository or an organisation acts for itself; a user's key carries the whole account.
    /// - Parameters:
    ///   - keyFingerprint: of the key that was offered, or has signed.
    ///   - userName: "git", or for a user's key the account's own name, in any case.
    /// - Throws: `HubError.unauthenticated` for unknown keys, disabled owners and other user names: one answer for all.
    package func login(keyFingerprint: String, userName: String) async throws -> SSHLogin {
        // Longer than any fingerprint, or with what no database takes: nothing to look for.
        guard keyFingerprint.utf8.count <= 64, !keyFingerprint.utf8.contains(0) else { throw HubError.badKey }
        let login = try await database.read { records in
            try records.key(fingerprint: keyFingerprint).flatMap { try SSHLogin($0, in: records) }
        }
        guard let login, login.takes(userName, shared: Self.sharedUserName) else { throw HubError.badKey }
        return login
    }

    /// Looks again, at each command of an open connection.
    ///
    /// - Returns: the login with what has changed since, such as the account's being an administrator.
    /// - Throws: `HubError.unauthenticated` when the key is gone or its owner disabled.
    package func refresh(_ login: SSHLogin) async throws -> SSHLogin {
        try await database.read { try SSHLogin(again: login, in: $0) }
    }

    /// Notes the time of a key's use, at most once a minute.
    ///
    /// A login is not refused because that could not be written.
    package func noteUse(of login: SSHLogin) async {
        let now = environment.now()
        do {
            guard try await database.read({ try $0.key(id: login.keyID) })?.needsTouch(at: now) == true else { return }
            try await database.transaction { try $0.touchKey(id: login.keyID, at: now) }
        } catch {
            logger.warning(
                "last use of a key not noted",
                metadata: ["key": "\(login.fingerprint)", "error": "\(error)"]
            )
        }
    }
}

extension SSHLogin {
    /// Who a key logs in as; nil when its owner may not.
    fileprivate init?(_ key: KeyRecord, in records: Records) throws {
        let actor: Actor
        var name = key.title
        var account = key.owner.id
        switch key.owner {
        case .user(let id):
            guard let user = try records.user(id: id), !user.isDisabled else { return nil }
            actor = .user(UserActor(id: user.id, name: user.name, isAdmin: user.isAdmin, keyID: key.id))
            name = user.name
        case .repository(let id, let role):
            actor = .key(KeyActor(id: key.id, fingerprint: key.fingerprint, role: role, restriction: .repository(id)))
            guard let repository = try records.repository(id: id) else { return nil }
            account = repository.namespaceID
        case .organization(let id, let role):
            actor = .key(KeyActor(id: key.id, fingerprint: key.fingerprint, role: role, restriction: .namespace(id)))
        }
        self.init(
            keyID: key.id,
            fingerprint: key.fingerprint,
            actor: actor,
            name: name,
            gateClient: account.text
        )
    }

    /// Who a key logs in as now, by the key's id; nil when it is gone or its owner may not.
    init?(keyID: RecordID, in records: Records) throws {
        guard let key = try records.key(id: keyID) else { return nil }
        try self.init(key, in: records)
    }

    /// The same login, as it would be now.
    ///
    /// - Throws: `HubError.badKey` when it would be refused.
    init(again login: SSHLogin, in records: Records) throws {
        guard let now = try SSHLogin(keyID: login.keyID, in: records), now.fingerprint == login.fingerprint else {
            throw HubError.badKey
        }
        self = now
    }

    fileprivate func takes(_ userName: String, shared: String) -> Bool {
        if userName == shared { return true }
        guard case .user(let user) = actor else { return false }
        return foldedName(user.name) == foldedName(userName)
    }
}
