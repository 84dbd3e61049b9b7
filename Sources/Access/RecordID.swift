/// The name of a record for ever: 128 bits, of which the first 48 are a time, so that ids sort by age.
///
/// The text is 32 lower-case hexadecimal digits and is used in file names; order of ids, bytes and texts is the same.
/// - Source: RFC 9562 section 5.7 (UUID version 7), written without hyphens.
package struct RecordID: Hashable, Sendable {
    private let high: UInt64
    private let low: UInt64

    /// How many bytes an id has.
    package static let byteCount = 16
    /// How many random bytes `init(microseconds:random:)` takes.
    package static let randomByteCount = 8

    private init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// Reads 16 raw bytes; nil when there are fewer or more.
    package init?(bytes: some Collection<UInt8>) {
        guard bytes.count == Self.byteCount else { return nil }
        self.init(
            high: bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) },
            low: bytes.dropFirst(8).reduce(0) { $0 << 8 | UInt64($1) }
        )
    }

    /// Reads exactly 32 hexadecimal digits of either case; nil for anything else.
    package init?(_ text: some StringProtocol) {
        let digits = Array(text.utf8)
        guard digits.count == 2 * Self.byteCount else { return nil }
        var words: (UInt64, UInt64) = (0, 0)
        for (position, digit) in digits.enumerated() {
            guard let value = Self.value(of: digit) else { return nil }
            if position < 16 { words.0 = words.0 << 4 | value } else { words.1 = words.1 << 4 | value }
        }
        self.init(high: words.0, low: words.1)
    }

    /// Makes a new id; nil unless `random` has `randomByteCount` bytes.
    ///
    /// - Parameters:
    ///   - microseconds: since 1970. Milliseconds go into the 48 bits of version 7, the rest into the 12 bits after the
    ///     version, which the RFC allows, so that ids made in one millisecond by one process still sort by age.
    ///   - random: 62 of its 64 bits are used.
    package init?(microseconds: Int64, random: some Collection<UInt8>) {
        guard random.count == Self.randomByteCount else { return nil }
        let time = UInt64(max(0, microseconds))
        let milliseconds = (time / 1000) & 0xffff_ffff_ffff
        let fraction = time % 1000 * 4096 / 1000
        let noise = random.reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        self.init(
            high: milliseconds << 16 | 0x7000 | fraction,
            low: 0x8000_0000_0000_0000 | noise & 0x3fff_ffff_ffff_ffff
        )
    }

    /// The 16 raw bytes.
    package var bytes: [UInt8] {
        [high, low].flatMap { word in
            stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: word >> $0) }
        }
    }

    /// 32 lower-case hexadecimal digits.
    package var text: String {
        let digits = [high, low].flatMap { word in
            stride(from: 60, through: 0, by: -4).map { Self.digit(of: word >> $0) }
        }
        return String(decoding: digits, as: UTF8.self)
    }

    private static func digit(of value: UInt64) -> UInt8 {
        let digit = UInt8(truncatingIfNeeded: value & 0xf)
        return digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10
    }

    private static func value(of digit: UInt8) -> UInt64? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(digit - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(digit - UInt8(ascii: "a")) + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(digit - UInt8(ascii: "A")) + 10
        default: nil
        }
    }
}

extension RecordID: Comparable {
    /// Age first.
    package static func < (left: RecordID, right: RecordID) -> Bool {
        left.high == right.high ? left.low < right.low : left.high < right.high
    }
}

extension RecordID: CustomStringConvertible {
    /// 32 lower-case hexadecimal digits.
    package var description: String { text }
}
