import Access
import HTTPTypes
package import HubCore
package import Logging
import NIOPosix
import Synchronization

/// The main listener's answers: git, large files, the hub's API, and the two questions of operations.
package struct Frontend: ExchangeHandler {
    private let git: SmartHTTP
    private let lfs: LFSRoutes
    private let xet: XetRoutes
    private let api: APIFrontend
    private let readiness: Readiness
    private let logger: Logger
    private let metrics = RequestMetrics()

    /// All routes of `hub`.
    package init(hub: Hub, settings: HTTPSettings, readiness: Readiness, logger: Logger) {
        let publicURL = PublicURL(setting: settings.publicURL, trustsForwardedHeaders: settings.trustForwardedHeaders)
        let rates = RateGate(RateLimiter(settings.rates))
        git = SmartHTTP(hub: hub, publicURL: publicURL, rates: rates)
        let sender = ObjectSender(accelPrefix: settings.accelPrefix, pool: .singleton)
        lfs = LFSRoutes(hub: hub, publicURL: publicURL, rates: rates, sender: sender)
        xet = XetRoutes(hub: hub, publicURL: publicURL, rates: rates, sender: sender)
        api = APIFrontend(
            hub: hub,
            publicURL: publicURL,
            rates: rates,
            limits: settings.limits,
            operations: APIOperations.all(hub: hub, ssh: settings.ssh, sender: sender)
        )
        self.readiness = readiness
        self.logger = logger
    }

    /// Answers a request, and writes its line in the log.
    package func respond(to exchange: Exchange, with response: ResponseStream) async {
        let log = RequestLog(exchange)
        var family = Family.of(exchange)
        response.add([.requestID: exchange.id])
        do {
            guard exchange.headers[values: .host].count <= 1 else {
                throw HTTPFailure(.badRequest, "A request has one Host field.")
            }
            if try await serveAPI(exchange, response, log, &family) {
                log.finish(response, logger: logger, metrics: metrics)
                return
            }
            let route = try Route(method: exchange.method, path: exchange.path)
            family = Family(route)
            log.note(routeClass: family.rawValue)
            if route == .health {
                try await response.send(.text("ok", status: .ok))
            } else {
                try await leavingEventLoop { try await serve(route, exchange, response, log) }
            }
        } catch {
            log.note(routeClass: family.rawValue)
            log.note(error: (error as? Redirected)?.error ?? (error as? RedirectedCall)?.error ?? error)
            await refuse(error, family, exchange, response)
        }
        log.finish(response, logger: logger, metrics: metrics)
    }

    package func answerAtHand(to request: BareRequest, id: () -> String) -> AnswerAtHand? {
        api.answerAtHand(to: request, id: id, logger: logger, metrics: metrics)
    }

    /// Answers a request to an operation of the API, with or without "/hf" before it; false when it is for none.
    private func serveAPI(
        _ exchange: Exchange,
        _ response: ResponseStream,
        _ log: RequestLog,
        _ family: inout Family
    ) async throws -> Bool {
        // Revisions and paths of files may have encoded slashes; git's own paths may not, which `Route` looks at.
        guard let path = try? PathSegments(exchange.path, allowsEncodedSlash: true).segments else { return false }
        let isPrefixed = path.first == "hf"
        let rest = isPrefixed ? path.dropFirst() : path[...]
        switch api.table.match(exchange.method, rest) {
        case .none:
            guard ShortNames.isAskedFor(exchange.method, rest) else { return false }
            family = .api
            throw ShortNames.refusal
        case .otherMethods(let methods):
            family = .api
            throw RouteError.methodNotAllowed(allowed: methods)
        case .operation(let operation, let template, let parameters):
            family = .api
            log.note(routeClass: family.rawValue)
            let prefix = isPrefixed ? "/hf" : ""
            try await api.respond(operation, template, parameters, prefix: prefix, exchange, response, log)
            return true
        }
    }

    private func serve(_ route: Route, _ exchange: Exchange, _ response: ResponseStream, _ log: RequestLog) async throws
    {
        switch route {
        case .health: try await response.send(.text("ok", status: .ok))
        case .readiness: try await response.send(await readiness.answer())
        case .lfs(let path, let route): try await lfs.respond(path, route, exchange, response, log)
        case .xet(let route): try await xet.respond(route, exchange, response, log)
        case .git(let path, let route):
            do {
                try await git.respond(path, route, exchange, response, log)
            } catch let error as HubError {
                throw Redirected(error: error, location: Self.redirection(error, path, route, exchange))
            }
        }
    }

    /// Where a repository that has moved answers this request: for `info/refs` alone, from where clients take the new
    /// address for all that follows.
    private static func redirection(_ error: HubError, _ path: GitPath, _ route: GitRoute, _ exchange: Exchange)
        -> String?
    {
        guard case .moved(let address) = error.kind, route == .advertisement else { return nil }
        return "\(path.spelling(address))/info/refs?\(exchange.query)"
    }

    private func refuse(_ error: any Error, _ family: Family, _ exchange: Exchange, _ response: ResponseStream) async {
        // With the status sent there is nothing left to say here: the connection ends, and the client sees that.
        guard !response.isStarted, !Task.isCancelled, !(error is CancellationError) else { return }
        let answer: Answer
        if let redirected = error as? Redirected {
            let mapped = HTTPError(redirected.error, requestID: exchange.id) { _ in redirected.location }
            answer = mapped.text
        } else if let redirected = error as? RedirectedCall {
            let mapped = HTTPError(redirected.error, requestID: exchange.id) { _ in redirected.location }
            answer = mapped.json()
        } else {
            let mapped = HTTPError(error, requestID: exchange.id)
            answer =
                switch family {
                case .api, .xet: mapped.json()
                case .lfs: mapped.lfs(requestID: exchange.id)
                case .git, .operations, .other: mapped.text
                }
        }
        var sent = answer
        if family == .git { sent.headers.append(contentsOf: GitHeaders.uncached) }
        try? await response.send(sent)
    }
}

/// A use case's error with the place to which it redirects, if any.
private struct Redirected: Error {
    let error: HubError
    let location: String?
}

/// Families of routes, for logs, metrics and the form of errors.
enum Family: String {
    case git, lfs, xet, api, operations, other

    init(_ route: Route) {
        self =
            switch route {
            case .health, .readiness: .operations
            case .git: .git
            case .lfs: .lfs
            case .xet: .xet
            }
    }

    /// The family of a request without a route, by its path.
    static func of(_ exchange: Exchange) -> Family {
        let path = exchange.path
        for prefix in ["/xet/", "/hf/xet/"] where path.hasPrefix(prefix) { return .xet }
        for prefix in ["/api/", "/hf/api/"] where path.hasPrefix(prefix) { return .api }
        return path.contains("/info/lfs/") || path.hasSuffix("/info/lfs") ? .lfs : .other
    }
}
