package import Access
package import GitCore
import HTTPTypes
import HubCore
import LFS
package import Logging
import Metrics
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
    package func finish(_ response: ResponseStream, logger: Logger) {
        let notes = notes.withLock { $0 }
        let elapsed = ContinuousClock.now - started
        let outcome = Outcome(response)
        write(notes, elapsed: elapsed, outcome: outcome, response: response, logger: logger)
        count(notes, elapsed: elapsed, outcome: outcome, response: response)
    }

    private func write(
        _ notes: Notes,
        elapsed: Duration,
        outcome: Outcome,
        response: ResponseStream,
        logger: Logger
    ) {
        var metadata: Logger.Metadata = [
            "request_id": "\(exchange.id)",
            "method": "\(exchange.method.rawValue)",
            "path": "\(Self.loggable(exchange.path))",
            "route": "\(notes.routeClass)",
            "status": "\(outcome.status)",
            "bytes_in": "\(exchange.body.receivedBytes)",
            "bytes_out": "\(response.sentBytes)",
            "duration_ms": "\(elapsed / .milliseconds(1))",
            "actor": "\(notes.actor)",
            "client": "\(exchange.peerAddress)",
        ]
        if let service = notes.service { metadata["service"] = "\(service.rawValue)" }
        if let operation = notes.operation { metadata["operation"] = "\(operation)" }
        if let id = RequestIDs.validated(exchange.headers[.requestID]) { metadata["client_request_id"] = "\(id)" }
        if let error = notes.error { metadata["error"] = "\(Self.loggable(error[...]))" }
        logger.log(level: outcome.isFault ? .error : .info, outcome.message, metadata: metadata)
    }

    private func count(_ notes: Notes, elapsed: Duration, outcome: Outcome, response: ResponseStream) {
        let route = ("route", notes.routeClass)
        let labels = [route, ("method", Self.methodLabel(exchange.method)), ("status", outcome.statusClass)]
        Counter(label: "granary_http_requests_total", dimensions: labels).increment()
        Timer(label: "granary_http_request_duration_seconds", dimensions: [route])
            .recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
        Counter(label: "granary_http_received_bytes_total", dimensions: [route]).increment(
            by: exchange.body.receivedBytes
        )
        Counter(label: "granary_http_sent_bytes_total", dimensions: [route]).increment(by: response.sentBytes)
    }

    private static func describe(_ error: HubError) -> String {
        ["\(error.kind): \(error.message)", error.diagnostics].compactMap { $0 }.joined(separator: " ")
    }

    /// At most 512 characters, none of which a terminal or a log reader would obey.
    private static func loggable(_ text: Substring) -> String {
        String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(512).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }
            )
        )
    }

    /// The method, or one word for all that are not of HTTP's own.
    private static func methodLabel(_ method: HTTPRequest.Method) -> String {
        let known: [HTTPRequest.Method] = [.get, .head, .post, .put, .delete, .patch, .options]
        return known.contains(method) ? method.rawValue : "other"
    }
}

/// How a request ended.
private struct Outcome {
    let status: Int
    let isComplete: Bool

    init(_ response: ResponseStream) {
        // 499 as other servers log it: the client left before there was a status.
        status = response.status?.code ?? 499
        isComplete = response.isFinished
    }

    var isFault: Bool { status == 500 }
    var statusClass: String { "\(status / 100)xx" }
    var message: Logger.Message { isComplete ? "request" : "request, not completed" }
}
