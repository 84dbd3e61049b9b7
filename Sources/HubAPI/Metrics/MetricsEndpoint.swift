import HTTPTypes
import NIOCore

/// The answers of the metrics listener: `/metrics`, and 404.
package struct MetricsEndpoint: ExchangeHandler {
    private let registry: PrometheusRegistry
    private let values: [ScrapedValue]
    private let started = ContinuousClock.now

    /// Shows what `registry` holds, the process's own facts, and `values`.
    package init(registry: PrometheusRegistry, values: [ScrapedValue] = []) {
        self.registry = registry
        self.values = values
    }

    package func respond(to exchange: Exchange, with response: ResponseStream) async {
        try? await response.send(answer(exchange))
    }

    private func answer(_ exchange: Exchange) -> Answer {
        guard exchange.path == "/metrics" else { return HTTPError(RouteError.notFound).text }
        guard [.get, .head].contains(exchange.method) else {
            return HTTPError(RouteError.methodNotAllowed(allowed: [.get, .head])).text
        }
        var process = PrometheusText()
        ProcessFacts.read().write(to: &process, uptimeSeconds: (ContinuousClock.now - started) / .seconds(1))
        for value in values {
            process.begin(value.name, kind: value.kind)
            process.sample(value.name, "", PrometheusText.number(value.read()))
        }
        let body = ByteBuffer(string: registry.text() + process.text)
        return Answer(status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: body)
    }
}

/// A value that is read when it is asked for.
package struct ScrapedValue: Sendable {
    /// The metric's name.
    let name: String
    let kind: MetricKind
    /// Reads the value; must not wait.
    let read: @Sendable () -> Double

    /// What `read` answers goes up and down.
    static func gauge(_ name: String, read: @escaping @Sendable () -> Double) -> ScrapedValue {
        ScrapedValue(name: name, kind: .gauge, read: read)
    }

    /// What `read` answers only grows.
    static func counter(_ name: String, read: @escaping @Sendable () -> Double) -> ScrapedValue {
        ScrapedValue(name: name, kind: .counter, read: read)
    }
}
