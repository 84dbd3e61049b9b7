import Access
import HTTPTypes
package import HubCore

/// The hub's API in the shapes of Hugging Face, as far as accounts and repositories need it.
package struct HubRoutes: Sendable {
    let hub: Hub
    let publicURL: PublicURL
    let limits: HTTPLimits
    let ssh: SSHEndpoint?

    /// The routes below `/api` of `hub`.
    package init(hub: Hub, publicURL: PublicURL, limits: HTTPLimits, ssh: SSHEndpoint? = nil) {
        self.hub = hub
        self.publicURL = publicURL
        self.limits = limits
        self.ssh = ssh
    }

    /// Answers a request below `/api`.
    ///
    /// A token that is wrong is refused before anything else, also where none would be needed: clients tell by that
    /// answer a bad token from a missing repository.
    func respond(_ route: APIRoute, _ exchange: Exchange, _ log: RequestLog) async throws -> Answer {
        let address = publicURL.clientAddress(of: exchange)
        let actor = try await hub.accounts.authenticate(try Credentials(exchange.headers), from: address)
        log.note(actor: actor)
        return switch route {
        case .whoAmI: try await whoAmI(actor)
        case .createRepository: try await createRepository(exchange, actor)
        case .deleteRepository: try await deleteRepository(exchange, actor)
        case .moveRepository: try await moveRepository(exchange, actor)
        case .ssh: try sshEndpoint(exchange)
        }
    }
}

extension HTTPError {
    /// The error as the API says it: in fields for programs, in JSON for the rest.
    ///
    /// - Parameter url: of what stands in the way of something new, for clients that are content with that.
    package func json(url: String? = nil) -> Answer {
        let message = Self.oneLine(self.message)
        var headers = headers
        headers[.errorMessage] = message
        if let code { headers[.errorCode] = code }
        let body = ErrorBody(error: message, url: url)
        return (try? Answer.json(body, status: status, headers: headers)) ?? Answer(status: status, headers: headers)
    }

    private struct ErrorBody: Encodable {
        let error: String
        let url: String?
    }
}
