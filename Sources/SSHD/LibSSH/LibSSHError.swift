import CLibSSH

/// What libssh says when something failed.
struct LibSSHError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What was to be done.
    let deed: String
    /// libssh's own words; may be empty.
    let reason: String

    /// One line for the log or the operator.
    var description: String { reason.isEmpty ? "cannot \(deed)" : "cannot \(deed): \(reason)" }

    init(_ deed: String, _ reason: String = "") {
        self.deed = deed
        self.reason = reason
    }

    /// Reads the text that libssh keeps with a session or a bind.
    init(_ deed: String, of object: OpaquePointer) {
        let reason = ssh_get_error(UnsafeMutableRawPointer(object)).map { String(cString: $0) } ?? ""
        self.init(deed, reason)
    }
}
