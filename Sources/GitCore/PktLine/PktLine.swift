package import NIOCore

/// One unit of git's wire protocols: a special packet or a payload.
package enum PktLine: Equatable, Sendable {
    case flush, delim, responseEnd
    /// 0 through 65 516 payload bytes, a trailing LF included when it was sent.
    case data(ByteBuffer)
}

/// Cuts a byte stream into pkt-lines.
///
/// Payloads are slices of what was appended: nothing is copied unless a packet lies across two appended buffers. Call
/// `next()` until it answers nil before appending again, then at most one incomplete packet is held.
/// - Source: gitprotocol-common(5) "pkt-line Format".
package struct PktLineDecoder: Sendable {
    private var buffer = ByteBuffer()

    /// Starts with no bytes.
    package init() {}

    /// Takes the readable bytes of `incoming`.
    package mutating func append(_ incoming: ByteBuffer) {
        guard incoming.readableBytes > 0 else { return }
        guard buffer.readableBytes > 0 else {
            buffer = incoming.slice()
            return
        }
        if buffer.readerIndex > 0 {
            // Packets handed out still share this storage; appending to it would copy all of it, so move the rest away.
            var rest = ByteBuffer()
            rest.reserveCapacity(buffer.readableBytes + incoming.readableBytes)
            rest.writeImmutableBuffer(buffer)
            buffer = rest
        }
        buffer.writeImmutableBuffer(incoming)
    }

    /// The next packet, or nil when it is not complete yet.
    ///
    /// - Throws: when the length field is malformed. The stream has no meaning from there on, and every further call
    ///   throws again.
    package mutating func next() throws(PktLineError) -> PktLine? {
        guard let digits = buffer.viewBytes(at: buffer.readerIndex, length: PktLen.byteCount) else { return nil }
        let length = try PktLen(reading: digits)
        guard case .data(let count) = length else {
            buffer.moveReaderIndex(forwardBy: PktLen.byteCount)
            return switch length {
            case .delim: .delim
            case .responseEnd: .responseEnd
            default: .flush
            }
        }
        let start = buffer.readerIndex + PktLen.byteCount
        guard let payload = buffer.getSlice(at: start, length: count) else { return nil }
        buffer.moveReaderIndex(forwardBy: PktLen.byteCount + count)
        return .data(payload)
    }

    /// The bytes that no packet has used yet, for instance the start of a pack after the last flush-pkt.
    package var leftover: ByteBuffer { buffer.slice() }

    /// The same bytes; the decoder is empty afterwards.
    package mutating func takeLeftover() -> ByteBuffer {
        let rest = buffer.slice()
        buffer = ByteBuffer()
        return rest
    }
}
