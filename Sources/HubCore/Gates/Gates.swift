package import Access
package import JSON
package import Metadata
import NIOCore

/// Gates before repositories' files: asking to be let in, and deciding about it.
package struct Gates: Sendable {
    private let database: Database
    private let environment: HubEnvironment
    private let journal: Journal

    /// What a user may fill in, in bytes of JSON.
    package static let largestFields = 16 << 10
    /// The longest reason of a rejection, in bytes.
    package static let longestReason = 4 << 10
    private static let largestPage = 1_000

    /// Gates of the repositories in `metadata`.
    init(metadata: MetadataStore, environment: HubEnvironment) {
        database = Database(store: metadata)
        self.environment = environment
        journal = Journal(environment: environment)
    }

    /// Asks to be let in; an automatic gate opens at once.
    ///
    /// Asking again is no error. Who was rejected asks in vain: only an administrator can change that.
    /// - Parameter fields: JSON text of what the user filled in.
    /// - Throws: `HubError.invalid` without a gate or with too much in `fields`; `.forbidden` for keys and read tokens.
    package func ask(
        _ address: RepositoryAddress,
        fields: JSONValue,
        by actor: Actor
    ) async throws -> AccessRequestRecord.Status {
        let text = String(buffer: fields.encoded())
        guard text.utf8.count <= Self.largestFields else { throw HubError(.tooLarge, "The form is too long.") }
        return try await database.transaction { records in
            let repository = try records.repository(at: address, action: .participate, by: actor)
            guard repository.gate != .open, let userID = actor.userID else { throw Self.open }
            let known = try records.accessRequest(repositoryID: repository.id, userID: userID)
            // A request that waits for an administrator is taken at once when the gate has become automatic.
            if let known, known.status != .pending { return known.status }
            let status: AccessRequestRecord.Status = repository.gate == .automatic ? .accepted : .pending
            try records.setAccessRequest(
                id: try environment.newID(),
                repositoryID: repository.id,
                userID: userID,
                status: status,
                fields: text,
                at: environment.now()
            )
            try journal.record("gate.asked", repository, by: actor, ["status": status.rawValue], in: records)
            return status
        }
    }

    /// A page of the requests of a status, oldest first.
    ///
    /// - Parameter after: the id of the last of the page before; nil for the first page.
    package func requests(
        _ address: RepositoryAddress,
        _ status: AccessRequestRecord.Status,
        after: RecordID?,
        limit: Int,
        by actor: Actor
    ) async throws -> [AccessRequestRecord] {
        try await database.read { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            return try records.accessRequests(
                repositoryID: repository.id,
                status: status,
                after: after,
                limit: min(max(limit, 1), Self.largestPage)
            )
        }
    }

    /// Whose request is decided about.
    package enum Applicant: Sendable {
        case user(String)
        case request(String)
    }

    /// Decides about a request.
    ///
    /// - Throws: `HubError.notFound` when the user did not ask.
    package func decide(
        _ address: RepositoryAddress,
        _ applicant: Applicant,
        _ status: AccessRequestRecord.Status,
        reason: String?,
        by actor: Actor
    ) async throws {
        guard reason?.utf8.count ?? 0 <= Self.longestReason else {
            throw HubError(.tooLarge, "The reason is too long.")
        }
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            guard repository.gate != .open else { throw Self.open }
            guard let request = try Self.request(of: applicant, repository, records) else {
                throw HubError(.notFound, "This user has not asked for access.")
            }
            try records.decideAccessRequest(id: request.id, status, reason: reason, at: environment.now())
            let details: KeyValuePairs = ["user": request.userName, "status": status.rawValue]
            try journal.record("gate.decided", repository, by: actor, details, in: records)
        }
    }

    /// Lets a user in who need not have asked.
    ///
    /// - Throws: `HubError.notFound` without such a user, `.invalid` when the user is in already.
    package func grant(_ address: RepositoryAddress, to name: String, by actor: Actor) async throws {
        try await database.transaction { records in
            let repository = try records.repository(at: address, action: .administerRepository, by: actor)
            guard repository.gate != .open else { throw Self.open }
            guard let user = try records.user(byName: name) else { throw HubError(.notFound, "There is no such user.") }
            guard try !records.isLetIn(user.id, repositoryID: repository.id) else {
                throw HubError(.invalid, "The user \(user.name) has access already.")
            }
            try records.setAccessRequest(
                id: try environment.newID(),
                repositoryID: repository.id,
                userID: user.id,
                status: .accepted,
                fields: "{}",
                at: environment.now()
            )
            try journal.record("gate.granted", repository, by: actor, ["user": user.name], in: records)
        }
    }

    private static func request(
        of applicant: Applicant,
        _ repository: RepositoryRecord,
        _ records: Records
    ) throws -> AccessRequestRecord? {
        switch applicant {
        case .user(let name):
            guard let user = try records.user(byName: name) else { return nil }
            return try records.accessRequest(repositoryID: repository.id, userID: user.id)
        case .request(let id):
            return try RecordID(id).flatMap { try records.accessRequest(repositoryID: repository.id, id: $0) }
        }
    }

    private static let open = HubError(.invalid, "This repository is not gated.")
}
