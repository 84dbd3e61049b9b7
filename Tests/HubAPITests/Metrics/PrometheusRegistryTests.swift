import HubAPI
import Metrics
import Testing

@Suite struct PrometheusRegistryTests {
    private let registry = PrometheusRegistry()

    @Test func showsCountersByLabels() {
        let pushes = Counter(label: "git_total", dimensions: [("b", "x"), ("a", "1")], factory: registry)
        pushes.increment(by: 2)
        Counter(label: "git_total", dimensions: [("a", "1"), ("b", "x")], factory: registry).increment()
        Counter(label: "git_total", dimensions: [("a", "2"), ("b", "x")], factory: registry).increment()
        #expect(
            registry.text() == """
                # TYPE git_total counter
                git_total{a="1",b="x"} 3
                git_total{a="2",b="x"} 1

                """
        )
    }

    @Test func showsGauges() {
        Gauge(label: "queue_depth", factory: registry).record(1.5)
        #expect(registry.text() == "# TYPE queue_depth gauge\nqueue_depth 1.5\n")
        let meter = Meter(label: "open", factory: registry)
        meter.set(3)
        meter.decrement(by: 1)
        #expect(registry.text().contains("open 2\n"))
    }

    @Test func showsTimersAsHistogramsOfSeconds() {
        let timer = Metrics.Timer(label: "request_duration", dimensions: [("route", "git")], factory: registry)
        timer.recordMilliseconds(20)
        timer.recordMilliseconds(Int64(4_000_000))
        let text = registry.text()
        #expect(text.hasPrefix("# TYPE request_duration_seconds histogram\n"))
        #expect(text.contains("request_duration_seconds_bucket{route=\"git\",le=\"0.01\"} 0\n"))
        #expect(text.contains("request_duration_seconds_bucket{route=\"git\",le=\"0.025\"} 1\n"))
        #expect(text.contains("request_duration_seconds_bucket{route=\"git\",le=\"1800\"} 1\n"))
        #expect(text.contains("request_duration_seconds_bucket{route=\"git\",le=\"+Inf\"} 2\n"))
        #expect(text.contains("request_duration_seconds_sum{route=\"git\"} 4000.02\n"))
        #expect(text.contains("request_duration_seconds_count{route=\"git\"} 2\n"))
    }

    @Test func showsRecordersAsHistograms() {
        Recorder(label: "pack_bytes", factory: registry).record(5)
        #expect(registry.text().contains("pack_bytes_bucket{le=\"4\"} 0\npack_bytes_bucket{le=\"16\"} 1\n"))
    }

    @Test func escapesWhatTheFormatWouldRead() {
        Counter(label: "odd name-1", dimensions: [("k", "a\"b\\c\nd")], factory: registry).increment()
        #expect(registry.text() == "# TYPE odd_name_1 counter\nodd_name_1{k=\"a\\\"b\\\\c\\nd\"} 1\n")
    }

    @Test func boundsTheSeriesOfAName() {
        for number in 0..<(PrometheusRegistry.maximumSeries + 10) {
            Counter(label: "wild", dimensions: [("k", "\(number)")], factory: registry).increment()
        }
        let lines = registry.text().split(separator: "\n")
        #expect(lines.count == PrometheusRegistry.maximumSeries + 2)
        #expect(lines.contains("wild{k=\"other\"} 10"))
    }

    @Test func keepsTheFirstKindOfAName() {
        Counter(label: "same", factory: registry).increment()
        Gauge(label: "same", factory: registry).record(9)
        #expect(registry.text() == "# TYPE same counter\nsame 1\n")
    }

    @Test func saturatesCounters() {
        let counter = Counter(label: "full", factory: registry)
        counter.increment(by: Int64.max)
        counter.increment(by: 1)
        counter.increment(by: -5)
        #expect(registry.text().contains("full \(Int64.max)\n"))
    }
}
