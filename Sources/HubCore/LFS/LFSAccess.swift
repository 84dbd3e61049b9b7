import LFS
import Logging
import Metadata
import ObjectStore

/// Large files for everybody who comes by a frontend: batch, transfers, locks, quotas, garbage collection.
///
/// An object is there for a repository when a row says so, and for nobody else: the bytes lie in one store for all, and
/// that they do is told to nobody. A row is made by an upload that was verified, or copied from a repository that the
/// actor may read.
package struct LFSAccess: Sendable {
    let database: Database
    let settings: HubSettings
    let environment: HubEnvironment
    let journal: Journal
    let logger: Logger
    let store: any ObjectStore
    /// The chunks of which some of the store's objects are made.
    let xorbs: XorbStorage
    /// Whose repositories' refs say what is still in use.
    let git: GitAccess

    /// Large files whose rows are in `metadata`, which must have been migrated, and whose bytes are in `store`.
    init(
        metadata: MetadataStore,
        settings: HubSettings,
        environment: HubEnvironment,
        logger: Logger,
        store: any ObjectStore,
        xorbs: XorbStorage,
        git: GitAccess
    ) {
        database = Database(store: metadata)
        self.settings = settings
        self.environment = environment
        self.logger = logger
        self.store = store
        self.xorbs = xorbs
        self.git = git
        journal = Journal(environment: environment)
    }

    /// Runs a call of the object store, with its errors in the words of clients.
    func withStore<Value>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as ObjectStoreError {
            throw LFSFailure(error, logger)
        }
    }

    /// A message for what a repository does not have, whoever else may have it.
    static let missing = LFSFailure(status: 404, "The object does not exist in this repository.")
    /// A message for what an administrator took away.
    static let removed = LFSFailure(status: 410, "The object was removed by an administrator.")
}

extension LFSFailure {
    /// What a client is told when the object store does not do its work; the log is told more.
    ///
    /// A wrong upload is 400: clients take 422 for a success of a kind and go on as if the object were there.
    init(_ error: ObjectStoreError, _ logger: Logger) {
        switch error {
        case .wrongSize(let expected, let received):
            self.init(status: 400, "The object must have \(expected) bytes; \(received) arrived. Send it again.")
        case .wrongHash:
            self.init(status: 400, "The bytes that arrived are not those of this object. Send it again.")
        case .invalidPart(let number):
            self.init(status: 400, "Part \(number) is missing or is not the one that was sent. Send it again.")
        case .noSuchUpload:
            self.init(status: 403, "This upload has ended. Run the command again to begin a new one.")
        case .outOfSpace:
            logger.error("the object store is full")
            self.init(status: 507, "The server has no room for this object. Tell its administrator.")
        case .unavailable, .refused, .damaged:
            logger.error("object store", metadata: ["error": "\(error)"])
            self.init(status: 503, "The server cannot reach its object store. Try again later.", retryAfter: 10)
        }
    }
}
