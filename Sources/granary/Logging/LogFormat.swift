/// How an event becomes a line.
enum LogFormat: String, CaseIterable, Sendable {
    /// `2026-01-31T08:15:30.123Z info message key=value`.
    case text
    /// One JSON object a line, with the keys `time`, `level`, `message` and those of the metadata.
    case json
}
