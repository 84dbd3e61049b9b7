import HTTPTypes
import NIOCore

/// The answers of the metrics listener: `/metrics`, and 404.
package struct MetricsEndpoint: ExchangeHandler {
    private let registry: PrometheusRegistry
    private let gauges: [ScrapedGauge]
    private let started = ContinuousClock.now

    /// Shows what `registry` holds, the process's own facts, and `gauges`.
    package init(registry: PrometheusRegistry, gauges: [ScrapedGauge] = []) {
        self.registry = registry
        self.gauges = gauges
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
        for gauge in gauges {
            process.begin(gauge.name, kind: .gauge)
            process.sample(gauge.name, "", PrometheusText.number(gauge.read()))
        }
        let body = ByteBuffer(string: registry.text() + process.text)
        return Answer(status: .ok, contentType: "text/plain; version=0.0.4; charset=utf-8", body: body)
    }
}

/// A value that is read when it is asked for.
package struct ScrapedGauge: Sendable {
    /// The metric's name.
    package let name: String
    /// Reads the value; must not wait.
    package let read: @Sendable () -> Double

    /// A gauge of what `read` answers.
    package init(_ name: String, read: @escaping @Sendable () -> Double) {
        self.name = name
        self.read = read
    }
}
