/// The name of a git object: the SHA-1 of its header and content, 20 bytes.
///
/// Ordered and compared as the bytes are, so that sorting ids gives the order of an `.idx` file.
package struct ObjectID: Hashable, Sendable {
    /// Bytes 0 through 7, 8 through 15 and 16 through 19, big-endian: comparing words compares bytes.
    private let high: UInt64
    private let middle: UInt64
    private let low: UInt32

    /// How many bytes an id has.
    package static let byteCount = 20

    /// Forty zeros: "no object" in ref updates.
    package static let zero = ObjectID(high: 0, middle: 0, low: 0)

    private init(high: UInt64, middle: UInt64, low: UInt32) {
        self.high = high
        self.middle = middle
        self.low = low
    }

    /// Reads 20 raw bytes; nil when there are fewer or more.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        var high: UInt64 = 0
        var middle: UInt64 = 0
        var low: UInt32 = 0
        for (position, byte) in bytes.enumerated() {
            switch position {
            case 0..<8: high = high << 8 | UInt64(byte)
            case 8..<16: middle = middle << 8 | UInt64(byte)
            default: low = low << 8 | UInt32(byte)
            }
        }
        self.init(high: high, middle: middle, low: low)
    }

    /// Reads 20 raw bytes at `offset` of `buffer`; nil when the buffer ends before.
    package init?(in buffer: UnsafeRawBufferPointer, at offset: Int) {
        guard offset >= 0, buffer.count >= Self.byteCount, offset <= buffer.count - Self.byteCount else { return nil }
        self.init(
            high: UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: UInt64.self)),
            middle: UInt64(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self)),
            low: UInt32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset + 16, as: UInt32.self))
        )
    }

    /// Reads exactly 40 hexadecimal digits of either case; nil for anything else.
    package init?(hex digits: some Collection<UInt8>) {
        guard digits.count == 2 * Self.byteCount else { return nil }
        var words: (UInt64, UInt64, UInt32) = (0, 0, 0)
        for (position, digit) in digits.enumerated() {
            guard let value = hexValue(of: digit) else { return nil }
            switch position {
            case 0..<16: words.0 = words.0 << 4 | UInt64(value)
            case 16..<32: words.1 = words.1 << 4 | UInt64(value)
            default: words.2 = words.2 << 4 | UInt32(value)
            }
        }
        self.init(high: words.0, middle: words.1, low: words.2)
    }

    /// Reads exactly 40 hexadecimal digits of either case; nil for anything else.
    package init?(hex text: some StringProtocol) {
        self.init(hex: Array(text.utf8))
    }

    /// Bits from the middle of the id, for tables in which an id may be pushed out by any other.
    var middleBits: Int { Int(truncatingIfNeeded: middle) }

    /// The first byte, which selects the fan-out bucket of an `.idx` file.
    package var firstByte: UInt8 { UInt8(truncatingIfNeeded: high >> 56) }

    /// The first eight bytes as a big-endian number, for interpolation and hashing.
    package var prefix: UInt64 { high }

    /// The 20 raw bytes.
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(Self.byteCount)
        append(to: &bytes)
        return bytes
    }

    /// Appends the 20 raw bytes.
    package func append(to bytes: inout [UInt8]) {
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: high >> shift)) }
        for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: middle >> shift)) }
        for shift in stride(from: 24, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: low >> shift)) }
    }

    /// Appends 40 lower-case hexadecimal digits.
    package func appendHex(to text: inout [UInt8]) {
        for shift in stride(from: 60, through: 0, by: -4) { text.append(hexDigit(of: high >> shift)) }
        for shift in stride(from: 60, through: 0, by: -4) { text.append(hexDigit(of: middle >> shift)) }
        for shift in stride(from: 28, through: 0, by: -4) { text.append(hexDigit(of: UInt64(low) >> shift)) }
    }

    /// 40 lower-case hexadecimal digits.
    package var hex: String {
        var text: [UInt8] = []
        text.reserveCapacity(2 * Self.byteCount)
        appendHex(to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// All of the id goes into the hash: clients name ids that are no SHA-1 of anything, and could make them collide.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(high)
        hasher.combine(middle)
        hasher.combine(low)
    }
}

extension ObjectID: Comparable {
    /// Byte order.
    package static func < (left: ObjectID, right: ObjectID) -> Bool {
        if left.high != right.high { return left.high < right.high }
        if left.middle != right.middle { return left.middle < right.middle }
        return left.low < right.low
    }
}

extension ObjectID: CustomStringConvertible {
    /// 40 lower-case hexadecimal digits.
    package var description: String { hex }
}

/// The value of one ASCII hexadecimal digit, 0 through 15; nil for any other byte.
package func hexValue(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
}

/// The lower-case ASCII digit of the lowest four bits.
package func hexDigit(of value: UInt64) -> UInt8 {
    let digit = UInt8(truncatingIfNeeded: value & 0xf)
    return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
}
