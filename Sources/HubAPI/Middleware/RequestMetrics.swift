import HTTPTypes
import Metrics
import Synchronization

/// Counts requests by the family of their route, their method and the class of their status.
///
/// Instruments are kept: to find one by its labels costs more than to answer a small request.
final class RequestMetrics: Sendable {
    /// What tells the instruments apart: all words are from fixed lists, so there are few.
    private struct Key: Hashable {
        let route: String
        let method: String
        let statusClass: Int
    }

    private struct Instruments: Sendable {
        let requests: Counter
        let duration: Timer
        let received: Counter
        let sent: Counter

        init(_ key: Key) {
            let route = ("route", key.route)
            let labels = [route, ("method", key.method), ("status", "\(key.statusClass)xx")]
            requests = Counter(label: "granary_http_requests_total", dimensions: labels)
            duration = Timer(label: "granary_http_request_duration_seconds", dimensions: [route])
            received = Counter(label: "granary_http_received_bytes_total", dimensions: [route])
            sent = Counter(label: "granary_http_sent_bytes_total", dimensions: [route])
        }
    }

    private let instruments = Mutex<[Key: Instruments]>([:])

    /// Counts a request that has been answered.
    func count(
        route: String,
        method: HTTPRequest.Method,
        status: Int,
        elapsed: Duration,
        received: Int64,
        sent: Int64
    ) {
        let key = Key(route: route, method: Self.label(method), statusClass: status / 100)
        let found = instruments.withLock { instruments in
            if let known = instruments[key] { return known }
            let new = Instruments(key)
            instruments[key] = new
            return new
        }
        found.requests.increment()
        found.duration.recordNanoseconds(Int64(elapsed / .nanoseconds(1)))
        found.received.increment(by: received)
        found.sent.increment(by: sent)
    }

    /// The method, or one word for all that are not of HTTP's own.
    private static func label(_ method: HTTPRequest.Method) -> String {
        switch method {
        case .get, .head, .post, .put, .delete, .patch, .options: method.rawValue
        default: "other"
        }
    }
}
