import Access
import HTTPTypes
import HubCore
import LFS
import Metadata
import NIOCore
import ObjectStore

/// Uploads, which take tickets only.
extension LFSRoutes {
    /// `PUT objects/{oid}`.
    ///
    /// Bytes that are not the object's are 400, and all else about the ticket 403: the client takes 422 for a success of a
    /// kind and repeats without end what is answered 401.
    func upload(_ oid: ObjectKey, _ request: LFSRequest) async throws -> Answer {
        try await withTicket(oid, request) { action in
            let etag = try await hub.lfs.upload(
                action,
                contentLength: request.contentLength,
                bytes: request.exchange.body
            )
            var answer = Answer.lfsDone
            // Only parts have one; whoever sends them lists them in the end.
            if let etag { answer.headers[.eTag] = etag }
            return answer
        }
    }

    /// `POST objects/{oid}/verify`.
    func verify(_ oid: ObjectKey, _ request: LFSRequest) async throws -> Answer {
        try await withTicket(oid, request) { action in
            let object = try LFSObject(verifyBody: try await request.body(limit: LFSObject.bodyLimit))
            try await hub.lfs.verify(action, object)
            return .lfsDone
        }
    }

    /// `POST objects/{oid}/complete`.
    func complete(_ oid: ObjectKey, _ request: LFSRequest) async throws -> Answer {
        try await withTicket(oid, request) { action in
            let limit = MultipartCompletion.bodyLimit
            try await hub.lfs.complete(action, try MultipartCompletion(body: try await request.body(limit: limit)))
            return .lfsDone
        }
    }

    /// Runs what the request's ticket allows; refusals of `Access` on the way are no questions for a login.
    func withTicket<Value>(
        _ oid: ObjectKey,
        _ request: LFSRequest,
        _ body: (AdmittedAction) async throws -> Value
    ) async throws -> Value {
        try rates.passLink(.git, at: publicURL.clientAddress(of: request.exchange))
        guard let ticket = try request.ticket(for: oid) else { throw LFSRequest.noTicket }
        do {
            return try await body(try await admit(ticket, request))
        } catch let error as HubError {
            request.log.note(error: error)
            guard error.kind != .internalFailure else { throw error }
            throw LFSFailure(error)
        }
    }

    /// Checks a ticket, and that it is for the repository at the request's path.
    private func admit(_ ticket: SignedAction, _ request: LFSRequest) async throws -> AdmittedAction {
        let action = try await hub.lfs.admit(ticket)
        request.log.note(actor: action.actor)
        guard try await repositoryID(request.path.address) == ticket.ticket.repository else {
            throw LFSRequest.noTicket
        }
        return action
    }

    private func repositoryID(_ address: RepositoryAddress) async throws -> String? {
        do {
            return try await hub.repositories.resolve(address, action: .readRepository, by: .operator).id.text
        } catch let error as HubError {
            switch error.kind {
            case .moved(let now):
                return try await hub.repositories.resolve(now, action: .readRepository, by: .operator).id.text
            case .notFound: return nil
            default: throw error
            }
        }
    }
}
