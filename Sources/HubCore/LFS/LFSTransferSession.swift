package import Access
package import GitCore
package import LFS
import Logging
import Metadata
import Metrics
import ObjectStore

/// One conversation of git-lfs-transfer: objects and locks over one channel, by the same code as over HTTP.
package struct LFSTransferSession: Sendable {
    let lfs: LFSAccess
    let record: RepositoryRecord
    let actor: Actor
    let operation: LFSOperation
    let requestID: String

    /// Serves the client's commands until it quits or hangs up.
    ///
    /// What is wrong with them is answered in the protocol's own language and is no error here.
    package func serve(input: ByteSource, to sink: any ByteSink) async throws {
        let start = monotonicNanoseconds()
        var result = "ok"
        var detail: String?
        defer { note(result, detail, since: start) }
        let server = TransferServer(
            operation: operation,
            backend: LFSTransferBackend(session: self),
            input: input,
            sink: sink
        )
        do {
            try await server.serve()
        } catch is CancellationError {
            result = "aborted"
            throw CancellationError()
        } catch let fault as any ClientFault {
            result = "aborted"
            detail = "\(fault)"
            throw fault
        } catch {
            result = "failed"
            detail = "\(error)"
            throw HubError.translating(error)
        }
    }

    private func note(_ result: String, _ detail: String?, since start: Int64) {
        let nanoseconds = monotonicNanoseconds() - start
        let dimensions = [("operation", operation.rawValue), ("outcome", result)]
        Counter(label: "granary_lfs_transfers_total", dimensions: dimensions).increment()
        var metadata: Logger.Metadata = [
            "request_id": "\(requestID)", "operation": "\(operation.rawValue)", "outcome": "\(result)",
            "repository": "\(record.address)", "actor": "\(actor.auditName)", "ms": "\(nanoseconds / 1_000_000)",
        ]
        if let detail { metadata["detail"] = "\(detail)" }
        lfs.logger.log(level: result == "failed" ? .error : .info, "git-lfs-transfer", metadata: metadata)
    }
}

extension LFSAccess {
    /// Opens a repository for one conversation of git-lfs-transfer.
    ///
    /// - Throws: `HubError` as `Access` decides.
    package func openTransfer(
        _ address: RepositoryAddress,
        operation: LFSOperation,
        actor: Actor,
        requestID: String,
        followsRename: Bool
    ) async throws -> LFSTransferSession {
        let record = try await database.read { records in
            try records.repository(at: address, action: operation.action, by: actor, followsRename: followsRename)
        }
        return LFSTransferSession(
            lfs: self,
            record: record,
            actor: actor,
            operation: operation,
            requestID: requestID
        )
    }
}

/// What the conversation's commands do; rights are looked at anew by each.
private struct LFSTransferBackend: TransferBackend {
    let session: LFSTransferSession

    private var lfs: LFSAccess { session.lfs }

    func batch(_ objects: [LFSObject], refName: String?) async throws -> [TransferVerdict] {
        let rows = try await run {
            try await lfs.database.read { records in
                let (repository, _) = try find(records)
                return try records.lfsObjects(repositoryID: repository.id, oids: Set(objects.map(\.oid.hex)))
            }
        }
        return try objects.map { object in
            switch (session.operation, LFSAccess.presence(of: object, in: rows)) {
            case (.download, .present): return .download
            case (.download, _): return .noop
            case (.upload, .present): return .noop
            case (.upload, .absent), (.upload, .removed): return .upload
            case (.upload, .otherSize(let size)):
                throw LFSFailure(status: 422, "Object \(object.oid) has \(size) bytes here. The pointer is wrong.")
            }
        }
    }

    func upload(_ object: LFSObject, bytes: ByteSource) async throws {
        try await run {
            let (repository, actor) = try await lfs.database.read(find)
            try await lfs.receive(object, in: repository, by: actor, bytes: bytes)
        }
    }

    func verify(_ object: LFSObject) async throws {
        try await run {
            let (repository, _) = try await lfs.database.read(find)
            try await lfs.verify(object, in: repository)
        }
    }

    func download(_ oid: ObjectKey) async throws -> TransferDownload {
        try await run {
            let download = try await lfs.open(oid) { try find($0).0.id }
            let reading = try await download.read(nil)
            guard reading.size == download.size else { throw LFSAccess.missing }
            return TransferDownload(size: reading.size, bytes: reading.bytes)
        }
    }

    func lock(_ path: LockPath, refName: String?) async throws -> LockCreation {
        try await run { try await lfs.createLock(path, refName, in: find) }
    }

    func listLocks(_ query: LockQuery) async throws -> LockPage {
        try await run { try await lfs.locks(query, in: find) }
    }

    func unlock(id: String, isForced: Bool, refName: String?) async throws -> LFSLock {
        try await run { try await lfs.unlock(id: id, force: isForced, in: find) }
    }

    /// The repository and the actor as they are now, if the actor still may.
    @Sendable private func find(_ records: Records) throws -> (RepositoryRecord, Actor) {
        let now = lfs.environment.now()
        guard let repository = try records.repository(id: session.record.id),
            let actor = try TicketActor(session.actor).actor(in: repository, at: now, records)
        else { throw LFSFailure(status: 404, "The repository was not found.") }
        try records.authorize(actor, session.operation.action, repository)
        return (repository, actor)
    }

    /// Turns what use cases throw into what the client is to read.
    private func run<Value: Sendable>(_ body: () async throws -> Value) async throws -> Value {
        do {
            return try await body()
        } catch let error as HubError {
            throw LFSFailure(error)
        }
    }
}

extension LFSFailure {
    /// A use case's error as a status, for clients that know nothing else.
    package init(_ error: HubError) {
        switch error.kind {
        case .unauthenticated: self.init(status: 403, error.message)
        case .forbidden: self.init(status: 403, error.message)
        case .notFound, .moved: self.init(status: 404, error.message)
        case .conflict: self.init(status: 409, error.message)
        case .invalid: self.init(status: 422, error.message)
        case .tooLarge: self.init(status: 413, error.message)
        case .limited(let seconds): self.init(status: 429, error.message, retryAfter: seconds)
        case .unavailable(let seconds): self.init(status: 503, error.message, retryAfter: seconds)
        case .internalFailure: self.init(status: 500, error.message)
        }
    }
}
