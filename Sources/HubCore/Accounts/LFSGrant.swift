package import Access
package import LFS
package import Metadata

/// What `git-lfs-authenticate` gives: a token for the large files of one repository, for one operation and some minutes.
///
/// Never the user's own token, nor one that is stored anywhere.
package struct LFSGrant: Sendable, Equatable {
    /// What follows "RemoteAuth " in the `Authorization` header; a credential.
    package var token: String
    /// When it ends.
    package var expiresAt: Timestamp
    /// Seconds until then.
    package var expiresIn: Int
    /// The repository's address now.
    package var repository: RepositoryAddress

    /// A grant from its parts.
    package init(token: String, expiresAt: Timestamp, expiresIn: Int, repository: RepositoryAddress) {
        self.token = token
        self.expiresAt = expiresAt
        self.expiresIn = expiresIn
        self.repository = repository
    }
}

extension Accounts {
    /// How long a grant is good: the clients ask again by themselves.
    private static let grantSeconds = 900

    /// Makes the token of `git-lfs-authenticate`.
    ///
    /// - Parameters:
    ///   - operation: uploading needs the right to write and includes downloading, not the reverse.
    ///   - followsRename: whether a former address serves, too.
    /// - Throws: `HubError.unauthenticated` when the key is gone or its owner disabled; otherwise as `Access` decides.
    package func lfsGrant(
        for login: SSHLogin,
        address: RepositoryAddress,
        operation: LFSOperation,
        followsRename: Bool
    ) async throws -> LFSGrant {
        let repository = try await database.read { records in
            let actor = try SSHLogin(again: login, in: records).actor
            let follows = followsRename
            return try records.repository(at: address, action: operation.action, by: actor, followsRename: follows)
        }
        let expiry = Timestamp(microseconds: 0)
            .adding(seconds: environment.now().adding(seconds: Int64(Self.grantSeconds)).seconds)
        let content = LFSGrantContent(
            keyID: login.keyID,
            repositoryID: repository.id,
            operation: operation,
            expirySeconds: expiry.seconds
        )
        let token: String
        do { token = try content.signed(by: grantKey()) } catch { throw HubError.translating(error) }
        return LFSGrant(
            token: token,
            expiresAt: expiry,
            expiresIn: Self.grantSeconds,
            repository: repository.address
        )
    }

    /// Who shows the token of a grant: the key's owner, or the key, narrowed to the repository and the operation.
    ///
    /// Whether that actor may do what it wants is asked again by the use case.
    /// - Throws: `HubError.badCredentials` when the token is altered or has expired, when key or repository are gone, or
    ///   when the owner is disabled.
    package func actor(ofLFSGrant token: String) async throws -> Actor {
        let key: SigningKey
        do { key = try grantKey() } catch { throw HubError.translating(error) }
        guard let content = LFSGrantContent(verifying: token, with: key),
            environment.now().seconds < content.expirySeconds
        else { throw HubError.badCredentials }
        return try await database.read { records in
            guard let login = try SSHLogin(keyID: content.keyID, in: records),
                let repository = try records.repository(id: content.repositoryID),
                let actor = try content.narrow(login.actor, to: repository, in: records)
            else { throw HubError.badCredentials }
            return actor
        }
    }

    private func grantKey() throws -> SigningKey {
        try SigningKey(master: settings.signingKey, purpose: "granary lfs-grant v1")
    }
}

extension LFSGrantContent {
    /// What is left of an actor; nil when it may not do that any more.
    fileprivate func narrow(_ actor: Actor, to repository: RepositoryRecord, in records: Records) throws -> Actor? {
        switch actor {
        case .user(var user):
            user.scope = TokenScope(role: operation.role, restriction: .repository(repository.id), isGrant: true)
            return .user(user)
        case .key(var key):
            // A key that covers the repository no longer, or never did, must not cover it by being narrowed to it.
            let facts = try records.facts(of: repository, for: actor)
            guard AccessPolicy.decide(actor, operation.action, on: .repository(facts)) == .allow else { return nil }
            key.role = min(key.role, operation.role)
            key.restriction = .repository(repository.id)
            return .key(key)
        case .anonymous, .operator:
            return nil
        }
    }
}

extension LFSOperation {
    /// What it asks of `Access`.
    package var action: Action {
        switch self {
        case .upload: .writeRepository
        case .download: .readContent
        }
    }

    /// The role that a grant for it acts in at most.
    fileprivate var role: Role {
        switch self {
        case .upload: .write
        case .download: .read
        }
    }
}
