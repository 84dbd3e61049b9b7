/// Writes pkt-lines for hand-made requests.
///
/// Independent of the server's own code on purpose: a shared mistake would hide itself.
package struct PktLines: Sendable {
    /// What was written so far.
    package private(set) var bytes: [UInt8] = []

    /// Nothing yet.
    package init() {}

    /// One data line.
    package mutating func line(_ text: String) {
        line(Array(text.utf8))
    }

    /// One data line of any bytes.
    package mutating func line(_ payload: [UInt8]) {
        let digits = String(payload.count + 4, radix: 16)
        raw(String(repeating: "0", count: max(0, 4 - digits.count)) + digits)
        bytes += payload
    }

    /// A flush-pkt.
    package mutating func flush() { raw("0000") }

    /// A delim-pkt.
    package mutating func delimiter() { raw("0001") }

    /// Bytes outside any pkt-line.
    package mutating func raw(_ text: String) { bytes += Array(text.utf8) }

    /// Bytes outside any pkt-line.
    package mutating func raw(_ more: [UInt8]) { bytes += more }
}

/// One pkt-line of an answer.
package enum Pkt: Equatable, Sendable {
    case flush, delimiter, responseEnd
    case data([UInt8])

    /// The payload as text without the trailing LF; empty for special packets.
    package var text: String {
        guard case .data(let bytes) = self else { return "" }
        let trimmed = bytes.last == 10 ? bytes.dropLast() : bytes[...]
        return String(decoding: trimmed, as: UTF8.self)
    }

    /// Takes an answer apart; stops silently where the framing ends.
    package static func parse(_ bytes: some Collection<UInt8>) -> [Pkt] {
        let bytes = Array(bytes)
        var packets: [Pkt] = []
        var offset = 0
        while offset + 4 <= bytes.count,
            let length = Int(String(decoding: bytes[offset..<offset + 4], as: UTF8.self), radix: 16)
        {
            switch length {
            case 0: packets.append(.flush)
            case 1: packets.append(.delimiter)
            case 2: packets.append(.responseEnd)
            case 4...:
                guard offset + length <= bytes.count else { return packets }
                packets.append(.data(Array(bytes[offset + 4..<offset + length])))
            default: return packets
            }
            offset += max(4, length)
        }
        return packets
    }
}
