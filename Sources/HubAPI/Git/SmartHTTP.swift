import Access
import GitCore
import HTTPTypes
package import HubCore
import NIOCore

/// Git's smart protocol over HTTP: the bytes are `GitSession`'s, all that is HTTP is here.
///
/// Everything that maps to a status happens before the first byte of the answer: the request's form, who asks, whether
/// they may, and the session's own checks. Afterwards errors travel inside the protocol.
///
/// - Source: gitprotocol-http(5); gitprotocol-v2(5) "HTTP Transport".
package struct SmartHTTP: Sendable {
    private let hub: Hub
    private let publicURL: PublicURL
    private let rates: RateGate

    /// The git routes of `hub`.
    package init(hub: Hub, publicURL: PublicURL, rates: RateGate) {
        self.hub = hub
        self.publicURL = publicURL
        self.rates = rates
    }

    /// Answers a request to a repository's git paths.
    ///
    /// - Throws: before the first byte, an error to be mapped; after it, one that ends the connection.
    func respond(
        _ path: GitPath,
        _ route: GitRoute,
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog
    )
        async throws
    {
        switch route {
        case .dumb:
            throw Self.dumbRefusal
        case .advertisement:
            let service = try Self.service(inQuery: exchange.query)
            log.note(operation: "advertise", service: service)
            try await withSession(path, service, exchange, log, followsRename: false) { session in
                try await Self.advertise(session, service, exchange, response)
            }
        case .call(let service):
            log.note(operation: service == .uploadPack ? "fetch" : "push", service: service)
            try await call(path, service, exchange, response, log)
        }
    }

    private func call(
        _ path: GitPath,
        _ service: GitService,
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog
    ) async throws {
        try Self.checkContentType(exchange, service)
        let failure = BodyFailure()
        let limits = hub.settings.limits
        let body = try Self.body(of: exchange, service, limits: limits, reportingTo: failure)
        try await withSession(path, service, exchange, log, followsRename: true) { session in
            response.open(status: .ok, headers: Self.headers(service, "result"))
            do {
                try await session.serve(version: Self.version(exchange, service), input: body, to: response)
            } catch {
                throw failure.error ?? error
            }
            try await response.finish()
        }
    }

    private func withSession(
        _ path: GitPath,
        _ service: GitService,
        _ exchange: Exchange,
        _ log: RequestLog,
        followsRename: Bool,
        _ body: (GitSession) async throws -> Void
    ) async throws {
        let address = publicURL.clientAddress(of: exchange)
        let actor = try await hub.accounts.authenticate(try Credentials(exchange.headers), from: address)
        log.note(actor: actor)
        try rates.pass(.git, as: actor, at: address)
        try await hub.gate.pass(as: actor.gateClient(at: address)) {
            let session = try await hub.git.open(
                path.address,
                service: service,
                actor: actor,
                requestID: exchange.id,
                followsRename: followsRename
            )
            try await body(session)
        }
    }

    private static func advertise(
        _ session: GitSession,
        _ service: GitService,
        _ exchange: Exchange,
        _ response: ResponseStream
    ) async throws {
        let version = version(exchange, service)
        // Version 2 begins with its own line; the older ones begin with the service's name.
        let banner = version == .v2 ? nil : ByteBuffer(string: Self.banner(service))
        response.open(status: .ok, headers: headers(service, "advertisement"), preamble: banner)
        try await session.advertise(version: version, to: response)
        try await response.finish()
    }

    /// A pkt-line with the service's name, and a flush-pkt.
    static func banner(_ service: GitService) -> String {
        let line = "# service=\(service.rawValue)\n"
        let digits = String(line.utf8.count + 4, radix: 16)
        return String(repeating: "0", count: 4 - digits.count) + digits + line + "0000"
    }

    /// The version to speak.
    ///
    /// There is no version 2 of receive-pack.
    static func version(_ exchange: Exchange, _ service: GitService) -> GitProtocolVersion {
        let version = GitProtocolVersion(header: exchange.headers[.gitProtocol])
        return service == .receivePack && version == .v2 ? .v0 : version
    }

    private static func headers(_ service: GitService, _ part: String) -> HTTPFields {
        var headers = GitHeaders.uncached
        headers[.contentType] = "application/x-\(service.rawValue)-\(part)"
        return headers
    }
}

/// Fields of all answers on git's paths.
enum GitHeaders {
    /// No cache may keep an answer: the same URL answers differently after a push, and for another account.
    static let uncached: HTTPFields = [
        .cacheControl: "no-cache, max-age=0, must-revalidate",
        .pragma: "no-cache",
        .expires: "Fri, 01 Jan 1980 00:00:00 GMT",
    ]
}
