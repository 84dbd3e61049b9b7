import Access
import Foundation
import HubCore
import Logging
import Metadata
import MetadataSQLite
import NIOPosix
import ObjectStore
import Outbound
import Synchronization
import Testing

/// A hub on a database and an object store of its own, with a clock that stands still.
final class World: Sendable {
    let hub: Hub
    let clock: Clock
    /// What repositories are made on, unless the world has real ones.
    let storage: RecordedStorage
    let objects: any ObjectStore
    private let directory: URL

    /// - Parameters:
    ///   - hasGit: whether repositories are real, instead of storage that writes nothing.
    ///   - configure: changes the settings; hashing is made cheap before.
    ///   - wrap: what stands in front of the object store, if anything shall.
    ///   - outbound: what webhooks call with.
    init(
        hasGit: Bool = false,
        _ configure: (inout HubSettings) -> Void = { _ in },
        objects wrap: (any ObjectStore) -> any ObjectStore = { $0 },
        outbound: (any OutboundSender)? = nil
    ) async throws {
        directory = FileManager.default.temporaryDirectory.appendingPathComponent("granary-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: false)
        var settings = HubSettings(dataDirectory: directory.path)
        settings.passwordCostLogarithm = 4
        configure(&settings)
        let clock = Clock()
        let system = HubEnvironment.system()
        let environment = HubEnvironment(
            now: { clock.now },
            newID: {
                let random = try system.randomBytes(RecordID.randomByteCount)
                return try #require(RecordID(microseconds: clock.tick(), random: random))
            },
            randomBytes: system.randomBytes
        )
        let storage = RecordedStorage()
        let root = directory.appendingPathComponent("objects").path
        objects = wrap(try FileObjectStore(root: root, pool: .singleton))
        hub = try await Hub.open(
            settings: settings,
            driver: SQLiteDriver(path: directory.appendingPathComponent("granary.sqlite").path),
            environment: environment,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            objects: objects,
            outbound: outbound,
            storage: hasGit ? nil : storage
        )
        self.clock = clock
        self.storage = storage
    }

    deinit {
        try? FileManager.default.removeItem(at: directory)
    }

    var accounts: Accounts { hub.accounts }
    var repositories: Repositories { hub.repositories }

    /// Makes a user; the actor is one who logged in with a password.
    @discardableResult
    func user(_ name: String, isAdmin: Bool = false, password: String? = nil) async throws -> Actor {
        let account = try await accounts.createUser(
            NewUser(name: name, isAdmin: isAdmin, password: password),
            by: .operator
        )
        return .user(UserActor(id: account.id, name: account.name, isAdmin: isAdmin))
    }

    /// Makes an organisation with members.
    func organization(_ name: String, _ members: [String: Role] = [:]) async throws {
        _ = try await accounts.createOrganization(name: name, by: .operator)
        for (user, role) in members {
            try await accounts.setMembership(organization: name, user: user, role: role, by: .operator)
        }
    }

    /// Makes a repository as the operator.
    @discardableResult
    func repository(_ address: String, _ visibility: Visibility = .private) async throws -> RepositoryRecord {
        try await create(address, visibility, by: .operator)
    }

    /// Makes a repository.
    @discardableResult
    func create(
        _ address: String,
        _ visibility: Visibility = .private,
        initialize: Bool = false,
        by actor: Actor
    ) async throws -> RepositoryRecord {
        let address = try RepositoryAddress(parsing: address)
        let new = NewRepository(address: address, visibility: visibility, initialize: initialize)
        return try await repositories.create(new, by: actor)
    }

    /// Makes a token and logs in with it.
    func tokenActor(
        _ userName: String,
        _ role: Role,
        _ restriction: NewToken.Restriction = .none
    ) async throws -> Actor {
        let new = NewToken(userName: userName, name: UUID().uuidString, role: role, restriction: restriction)
        let token = try await accounts.createToken(new, by: .operator)
        return try await accounts.authenticate(.bearer(token), from: "192.0.2.1")
    }

    /// What the last line of the audit log says.
    func lastAudit() async throws -> AuditRecord {
        try #require(try await hub.metadata.read { try $0.audit(limit: 1) }.first)
    }
}

/// A clock that moves when told to, and by a microsecond for each id, so that ids are in order.
final class Clock: Sendable {
    private let microseconds = Mutex<Int64>(1_700_000_000_000_000)

    var now: Timestamp { Timestamp(microseconds: microseconds.withLock { $0 }) }

    func advance(seconds: Int64) {
        microseconds.withLock { $0 += seconds * 1_000_000 }
    }

    func tick() -> Int64 {
        microseconds.withLock { time in
            time += 1
            return time
        }
    }
}

/// Storage that remembers what it was asked for, and fails when told to.
final class RecordedStorage: RepositoryStorage {
    struct Broken: Error {}

    struct State {
        var directories: Set<RecordID> = []
        var initialCommits: [RecordID: String] = [:]
        var failsToCreate = false
        var failsToCommit = false
        var failsToRemove = false
    }

    let state = Mutex(State())

    var directories: Set<RecordID> { state.withLock { $0.directories } }

    func createDirectory(for id: RecordID) async throws {
        try state.withLock { state in
            if state.failsToCreate { throw Broken() }
            state.directories.insert(id)
        }
    }

    func removeDirectory(for id: RecordID) async throws {
        try state.withLock { state in
            if state.failsToRemove { throw Broken() }
            state.directories.remove(id)
        }
    }

    func copyRefs(of id: RecordID) async {}

    func writeInitialCommit(to record: RepositoryRecord, author: Actor, sdk: String?) async throws {
        try state.withLock { state in
            if state.failsToCommit { throw Broken() }
            state.initialCommits[record.id] = author.auditName
        }
    }
}

/// Expects a use case to fail with an error of a kind.
func expectError(
    _ kind: HubError.Kind,
    sourceLocation: SourceLocation = #_sourceLocation,
    _ body: () async throws -> Void
) async {
    do {
        try await body()
        Issue.record("expected \(kind), nothing was thrown", sourceLocation: sourceLocation)
    } catch let error as HubError {
        #expect(error.kind == kind, "\(error)", sourceLocation: sourceLocation)
    } catch {
        Issue.record("expected \(kind), not \(error)", sourceLocation: sourceLocation)
    }
}
