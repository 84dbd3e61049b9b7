import Access
import HTTPTypes
package import HubCore
import JSON
import Metadata

/// The API: finds the operation of a request, tells who asks, and lets the operation answer.
package struct APIFrontend: Sendable {
    /// All operations.
    package let table: RouteTable
    let hub: Hub
    let publicURL: PublicURL
    let rates: RateGate
    private let limits: HTTPLimits
    let cache = AnswerCache()

    /// Some operations of `hub`.
    package init(
        hub: Hub,
        publicURL: PublicURL,
        rates: RateGate,
        limits: HTTPLimits,
        operations: [APIOperation]
    ) {
        self.hub = hub
        self.publicURL = publicURL
        self.rates = rates
        self.limits = limits
        table = RouteTable(operations)
    }

    /// Answers a request to an operation.
    ///
    /// A token that is wrong is refused before anything else, also where none would be needed: clients tell by that
    /// answer a bad token from a missing repository.
    func respond(
        _ operation: APIOperation,
        _ template: PathTemplate,
        _ parameters: [String: String],
        prefix: String,
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog
    ) async throws {
        log.note(operation: operation.id)
        let base = publicURL.base(for: exchange)
        guard !exchange.isFromAnotherSite(than: base) else {
            throw HTTPFailure(.forbidden, "Pages of other sites cannot change anything here.")
        }
        let client = publicURL.clientAddress(of: exchange)
        let version = hub.metadata.version
        let credentials = try Credentials(exchange.headers)
        let actor = try await hub.accounts.authenticate(credentials, from: client, version: version)
        log.note(actor: actor)
        try rates.pass(operation.bucket, as: actor, at: client, response)
        let call = APICall(
            exchange: exchange,
            actor: actor,
            client: client,
            base: base + prefix,
            template: template,
            parameters: parameters,
            jsonLimits: JSONLimits(bytes: limits.jsonBytes)
        )
        do {
            let made = try await answer(operation, call, response)
            if operation.lasts, let made, let version {
                keep(made, of: operation, to: call, base: base, version: version)
            }
        } catch let error as HubError {
            guard case .moved(let address) = error.kind else { throw error }
            throw RedirectedCall(error: error, location: call.redirection(to: address, prefix: prefix))
        }
    }

    /// Lets the operation answer, away from the event loop; gives what it answered, unless that was a stream.
    private func answer(
        _ operation: APIOperation,
        _ call: APICall,
        _ response: ResponseStream
    ) async throws -> Answer? {
        switch operation.handler {
        case .answer(let answer):
            let made = try await leavingEventLoop { try await answer(call) }
            try await response.send(made)
            return made
        case .stream(let stream):
            try await leavingEventLoop { try await stream(call, response) }
            return call.exchange.method == .head ? response.answerToHead : nil
        }
    }
}

/// A use case's error with the place to which it redirects.
struct RedirectedCall: Error {
    let error: HubError
    let location: String
}

extension Exchange {
    /// Whether a page of another site has made a browser send this request, which is to change something.
    ///
    /// A browser adds the credentials that it remembers, whoever made it ask. Other clients send neither field.
    /// - Source: Fetch Metadata Request Headers, "Sec-Fetch-Site"; RFC 6454 section 7.
    fileprivate func isFromAnotherSite(than base: String) -> Bool {
        guard ![.get, .head, .options].contains(method) else { return false }
        if let site = headers[.secFetchSite] { return site != "same-origin" && site != "none" }
        guard let origin = headers[.origin]?.lowercased() else { return false }
        return !"\(base.lowercased())/".hasPrefix("\(origin)/")
    }
}
