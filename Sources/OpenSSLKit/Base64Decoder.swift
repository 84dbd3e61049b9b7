/// Decodes base64 that comes in pieces, whatever its length, in bounded memory.
///
/// As strict as `Base64.decode` with the standard alphabet, but that white space is not looked for.
/// - Source: RFC 4648 section 4.
package struct Base64Decoder {
    private var pending: UInt32 = 0
    private var pendingDigits = 0
    private var padding = 0
    private var output: [UInt8] = []

    /// Where each digit's value is found; 64 for what is none, 65 for padding.
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: 64, count: 256)
        let digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
        for (value, digit) in digits.utf8.enumerated() { values[Int(digit)] = UInt8(value) }
        values[Int(UInt8(ascii: "="))] = 65
        return values
    }()

    /// What was decoded is no base64.
    package struct Malformed: Error, Equatable, Sendable {
        /// There is nothing to be said about it.
        package init() {}
    }

    /// A decoder at the beginning of a text.
    package init() {}

    /// Bytes that a text stands for, by its length and its last two characters.
    package static func size(ofText count: Int64, endingIn end: [UInt8]) -> Int64 {
        count / 4 * 3 - Int64(end.suffix(2).count { $0 == UInt8(ascii: "=") })
    }

    /// Takes the next characters, and gives the bytes that are complete.
    ///
    /// - Throws: `Malformed`, and what `body` throws.
    package mutating func decode(
        _ text: UnsafeRawBufferPointer,
        _ body: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        output.removeAll(keepingCapacity: true)
        output.reserveCapacity(text.count / 4 * 3 + 3)
        try Self.values.withUnsafeBufferPointer { values in
            for byte in text { try take(values[Int(byte)]) }
        }
        try output.withUnsafeBytes { if !$0.isEmpty { try body($0) } }
    }

    private mutating func take(_ value: UInt8) throws {
        guard value < 64, padding == 0 else {
            guard value == 65, pendingDigits >= 2, padding < 2 else { throw Malformed() }
            padding += 1
            return
        }
        pending = pending << 6 | UInt32(value)
        pendingDigits += 1
        guard pendingDigits == 4 else { return }
        output.append(UInt8(truncatingIfNeeded: pending >> 16))
        output.append(UInt8(truncatingIfNeeded: pending >> 8))
        output.append(UInt8(truncatingIfNeeded: pending))
        (pending, pendingDigits) = (0, 0)
    }

    /// Says that the text is at its end; the last bytes.
    ///
    /// - Throws: `Malformed` when padding is missing, misplaced, or bits are left over.
    package mutating func finish() throws -> [UInt8] {
        switch (pendingDigits, padding) {
        case (0, 0): return []
        case (2, 2) where pending & 0xf == 0: return [UInt8(truncatingIfNeeded: pending >> 4)]
        case (3, 1) where pending & 0x3 == 0:
            return [UInt8(truncatingIfNeeded: pending >> 10), UInt8(truncatingIfNeeded: pending >> 2)]
        default: throw Malformed()
        }
    }
}
