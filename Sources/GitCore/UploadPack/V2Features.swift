import NIOCore

/// What this server offers in protocol v2; the advertisement writes it and the request parser holds clients to it.
package struct V2Features: Sendable, Hashable {
    /// Argument `want-ref` of `fetch`.
    package var refInWant = true
    /// Argument `sideband-all` of `fetch`.
    package var sidebandAll = true
    /// Command `object-info`.
    package var objectInfo = true
    /// Our session id for the logs of both sides, printable ASCII without spaces; nil offers no `session-id`.
    package var sessionID: String?

    /// Everything, without a session id.
    package init() {}

    /// The lines of the advertisement, without their LF.
    ///
    /// - Source: gitprotocol-v2(5) "Capability Advertisement".
    func lines(agent: String) -> [String] {
        var fetch = "fetch=shallow wait-for-done filter"
        if refInWant { fetch += " ref-in-want" }
        if sidebandAll { fetch += " sideband-all" }
        var lines = ["agent=\(agent)", "ls-refs=unborn", fetch, "server-option", "object-format=sha1"]
        if objectInfo { lines.append("object-info") }
        if let sessionID { lines.append("session-id=\(sessionID)") }
        return lines
    }
}
