package import Metrics
import Synchronization

/// Keeps what swift-metrics counts and shows it in Prometheus' text format.
///
/// Names and labels come from our code, but a label's value could by mistake come from outside: a name keeps at most
/// `maximumSeries` combinations of labels, and all further ones share one whose values are "other".
package final class PrometheusRegistry: MetricsFactory {
    /// Combinations of labels for each name.
    package static let maximumSeries = 256
    /// Names in all; instruments of further names count for nobody.
    package static let maximumFamilies = 512

    private let families = Mutex<[String: MetricFamily]>([:])

    /// A registry without metrics.
    package init() {}

    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler {
        series(label, dimensions, .counter, CounterSeries.init)
    }

    package func makeFloatingPointCounter(
        label: String,
        dimensions: [(String, String)]
    ) -> any FloatingPointCounterHandler {
        series(label, dimensions, .counter, FloatingPointCounterSeries.init)
    }

    package func makeMeter(label: String, dimensions: [(String, String)]) -> any MeterHandler {
        series(label, dimensions, .gauge, GaugeSeries.init)
    }

    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        aggregate
            ? series(label, dimensions, .histogram) { HistogramSeries(bounds: HistogramBounds.sizes) }
            : series(label, dimensions, .gauge, GaugeSeries.init)
    }

    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler {
        let name = label.hasSuffix("_seconds") ? label : label + "_seconds"
        return series(name, dimensions, .histogram) { HistogramSeries(bounds: HistogramBounds.seconds) }
    }

    // Instruments are made anew for each use and share their series, which therefore stays.
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyFloatingPointCounter(_ handler: any FloatingPointCounterHandler) {}
    package func destroyMeter(_ handler: any MeterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}

    /// All metrics as `/metrics` answers them: names and series in the order of their bytes.
    package func text() -> String {
        let families = families.withLock { $0 }
        var text = PrometheusText()
        for (name, family) in families.sorted(by: { $0.key < $1.key }) {
            text.begin(name, kind: family.kind)
            for (labels, series) in family.series.sorted(by: { $0.key < $1.key }) {
                series.write(name: name, labels: labels, to: &text)
            }
        }
        return text.text
    }

    /// The series of a name and labels, made at its first use.
    ///
    /// One that does not fit is made apart and never shown.
    private func series<Series: MetricSeries>(
        _ label: String,
        _ dimensions: [(String, String)],
        _ kind: MetricKind,
        _ make: () -> Series
    ) -> Series {
        let name = PrometheusText.name(label)
        return families.withLock { families in
            guard families[name] != nil || families.count < Self.maximumFamilies else { return make() }
            var family = families[name] ?? MetricFamily(kind: kind)
            guard family.kind == kind else { return make() }
            let labels = family.admit(dimensions)
            let series = family.series[labels] ?? make()
            family.series[labels] = series
            families[name] = family
            return series as? Series ?? make()
        }
    }
}

/// What a metric is, in Prometheus' words.
enum MetricKind: String {
    case counter, gauge, histogram
}

/// All series of one name.
struct MetricFamily {
    let kind: MetricKind
    /// By their labels as text, `a="1",b="2"`.
    var series: [String: any MetricSeries] = [:]

    /// The text of labels that may be used: the given ones, or "other" for each once the family is full.
    func admit(_ dimensions: [(String, String)]) -> String {
        let labels = PrometheusText.labels(dimensions)
        guard series[labels] == nil, series.count >= PrometheusRegistry.maximumSeries else { return labels }
        return PrometheusText.labels(dimensions.map { ($0.0, "other") })
    }
}
