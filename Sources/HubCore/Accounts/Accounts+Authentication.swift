package import Access
import Logging
import Metadata

extension Accounts {
    /// Finds out who shows these credentials.
    ///
    /// A token is taken with either scheme, and with any user name. A password is taken when the settings say so. Failures
    /// are counted as `LoginThrottle` says; an account that does not exist costs the work of one that does.
    /// - Parameters:
    ///   - address: the client's, without port.
    ///   - allowingLFSGrants: whether the request is one for large files, the only kind that a grant of
    ///     `git-lfs-authenticate` is good for.
    ///   - version: that of the records, if it was asked for already.
    /// - Returns: `.anonymous` only when nothing was shown; wrong credentials are never taken for none.
    /// - Throws: `HubError.unauthenticated` or `.limited`.
    package func authenticate(
        _ credentials: Credentials,
        from address: String,
        allowingLFSGrants: Bool = false,
        version: Int64? = nil
    ) async throws -> Actor {
        switch credentials {
        case .none: return .anonymous
        case .bearer(let text): return try await authenticate(token: text, from: address, version)
        case .remoteAuth(let text):
            guard allowingLFSGrants else { throw HubError.badCredentials }
            return try await authenticate(grant: text, from: address)
        case .basic(_, let secret) where secret.isEmpty:
            // What git sends for a user name in a URL before it asks for the password. No account has an empty one, so
            // it is no guess and is not counted as one.
            throw HubError.badCredentials
        case .basic(let user, let secret):
            let isPassword = PlainToken(reading: secret) == nil && settings.passwordLoginEnabled
            return isPassword
                ? try await authenticate(user: user, password: secret, from: address)
                : try await authenticate(token: secret, from: address, version)
        }
    }

    /// Who shows these credentials, if that needs neither waiting nor counting: nobody, or a token that was shown lately.
    ///
    /// - Parameter version: that of the records; what was known of another is not looked at.
    /// - Returns: nil for all that `authenticate` has to decide.
    package func actorAtHand(_ credentials: Credentials, version: Int64) -> Actor? {
        let text: String
        switch credentials {
        case .none: return .anonymous
        case .bearer(let token), .basic(_, let token): text = token
        case .remoteAuth: return nil
        }
        let now = environment.now()
        guard let hash = try? PlainToken(reading: text)?.stored(),
            let (token, user) = tokens.value(of: hash, version: version),
            token.isGood(at: now), !token.needsTouch(at: now), !user.isDisabled
        else { return nil }
        return .user(UserActor(user, token))
    }

    /// How many logins have cost the work of a password hash; tests see by it that unknown accounts cost the same.
    package var passwordHashesComputed: Int {
        get async { await passwords.hashesComputed }
    }

    private func authenticate(token text: String, from address: String, _ version: Int64?) async throws -> Actor {
        let now = environment.now()
        guard let hash = try PlainToken(reading: text)?.stored(),
            let (token, user) = try await owner(ofTokenWithHash: hash, version ?? database.version),
            token.isGood(at: now), !user.isDisabled
        else {
            try throttle.countWrongToken(address: address, at: now)
            throw HubError.badCredentials
        }
        await noteUse(of: token, at: now)
        return .user(UserActor(user, token))
    }

    private func authenticate(grant text: String, from address: String) async throws -> Actor {
        do {
            return try await actor(ofLFSGrant: text)
        } catch let error as HubError where error == .badCredentials {
            try throttle.countWrongToken(address: address, at: environment.now())
            throw error
        }
    }

    private func owner(
        ofTokenWithHash hash: String,
        _ version: Int64?
    ) async throws -> (TokenRecord, UserRecord)? {
        if let version, let known = tokens.value(of: hash, version: version) { return known }
        let owner: (TokenRecord, UserRecord)? = try await database.read { records in
            guard let token = try records.token(hash: hash), let user = try records.user(id: token.userID) else {
                return nil
            }
            return (token, user)
        }
        if let version, let owner { tokens.keep(owner, of: hash, version: version) }
        return owner
    }

    /// A request is not refused because the time of a token's last use could not be written.
    private func noteUse(of token: TokenRecord, at now: Timestamp) async {
        guard token.needsTouch(at: now) else { return }
        do {
            try await database.transaction { try $0.touchToken(id: token.id, at: now) }
        } catch {
            logger.warning("last use of a token not noted", metadata: ["token": "\(token.id)", "error": "\(error)"])
        }
    }

    private func authenticate(user name: String, password: String, from address: String) async throws -> Actor {
        let now = environment.now()
        guard password.utf8.count <= PasswordRules.maximumBytes else {
            try throttle.begin(account: name, address: address, at: now)
            throw HubError.badCredentials
        }
        let user = try await database.read { try $0.user(byName: name) }
        let verdict = try await passwords.check(
            password,
            // Not one text for all unknown accounts: equal checks are one, and being the second would be noticed.
            account: user?.id.text ?? "unknown \(foldedName(name))",
            stored: user?.passwordHash,
            at: now
        ) { [throttle] in
            try throttle.begin(account: name, address: address, at: now)
        }
        guard verdict.isRight, let user, !user.isDisabled else { throw HubError.badCredentials }
        if verdict.wasCounted { throttle.succeed(account: name, address: address) }
        return .user(UserActor(id: user.id, name: user.name, isAdmin: user.isAdmin))
    }
}

extension UserActor {
    /// Who shows a token.
    fileprivate init(_ user: UserRecord, _ token: TokenRecord) {
        self.init(id: user.id, name: user.name, isAdmin: user.isAdmin, scope: token.scope, tokenID: token.id)
    }
}

extension TokenRecord {
    /// Neither revoked nor expired.
    func isGood(at now: Timestamp) -> Bool {
        guard revokedAt == nil else { return false }
        return expiresAt.map { now < $0 } ?? true
    }

    /// What it is narrowed to.
    ///
    /// A fine-grained token is good for its permissions; a token with both restrictions is good for the repository only, which is the narrower.
    var scope: TokenScope {
        if let permissions { return TokenScope(permissions) }
        if let repositoryID { return TokenScope(role: role, restriction: .repository(repositoryID)) }
        if let namespaceID { return TokenScope(role: role, restriction: .namespace(namespaceID)) }
        return TokenScope(role: role)
    }
}
