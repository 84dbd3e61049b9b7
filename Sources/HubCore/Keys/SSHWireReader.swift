/// Reads the fields of SSH's binary format from a bounded block of bytes.
///
/// - Source: RFC 4251 section 5.
struct SSHWireReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) {
        rest = bytes[...]
    }

    /// Whether everything has been read.
    var isAtEnd: Bool { rest.isEmpty }

    /// A `string`: four bytes of length, big-endian, and that many bytes; nil when they are not all there.
    mutating func string() -> ArraySlice<UInt8>? {
        guard rest.count >= 4 else { return nil }
        let length = Int(rest.prefix(4).reduce(UInt32(0)) { $0 << 8 | UInt32($1) })
        guard length <= rest.count - 4 else { return nil }
        let body = rest.dropFirst(4).prefix(length)
        rest = rest.dropFirst(4 + length)
        return body
    }

    /// A positive `mpint` in its only spelling; nil for zero, negative or padded ones.
    ///
    /// Gives the bytes without sign byte.
    mutating func positiveInteger() -> ArraySlice<UInt8>? {
        guard let bytes = string(), let first = bytes.first, first & 0x80 == 0 else { return nil }
        guard first == 0 else { return bytes }
        // A leading zero byte only stands before a byte that would look negative.
        guard let second = bytes.dropFirst().first, second & 0x80 != 0 else { return nil }
        return bytes.dropFirst()
    }
}
