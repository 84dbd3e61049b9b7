import HTTPTypes
import Logging

/// What the log and the metrics are told of a request that is over.
struct AccessRecord {
    var id: String
    var method: HTTPRequest.Method
    /// Without the query, which may hold secrets.
    var path: Substring
    var client: String
    /// The client's own id of the request, if it sent one.
    var clientRequestID: String?
    var actor = "-"
    var route = "unknown"
    var operation: String?
    var service: String?
    var error: String?
    var status: Int
    /// Whether the client has the whole answer.
    var isComplete: Bool
    var elapsed: Duration
    var received: Int64 = 0
    var sent: Int64 = 0

    /// Writes the access line and counts the request.
    func publish(to logger: Logger, _ metrics: RequestMetrics) {
        write(to: logger)
        metrics.count(
            route: route,
            method: method,
            status: status,
            elapsed: elapsed,
            received: received,
            sent: sent
        )
    }

    private func write(to logger: Logger) {
        let level: Logger.Level = status == 500 ? .error : .info
        guard level >= logger.logLevel else { return }
        var metadata: Logger.Metadata = [
            "request_id": .string(id),
            "method": .string(method.rawValue),
            "path": .string(Self.loggable(path)),
            "route": .string(route),
            "status": .string(String(status)),
            "bytes_in": .string(String(received)),
            "bytes_out": .string(String(sent)),
            "duration_ms": .string(Self.milliseconds(elapsed)),
            "actor": .string(actor),
            "client": .string(client),
        ]
        if let service { metadata["service"] = .string(service) }
        if let operation { metadata["operation"] = .string(operation) }
        if let id = RequestIDs.validated(clientRequestID) { metadata["client_request_id"] = .string(id) }
        if let error { metadata["error"] = .string(Self.loggable(error[...])) }
        logger.log(level: level, isComplete ? "request" : "request, not completed", metadata: metadata)
    }

    /// A duration in milliseconds with three digits behind the point.
    private static func milliseconds(_ duration: Duration) -> String {
        let microseconds =
            Int64(clamping: duration.components.seconds) * 1_000_000
            + duration.components.attoseconds / 1_000_000_000_000
        let fraction = String(microseconds % 1_000)
        return "\(microseconds / 1_000).\(String(repeating: "0", count: max(0, 3 - fraction.utf8.count)))\(fraction)"
    }

    /// At most 512 characters, none of which a terminal or a log reader would obey.
    private static func loggable(_ text: Substring) -> String {
        let isHarmless = text.utf8.count <= 512 && text.utf8.allSatisfy { (0x20..<0x7f).contains($0) }
        guard !isHarmless else { return String(text) }
        return String(
            String.UnicodeScalarView(
                text.unicodeScalars.prefix(512).map { $0.value < 0x20 || $0.value == 0x7f ? "?" : $0 }
            )
        )
    }
}
