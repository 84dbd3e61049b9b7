extension XetHash: LosslessStringConvertible {
    /// Characters in the text form.
    package static let textCount = 64

    /// Reads the text form: exactly 64 lower-case hexadecimal digits.
    ///
    /// Upper case is refused, so that a hash has one name in paths, in caches and in signatures.
    /// - Returns: nil for anything else.
    package init?(_ text: String) {
        self.init(digits: text)
    }

    /// Reads the text form out of a part of a text.
    ///
    /// - Returns: nil unless it is exactly 64 lower-case hexadecimal digits.
    package init?(_ text: Substring) {
        self.init(digits: text)
    }

    private init?(digits text: some StringProtocol) {
        guard text.utf8.count == XetHash.textCount else { return nil }
        var words = SIMD4<UInt64>.zero
        for (index, digit) in text.utf8.enumerated() {
            guard let value = XetHash.value(ofDigit: digit) else { return nil }
            words[index / 16] = words[index / 16] << 4 | UInt64(value)
        }
        self.init(words: words)
    }

    private static func value(ofDigit digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    /// The text form: 64 lower-case hexadecimal digits, each group of 8 bytes printed as a number.
    package var description: String {
        String(unsafeUninitializedCapacity: XetHash.textCount) { text in
            guard let base = text.baseAddress else { return 0 }
            writeText(to: base)
            return XetHash.textCount
        }
    }

    /// Writes the 64 digits of the text form.
    func writeText(to digits: UnsafeMutablePointer<UInt8>) {
        for index in 0..<XetHash.textCount {
            let shift = UInt64(60 - 4 * (index % 16))
            let value = UInt8(truncatingIfNeeded: words[index / 16] &>> shift) & 0xf
            digits[index] = value < 10 ? UInt8(ascii: "0") &+ value : UInt8(ascii: "a") &- 10 &+ value
        }
    }
}

extension XetHash {
    /// The field of a shard that holds a SHA-256.
    ///
    /// Clients take the hexadecimal digits of the digest for a text form, so each group of 8 bytes arrives reversed.
    /// - Returns: nil unless the digest has exactly 32 bytes.
    package init?(sha256 digest: [UInt8]) {
        guard let straight = XetHash(raw: digest) else { return nil }
        self = straight.reversedGroups
    }

    /// The SHA-256 digest that the field means: 32 bytes.
    package var sha256: [UInt8] { reversedGroups.raw }

    private var reversedGroups: XetHash {
        XetHash(words: SIMD4(words[0].byteSwapped, words[1].byteSwapped, words[2].byteSwapped, words[3].byteSwapped))
    }
}
