package import Access
package import GitCore
import HTTPTypes
import HubCore
import LFS
import Logging
import Synchronization

/// What is remembered of a request for its one access line and its metrics.
///
/// Neither holds anything that a client wrote freely but the path, without its query.
package final class RequestLog: Sendable {
    private struct Notes {
        var actor = "-"
        var operation: String?
        var service: GitService?
        var routeClass = "unknown"
        var error: String?
    }

    private let notes = Mutex(Notes())
    private let exchange: Exchange
    private let started = ContinuousClock.now

    /// Begins a request.
    package init(_ exchange: Exchange) {
        self.exchange = exchange
    }

    /// Remembers who asked.
    package func note(actor: Access.Actor) { notes.withLock { $0.actor = actor.auditName } }

    /// Remembers what git did.
    package func note(operation: String, service: GitService) {
        notes.withLock { ($0.operation, $0.service) = (operation, service) }
    }

    /// Remembers what was done, where that is no service of git's: a word from a fixed list.
    package func note(operation: String) { notes.withLock { $0.operation = operation } }

    /// Remembers which family of routes it was: a word from a fixed list.
    package func note(routeClass: String) { notes.withLock { $0.routeClass = routeClass } }

    /// Remembers why it failed; for the log alone.
    package func note(error: any Error) {
        let text =
            switch error {
            case let error as HubError: Self.describe(error)
            case let error as LFSFailure: "\(error.status): \(error.message)"
            default: String(describing: error)
            }
        notes.withLock { $0.error = text }
    }

    /// Writes the access line and counts the request.
    func finish(_ response: ResponseStream, logger: Logger, metrics: RequestMetrics) {
        let notes = notes.withLock { $0 }
        let record = AccessRecord(
            id: exchange.id,
            method: exchange.method,
            path: exchange.path,
            client: exchange.peerAddress,
            clientRequestID: exchange.headers[.requestID],
            actor: notes.actor,
            route: notes.routeClass,
            operation: notes.operation,
            service: notes.service?.rawValue,
            error: notes.error,
            // 499 as other servers log it: the client left before there was a status.
            status: response.status?.code ?? 499,
            isComplete: response.isFinished,
            elapsed: ContinuousClock.now - started,
            received: exchange.body.receivedBytes,
            sent: response.sentBytes
        )
        record.publish(to: logger, metrics)
    }

    private static func describe(_ error: HubError) -> String {
        ["\(error.kind): \(error.message)", error.diagnostics].compactMap { $0 }.joined(separator: " ")
    }
}
