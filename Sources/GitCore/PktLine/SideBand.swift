package import NIOCore

/// The streams that share the server's half of a conversation once packets carry a band byte.
package enum SideBand: UInt8, Sendable {
    /// Pack or report bytes.
    case data = 1
    /// Text for the person, shown as `remote: …`.
    case progress = 2
    /// Text of the error that ends the conversation.
    case fatal = 3
}

/// How many data bytes one side-band packet may carry.
package enum SideBandLimit: Int, Sendable {
    /// No side band: pack bytes are sent as they are, and there is no way to send anything else.
    case none = 0
    /// Capability `side-band`.
    case small = 995
    /// Capability `side-band-64k`, and protocol v2.
    case large = 65_515
}

extension ByteBuffer {
    /// Writes `bytes` to a band, split into as many packets as `limit` asks for; nothing when there are no bytes.
    ///
    /// With `.none` data is written without framing, progress and errors are dropped.
    /// - Source: gitprotocol-pack(5) "Packfile Data".
    package mutating func writeSideBand(_ band: SideBand, _ bytes: some Collection<UInt8>, limit: SideBandLimit) {
        guard limit != .none else {
            if band == .data { writeBytes(bytes) }
            return
        }
        var rest = bytes[...]
        while !rest.isEmpty {
            let packet = rest.prefix(limit.rawValue)
            writePktLine { line in
                line.writeInteger(band.rawValue)
                line.writeBytes(packet)
            }
            rest = rest.dropFirst(limit.rawValue)
        }
    }

    /// Writes text to band 2 or 3 without the control bytes that could drive the reader's terminal; LF stays.
    package mutating func writeSideBand(_ band: SideBand, text: String, limit: SideBandLimit) {
        writeSideBand(band, Array(text.sanitizedForTerminal.utf8), limit: limit)
    }

    /// Writes the length-5 packet that holds only band byte 2 and tells a waiting client that work goes on.
    package mutating func writeKeepalive(limit: SideBandLimit) {
        guard limit != .none else { return }
        writePktLine { $0.writeInteger(SideBand.progress.rawValue) }
    }
}
