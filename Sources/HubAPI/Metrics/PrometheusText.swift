/// Prometheus' text format, version 0.0.4.
///
/// - Source: Prometheus documentation, "Exposition formats".
struct PrometheusText {
    /// What has been written.
    private(set) var text = ""

    /// Begins a metric.
    mutating func begin(_ name: String, kind: MetricKind) {
        text += "# TYPE \(name) \(kind.rawValue)\n"
    }

    /// Writes one sample; `labels` as `labels(_:)` makes them.
    mutating func sample(_ name: String, _ labels: String, _ value: String) {
        text += labels.isEmpty ? "\(name) \(value)\n" : "\(name){\(labels)} \(value)\n"
    }

    /// A metric's or label's name in the allowed characters; others become "_".
    static func name(_ text: String) -> String {
        var name = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "a"..."z", "A"..."Z", "_": name.unicodeScalars.append(scalar)
            case "0"..."9" where !name.isEmpty: name.unicodeScalars.append(scalar)
            default: name += "_"
            }
        }
        return name.isEmpty ? "_" : name
    }

    /// Labels with quoted values, in the order of their names.
    static func labels(_ dimensions: [(String, String)]) -> String {
        dimensions.sorted { $0.0 < $1.0 }
            .map { "\(name($0.0))=\"\(escape($0.1))\"" }
            .joined(separator: ",")
    }

    /// A number: without a fraction if it has none.
    static func number(_ value: Double) -> String {
        guard value.isFinite else { return value.isNaN ? "NaN" : value > 0 ? "+Inf" : "-Inf" }
        return Int64(exactly: value).map { "\($0)" } ?? "\(value)"
    }

    /// A label's value in quotes; at most 128 characters of it.
    private static func escape(_ value: String) -> String {
        var escaped = ""
        for scalar in value.unicodeScalars.prefix(128) {
            switch scalar {
            case "\\": escaped += "\\\\"
            case "\"": escaped += "\\\""
            case "\n": escaped += "\\n"
            default: escaped.unicodeScalars.append(scalar)
            }
        }
        return escaped
    }
}
