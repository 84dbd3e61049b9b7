package import Access
import Metadata
import ObjectStore
import OpenSSLKit

/// Chunked storage for everybody who comes by a frontend: xorbs, shards, reconstructions.
///
/// A chunked file is an object of its repository as every large file is: a row says so, which only proven bytes make. What
/// is added here is another way in, another way out, and chunks that several files share.
package struct XetAccess: Sendable {
    let database: Database
    let settings: HubSettings
    let environment: HubEnvironment
    let lfs: LFSAccess
    let storage: XorbStorage
    /// For large shards and reconstructions.
    let room = WorkRoom(total: 576 << 20, perClient: 192 << 20)
    let digests = ProvenDigests()

    /// Chunked files beside the large files of `lfs`.
    init(
        metadata: MetadataStore,
        settings: HubSettings,
        environment: HubEnvironment,
        lfs: LFSAccess,
        storage: XorbStorage
    ) {
        database = Database(store: metadata)
        self.settings = settings
        self.environment = environment
        self.lfs = lfs
        self.storage = storage
    }

    /// Who calls, with what right, in which repository.
    package struct Caller: Sendable {
        /// Who was given the token, with what is left of the right.
        package let actor: Actor
        /// Whether the token is for writing.
        package let mayWrite: Bool
        let repository: RepositoryRecord
        package let scope: String
    }

    /// What a client is given to reach the storage of chunks.
    package struct Pass: Sendable {
        /// The token.
        package let token: String
        /// When it ends: seconds since 1970.
        package let expiresAt: Int64
        /// The part of the URL that tells scopes apart: a client remembers for each URL which chunks it has sent there.
        package let scope: String
    }

    // MARK: Tokens

    /// Gives a token to somebody who may read a repository's files.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func passForReading(_ address: RepositoryAddress, by actor: Actor) async throws -> Pass {
        try await pass(.read, .readContent, address, by: actor)
    }

    /// Gives a token to somebody who may write to a repository.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func passForWriting(_ address: RepositoryAddress, by actor: Actor) async throws -> Pass {
        try await pass(.write, .writeRepository, address, by: actor)
    }

    private func pass(
        _ verb: XetToken.Verb,
        _ action: Action,
        _ address: RepositoryAddress,
        by actor: Actor
    ) async throws -> Pass {
        let repository = try await database.read { try $0.repository(at: address, action: action, by: actor) }
        return try Pass(verb, repository, for: actor, at: environment.now(), settings)
    }

    /// Checks a token at the start of the request that shows it: signature, time, and whether its holder still has the
    /// right.
    ///
    /// - Throws: `XetFailure` 401 or 403.
    package func admit(_ text: String?) async throws -> Caller {
        guard let text, let token = XetToken(text, signedBy: try key(XetToken.purpose)) else {
            throw XetFailure.invalidToken
        }
        let now = environment.now()
        guard now.seconds < token.expiresAt + Self.clockSkew else { throw XetFailure.invalidToken }
        let action: Action = token.verb == .write ? .writeRepository : .readContent
        return try await database.read { records in
            guard let repository = try records.repository(id: token.repository),
                let actor = try token.holder.actor(in: repository, at: now, records)
            else { throw XetFailure.revoked }
            do {
                try records.authorize(actor, action, repository)
            } catch is HubError {
                throw XetFailure.revoked
            }
            return Caller(
                actor: actor,
                mayWrite: token.verb == .write,
                repository: repository,
                scope: settings.xetDeduplication.scope(of: repository)
            )
        }
    }

    /// Seconds by which clocks may differ.
    private static let clockSkew: Int64 = 30

    func key(_ purpose: String) throws -> SigningKey { try settings.key(purpose) }
}

extension HubSettings {
    /// The key of one kind of signature.
    fileprivate func key(_ purpose: String) throws -> SigningKey {
        do {
            return try SigningKey(master: signingKey, purpose: purpose)
        } catch {
            throw HubError.translating(error)
        }
    }
}

extension XetAccess.Pass {
    /// A pass for somebody who was allowed to have it.
    init(
        _ verb: XetToken.Verb,
        _ repository: RepositoryRecord,
        for actor: Actor,
        at now: Timestamp,
        _ settings: HubSettings
    ) throws {
        expiresAt = now.seconds + XetToken.seconds
        let token = XetToken(verb, repository: repository.id, holder: TicketActor(actor), expiresAt: expiresAt)
        self.token = try token.text(signedBy: try settings.key(XetToken.purpose))
        scope = settings.xetDeduplication.scope(of: repository)
    }
}
