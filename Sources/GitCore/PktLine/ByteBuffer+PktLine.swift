package import NIOCore

extension ByteBuffer {
    /// Writes one pkt-line whose payload is what `body` writes.
    ///
    /// A payload over 65 516 bytes is cut there, because no pkt-line can carry it; none of ours comes near.
    package mutating func writePktLine(with body: (inout ByteBuffer) -> Void) {
        let start = writerIndex
        writeRepeatingByte(UInt8(ascii: "0"), count: PktLen.byteCount)
        body(&self)
        let payload = min(writerIndex - start - PktLen.byteCount, PktLen.maximumPayload)
        moveWriterIndex(to: start + PktLen.byteCount + payload)
        setPktLen(payload + PktLen.byteCount, at: start)
    }

    /// Writes `text` as one pkt-line that ends with LF, which is added when absent.
    package mutating func writePktLine(_ text: String) {
        writePktLine { line in
            line.writeString(text)
            if text.utf8.last != UInt8(ascii: "\n") { line.writeString("\n") }
        }
    }

    /// Writes `bytes` as one pkt-line, as they are.
    package mutating func writePktLine(bytes: some Sequence<UInt8>) {
        writePktLine { $0.writeBytes(bytes) }
    }

    /// Writes "0000": the end of a message.
    package mutating func writeFlushPkt() {
        writeString("0000")
    }

    /// Writes "0001": the end of a section of protocol v2.
    package mutating func writeDelimPkt() {
        writeString("0001")
    }

    /// Writes an `ERR` line, the form of every fatal error before a side band is open.
    ///
    /// - Parameter message: shown as `remote error:`; control bytes are removed, at most 512 bytes are sent.
    /// - Source: gitprotocol-pack(5) "pkt-line Format".
    package mutating func writeErrorPkt(_ message: String) {
        writePktLine("ERR " + message.singleLine(limit: 512))
    }

    /// Writes the 40 lower-case digits of `oid`.
    package mutating func writeHex(_ oid: ObjectID) {
        var digits: [UInt8] = []
        digits.reserveCapacity(2 * ObjectID.byteCount)
        oid.appendHex(to: &digits)
        writeBytes(digits)
    }

    private mutating func setPktLen(_ length: Int, at index: Int) {
        for (position, shift) in [12, 8, 4, 0].enumerated() {
            setInteger(hexDigit(of: UInt64(truncatingIfNeeded: length >> shift)), at: index + position)
        }
    }
}
