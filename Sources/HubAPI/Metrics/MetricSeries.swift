import Metrics
import Synchronization

/// One line, or a histogram's lines, of a metric.
protocol MetricSeries: AnyObject, Sendable {
    /// Writes the present state.
    func write(name: String, labels: String, to text: inout PrometheusText)
}

/// A count that only grows.
///
/// At the end of its range it stays there.
final class CounterSeries: MetricSeries, CounterHandler {
    private let value = Mutex<Int64>(0)

    func increment(by amount: Int64) {
        guard amount > 0 else { return }
        value.withLock { value in
            let (sum, overflow) = value.addingReportingOverflow(amount)
            value = overflow ? .max : sum
        }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels, "\(value.withLock { $0 })")
    }
}

/// A sum of fractions that only grows.
final class FloatingPointCounterSeries: MetricSeries, FloatingPointCounterHandler {
    private let value = Mutex<Double>(0)

    func increment(by amount: Double) {
        guard amount.isFinite, amount > 0 else { return }
        value.withLock { $0 += amount }
    }

    func reset() { value.withLock { $0 = 0 } }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels, PrometheusText.number(value.withLock { $0 }))
    }
}

/// A value that goes up and down.
final class GaugeSeries: MetricSeries, MeterHandler, RecorderHandler {
    private let value = Mutex<Double>(0)

    func set(_ value: Int64) { set(Double(value)) }
    func set(_ value: Double) { self.value.withLock { $0 = value } }
    func increment(by amount: Double) { value.withLock { $0 += amount } }
    func decrement(by amount: Double) { value.withLock { $0 -= amount } }
    func record(_ value: Int64) { set(value) }
    func record(_ value: Double) { set(value) }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        text.sample(name, labels, PrometheusText.number(value.withLock { $0 }))
    }
}

/// Values counted by size.
final class HistogramSeries: MetricSeries, RecorderHandler, TimerHandler {
    private struct State {
        var counts: [Int64]
        var count: Int64 = 0
        var sum = 0.0
    }

    private let bounds: [Double]
    private let state: Mutex<State>

    /// A histogram with upper bounds in rising order; the bucket above the last is implied.
    init(bounds: [Double]) {
        self.bounds = bounds
        state = Mutex(State(counts: Array(repeating: 0, count: bounds.count)))
    }

    func record(_ value: Int64) { record(Double(value)) }
    func recordNanoseconds(_ duration: Int64) { record(Double(duration) / 1e9) }

    func record(_ value: Double) {
        guard value.isFinite else { return }
        state.withLock { state in
            if let bucket = bounds.firstIndex(where: { value <= $0 }) { state.counts[bucket] += 1 }
            state.count += 1
            state.sum += value
        }
    }

    func write(name: String, labels: String, to text: inout PrometheusText) {
        let state = state.withLock { $0 }
        let separator = labels.isEmpty ? "" : ","
        var below: Int64 = 0
        for (bound, count) in zip(bounds, state.counts) {
            below += count
            text.sample("\(name)_bucket", "\(labels)\(separator)le=\"\(PrometheusText.number(bound))\"", "\(below)")
        }
        text.sample("\(name)_bucket", "\(labels)\(separator)le=\"+Inf\"", "\(state.count)")
        text.sample("\(name)_sum", labels, PrometheusText.number(state.sum))
        text.sample("\(name)_count", labels, "\(state.count)")
    }
}

/// The fixed upper bounds of histograms.
enum HistogramBounds {
    /// Durations: from a cached answer to a large clone.
    static let seconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300, 1800]
    /// Sizes and counts: powers of four from 1 to 4^20, about 10^12.
    static let sizes = (0...20).map { Double(Int64(1) << (2 * $0)) }
}
