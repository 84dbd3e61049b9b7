/// The four-byte field in front of every pkt-line.
package enum PktLen: Equatable, Sendable {
    case flush, delim, responseEnd
    /// This many payload bytes follow: 0 through 65 516.
    case data(count: Int)

    /// How many bytes the field itself has.
    package static let byteCount = 4
    /// Most payload bytes of one pkt-line.
    package static let maximumPayload = 65_516

    /// Reads the field.
    ///
    /// "0004", an empty payload, is accepted: senders should avoid it, git itself reads it.
    /// - Parameter digits: four ASCII hexadecimal digits, either case.
    /// - Throws: `notHexadecimal` for anything else, `outOfRange` for 3 or above 65 520.
    /// - Source: gitprotocol-common(5) "pkt-line Format"; gitprotocol-v2(5) "Packet-Line Framing".
    package init(reading digits: some Collection<UInt8>) throws(PktLineError) {
        guard digits.count == Self.byteCount else { throw .notHexadecimal(Array(digits)) }
        var length = 0
        for digit in digits {
            guard let value = hexValue(of: digit) else { throw .notHexadecimal(Array(digits)) }
            length = length << 4 | Int(value)
        }
        switch length {
        case 0: self = .flush
        case 1: self = .delim
        case 2: self = .responseEnd
        case Self.byteCount...(Self.byteCount + Self.maximumPayload): self = .data(count: length - Self.byteCount)
        default: throw .outOfRange(length)
        }
    }
}

/// Bytes that are not a pkt-line.
package enum PktLineError: Error, Equatable, Sendable {
    /// The length field held these bytes.
    case notHexadecimal([UInt8])
    /// The length field held a number that has no meaning.
    case outOfRange(Int)

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .notHexadecimal(let digits):
            "protocol error: bad line length character: \(String(decoding: digits, as: UTF8.self).singleLine(limit: 16))"
        case .outOfRange(let length):
            "protocol error: bad line length \(length)"
        }
    }
}
