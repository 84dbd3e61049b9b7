/// What one check of `granary doctor` found.
struct Finding: Encodable, Sendable {
    /// How bad it is.
    enum Severity: String, Encodable, Sendable {
        case ok
        /// Works, but an administrator should know.
        case warning
        /// Does not work, or will not for long.
        case problem
    }

    /// What was looked at.
    let check: String
    /// How bad it is.
    let severity: Severity
    /// What was seen and, when it is not good, what to do.
    let message: String

    /// Nothing to do.
    static func ok(_ check: String, _ message: String) -> Finding {
        Finding(check: check, severity: .ok, message: message)
    }

    /// Something to know.
    static func warning(_ check: String, _ message: String) -> Finding {
        Finding(check: check, severity: .warning, message: message)
    }

    /// Something to repair.
    static func problem(_ check: String, _ message: String) -> Finding {
        Finding(check: check, severity: .problem, message: message)
    }

    /// The line for people.
    var text: String {
        let mark =
            switch severity {
            case .ok: "✓"
            case .warning: "!"
            case .problem: "✗"
            }
        return "\(mark) \(check): \(Printable.text(message))"
    }
}
