package import NIOCore

/// The first words of `receive-pack`: refs and capabilities.
///
/// There is no version 2 of pushing; a client that asks for it is answered as in v0.
package struct ReceivePackAdvertisement: Sendable {
    /// The refs as this writer may see them.
    package var snapshot: RefSnapshot
    /// Which protocol the client asked for.
    package var version: GitProtocolVersion
    /// What we call ourselves, for instance `granary/0.1`; printable ASCII without spaces.
    package var agent: String
    /// Our session id for the logs of both sides, printable ASCII without spaces.
    package var sessionID: String?

    /// Describes an advertisement.
    package init(snapshot: RefSnapshot, version: GitProtocolVersion, agent: String, sessionID: String? = nil) {
        self.snapshot = snapshot
        self.version = version
        self.agent = agent
        self.sessionID = sessionID
    }

    /// Writes all of it, up to and including the flush-pkt: neither `HEAD` nor peeled tags are listed.
    ///
    /// - Source: gitprotocol-pack(5) "Reference Discovery".
    package func write(into buffer: inout ByteBuffer) {
        if version == .v1 { buffer.writePktLine("version 1") }
        var lines = RefLines(capabilities: capabilities)
        for ref in snapshot.advertised().refs { lines.write(ref.oid, ref.name.bytes, into: &buffer) }
        lines.writeIfEmpty(into: &buffer)
        buffer.writeFlushPkt()
    }

    private var capabilities: String {
        var words = [
            "report-status", "report-status-v2", "delete-refs", "side-band-64k", "quiet", "atomic", "ofs-delta",
            "push-options", "object-format=sha1", "agent=\(agent)",
        ]
        if let sessionID { words.append("session-id=\(sessionID)") }
        return words.joined(separator: " ")
    }
}
