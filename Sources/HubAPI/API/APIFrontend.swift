import Access
import HTTPTypes
package import HubCore
import JSON

/// The API: finds the operation of a request, tells who asks, and lets the operation answer.
package struct APIFrontend: Sendable {
    /// All operations.
    package let table: RouteTable
    private let hub: Hub
    private let publicURL: PublicURL
    private let limits: HTTPLimits

    /// Some operations of `hub`.
    package init(hub: Hub, publicURL: PublicURL, limits: HTTPLimits, operations: [APIOperation]) {
        self.hub = hub
        self.publicURL = publicURL
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
        let client = publicURL.clientAddress(of: exchange)
        let actor = try await hub.accounts.authenticate(try Credentials(exchange.headers), from: client)
        log.note(actor: actor)
        let call = APICall(
            exchange: exchange,
            actor: actor,
            client: client,
            base: publicURL.base(for: exchange) + prefix,
            template: template,
            parameters: parameters,
            jsonLimits: JSONLimits(bytes: limits.jsonBytes)
        )
        do {
            switch operation.handler {
            case .answer(let answer): try await response.send(try await answer(call))
            case .stream(let stream): try await stream(call, response)
            }
        } catch let error as HubError {
            guard case .moved(let address) = error.kind else { throw error }
            throw RedirectedCall(error: error, location: call.redirection(to: address, prefix: prefix))
        }
    }
}

/// A use case's error with the place to which it redirects.
struct RedirectedCall: Error {
    let error: HubError
    let location: String
}
