package import NIOCore

/// The first words of `upload-pack`: refs and capabilities in v0 and v1, capabilities alone in v2.
package struct UploadPackAdvertisement: Sendable {
    /// The refs as this reader may see them.
    package var snapshot: RefSnapshot
    /// Which protocol the client asked for.
    package var version: GitProtocolVersion
    /// What we call ourselves, for instance `granary/0.1`; printable ASCII without spaces.
    package var agent: String
    /// Whether each round is a request of its own, as over HTTP; only then the pack may follow without `done`.
    package var isStateless: Bool
    /// What v2 offers; its session id is used in every version.
    package var features: V2Features

    /// Describes an advertisement.
    package init(
        snapshot: RefSnapshot,
        version: GitProtocolVersion,
        agent: String,
        isStateless: Bool,
        features: V2Features = V2Features()
    ) {
        self.snapshot = snapshot
        self.version = version
        self.agent = agent
        self.isStateless = isStateless
        self.features = features
    }

    /// Writes all of it, up to and including the flush-pkt: about 70 bytes a ref in v0 and v1, under 1 KiB in v2.
    ///
    /// - Source: gitprotocol-pack(5) "Reference Discovery"; gitprotocol-v2(5) "Capability Advertisement".
    package func write(into buffer: inout ByteBuffer) {
        switch version {
        case .v0:
            writeRefs(into: &buffer)
        case .v1:
            buffer.writePktLine("version 1")
            writeRefs(into: &buffer)
        case .v2:
            buffer.writePktLine("version 2")
            for line in features.lines(agent: agent) { buffer.writePktLine(line) }
        }
        buffer.writeFlushPkt()
    }

    private func writeRefs(into buffer: inout ByteBuffer) {
        let advertised = snapshot.advertised()
        let head = advertised.head
        var lines = RefLines(capabilities: capabilities(head: head))
        if let head { lines.write(head.oid, Array("HEAD".utf8), into: &buffer) }
        for ref in advertised.refs {
            lines.write(ref.oid, ref.name.bytes, into: &buffer)
            guard let peeled = ref.peeled else { continue }
            lines.write(peeled, ref.name.bytes + Array("^{}".utf8), into: &buffer)
        }
        lines.writeIfEmpty(into: &buffer)
    }

    private func capabilities(head: Ref?) -> String {
        var words = [
            "multi_ack", "thin-pack", "side-band", "side-band-64k", "ofs-delta", "shallow", "deepen-since",
            "deepen-not", "deepen-relative", "no-progress", "include-tag", "multi_ack_detailed",
            "allow-tip-sha1-in-want", "allow-reachable-sha1-in-want",
        ]
        if isStateless { words.append("no-done") }
        // v0 has no way to say where an unborn HEAD points, and clients refuse a symref to a ref that is not listed.
        if let head { words.append("symref=HEAD:\(head.name.string)") }
        words += ["filter", "object-format=sha1", "agent=\(agent)"]
        if let sessionID = features.sessionID { words.append("session-id=\(sessionID)") }
        return words.joined(separator: " ")
    }
}

/// Writes `OID SP NAME` lines, the first of them with NUL and the capabilities.
struct RefLines {
    private let capabilities: String
    private var isFirst = true

    init(capabilities: String) {
        self.capabilities = capabilities
    }

    mutating func write(_ oid: ObjectID, _ name: [UInt8], into buffer: inout ByteBuffer) {
        buffer.writePktLine { line in
            line.writeHex(oid)
            line.writeInteger(UInt8(ascii: " "))
            line.writeBytes(name)
            if isFirst { line.writeString("\0" + capabilities) }
            line.writeInteger(UInt8(ascii: "\n"))
        }
        isFirst = false
    }

    /// Writes the line that carries the capabilities of a repository without refs.
    mutating func writeIfEmpty(into buffer: inout ByteBuffer) {
        guard isFirst else { return }
        write(.zero, Array("capabilities^{}".utf8), into: &buffer)
    }
}
