import HTTPTypes
import HubCore
import LFS

/// Locks, which take a login.
extension LFSRoutes {
    /// `POST locks`: 201 with the lock, or 409 with the one that is in the way.
    func createLock(_ request: LFSRequest) async throws -> Answer {
        let actor = try await actor(request)
        try request.checkContentType()
        let wanted = try LockRequest(body: try await request.body(limit: LockRequest.bodyLimit))
        let creation = try await hub.lfs.createLock(request.path.address, wanted, by: actor, followsRename: true)
        return switch creation {
        case .created(let lock): .lfs(lock.body(), status: .created)
        case .conflict(let lock): .lfs(lock.conflictBody(requestID: request.exchange.id), status: .conflict)
        }
    }

    /// `GET locks`.
    func locks(_ request: LFSRequest) async throws -> Answer {
        let actor = try await actor(request)
        let items = QueryItems(request.exchange.query).items.map { (name: $0.name, value: $0.value) }
        let query = try LockQuery(items: items)
        return .lfs(
            try await hub.lfs.locks(request.path.address, query, by: actor, followsRename: true).listBody()
        )
    }

    /// `POST locks/verify`, which the client asks before every push.
    func verifyLocks(_ request: LFSRequest) async throws -> Answer {
        let actor = try await actor(request)
        try request.checkContentType()
        let query = try LockQuery(verifyBody: try await request.body(limit: LockRequest.bodyLimit))
        return .lfs(
            try await hub.lfs.verifyLocks(request.path.address, query, by: actor, followsRename: true).verifyBody()
        )
    }

    /// `POST locks/{id}/unlock`.
    func unlock(_ id: String, _ request: LFSRequest) async throws -> Answer {
        let actor = try await actor(request)
        try request.checkContentType()
        let id = try LockQuery.lockID(id)
        let wanted = try UnlockRequest(body: try await request.body(limit: LockRequest.bodyLimit))
        let lock = try await hub.lfs.unlock(
            request.path.address,
            id: id,
            force: wanted.isForced,
            by: actor,
            followsRename: true
        )
        return .lfs(lock.body())
    }
}
