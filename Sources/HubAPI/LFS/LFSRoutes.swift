import Access
import HTTPTypes
import HubCore
import LFS
import NIOCore
import ObjectStore

/// Git LFS over HTTP: what is decided is decided by `LFSAccess`, all that is HTTP is here.
///
/// Batch and locks take a login. Objects take the signed links that a batch gave, or a login for a download.
/// - Source: git-lfs `docs/api`.
package struct LFSRoutes: Sendable {
    let hub: Hub
    let publicURL: PublicURL
    let rates: RateGate
    let sender: ObjectSender

    /// Answers a request below a repository's `info/lfs`.
    ///
    /// - Throws: before the first byte, an error to be mapped; after it, one that ends the connection.
    func respond(
        _ path: GitPath,
        _ route: LFSRoute,
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog
    ) async throws {
        log.note(operation: route.operation)
        let request = LFSRequest(path: path, exchange: exchange, log: log)
        switch route {
        case .batch: try await response.send(try await batch(request))
        case .download(let oid): try await download(oid, request, response)
        case .upload(let oid): try await response.send(try await upload(oid, request))
        case .verify(let oid): try await response.send(try await verify(oid, request))
        case .complete(let oid): try await response.send(try await complete(oid, request))
        case .createLock: try await response.send(try await createLock(request))
        case .locks: try await response.send(try await locks(request))
        case .verifyLocks: try await response.send(try await verifyLocks(request))
        case .unlock(let id): try await response.send(try await unlock(id, request))
        }
    }

    /// `POST objects/batch`.
    ///
    /// The client gives up at a 5xx here, but comes back after a 429: what passes by itself is answered so.
    private func batch(_ request: LFSRequest) async throws -> Answer {
        do {
            let actor = try await actor(request)
            return try await hub.gate.pass(as: actor.gateClient(at: publicURL.clientAddress(of: request.exchange))) {
                try request.checkContentType()
                let batch = try BatchRequest(body: try await request.body(limit: BatchRequest.bodyLimit))
                let answer = try await hub.lfs.batch(
                    request.path.address,
                    batch,
                    by: actor,
                    links: links(request),
                    followsRename: true
                )
                return .lfs(answer.body())
            }
        } catch let error as HubError {
            guard case .unavailable(let seconds) = error.kind else { throw error }
            request.log.note(error: error)
            throw LFSFailure(status: 429, error.message, retryAfter: seconds)
        } catch let failure as LFSFailure where failure.status == 503 {
            throw LFSFailure(status: 429, failure.message, retryAfter: failure.retryAfter ?? 10)
        }
    }

    /// Who asks, by login.
    func actor(_ request: LFSRequest) async throws -> Access.Actor {
        let address = publicURL.clientAddress(of: request.exchange)
        let actor = try await hub.accounts.authenticate(
            try Credentials(request.exchange.headers),
            from: address,
            allowingLFSGrants: true
        )
        request.log.note(actor: actor)
        try rates.pass(.git, as: actor, at: address)
        return actor
    }

    /// Where the routes of the request's repository are, for clients: below the public URL, whatever the request's host.
    private func links(_ request: LFSRequest) -> LFSLinks {
        let suffix = request.path.hasSuffix ? "" : ".git"
        let path = request.path.spelling(request.path.address) + suffix
        let base = publicURL.base(for: request.exchange)
        let address = request.path.address
        let token = "\(base)/api/\(address.type.pathSegment)/\(address.id)/xet-write-token/HEAD"
        var links = LFSLinks(base: "\(base)\(path)/info/lfs", xet: (token, "\(base)/\(XetRoute.base)"))
        links.clientSendsFields = request.exchange.headers[.userAgent]?.contains("hf_hub/") != true
        return links
    }
}

extension Answer {
    /// A JSON answer to a client of LFS.
    ///
    /// Nobody may keep it: links are credentials.
    static func lfs(_ body: ByteBuffer, status: HTTPResponse.Status = .ok, headers: HTTPFields = [:]) -> Answer {
        var answer = Answer(status: status, headers: headers, contentType: LFSFailure.contentType, body: body)
        answer.headers[.cacheControl] = "no-store"
        return answer
    }

    /// A success of which there is nothing to say.
    static var lfsDone: Answer { .lfs(ByteBuffer(string: "{}")) }
}
