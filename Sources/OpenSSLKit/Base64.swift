/// Bytes as base64, in the two alphabets that tokens and keys use.
package enum Base64 {
    /// Which characters stand for 62 and 63, and whether `=` fills the last group.
    package enum Alphabet: Sendable {
        /// `+`, `/`, with padding: MIME, OpenSSH.
        case standard
        /// `-`, `_`, without padding: fit for URLs and file names.
        case urlSafe
    }

    private static let common = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789".utf8)
    private static let pad = UInt8(ascii: "=")

    /// Encodes; `padded` overrides the alphabet's habit.
    ///
    /// - Source: RFC 4648, sections 4 and 5.
    package static func encode(_ bytes: [UInt8], _ alphabet: Alphabet = .standard, padded: Bool? = nil) -> String {
        let digits = common + (alphabet == .standard ? Array("+/".utf8) : Array("-_".utf8))
        var text: [UInt8] = []
        text.reserveCapacity((bytes.count + 2) / 3 * 4)
        for start in stride(from: 0, to: bytes.count, by: 3) {
            let group = bytes[start..<min(start + 3, bytes.count)]
            let value = group.reduce(UInt32(0)) { $0 << 8 | UInt32($1) } << (8 * UInt32(3 - group.count))
            for position in 0...group.count {
                text.append(digits[Int(value >> (18 - 6 * UInt32(position)) & 63)])
            }
            if padded ?? (alphabet == .standard) {
                text.append(contentsOf: repeatElement(pad, count: 3 - group.count))
            }
        }
        return String(decoding: text, as: UTF8.self)
    }

    /// Decodes; nil for characters of the other alphabet, white space, misplaced padding or bits left over.
    ///
    /// The standard alphabet wants its padding, the other refuses it: every byte string has one spelling only.
    package static func decode(_ text: some StringProtocol, _ alphabet: Alphabet = .standard) -> [UInt8]? {
        var digits = Array(text.utf8)[...]
        if alphabet == .standard {
            guard digits.count % 4 == 0 else { return nil }
            if digits.last == pad { digits.removeLast() }
            if digits.last == pad { digits.removeLast() }
        }
        guard digits.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(digits.count / 4 * 3 + 2)
        var pending: UInt32 = 0
        var pendingBits: UInt32 = 0
        for digit in digits {
            guard let value = value(of: digit, alphabet) else { return nil }
            pending = (pending << 6 | value) & 0xffff
            pendingBits += 6
            if pendingBits >= 8 {
                pendingBits -= 8
                bytes.append(UInt8(truncatingIfNeeded: pending >> pendingBits))
            }
        }
        let leftover = pending & ((1 << pendingBits) - 1)
        return leftover == 0 ? bytes : nil
    }

    private static func value(of digit: UInt8, _ alphabet: Alphabet) -> UInt32? {
        switch (digit, alphabet) {
        case (UInt8(ascii: "A")...UInt8(ascii: "Z"), _): UInt32(digit - UInt8(ascii: "A"))
        case (UInt8(ascii: "a")...UInt8(ascii: "z"), _): UInt32(digit - UInt8(ascii: "a")) + 26
        case (UInt8(ascii: "0")...UInt8(ascii: "9"), _): UInt32(digit - UInt8(ascii: "0")) + 52
        case (UInt8(ascii: "+"), .standard), (UInt8(ascii: "-"), .urlSafe): 62
        case (UInt8(ascii: "/"), .standard), (UInt8(ascii: "_"), .urlSafe): 63
        default: nil
        }
    }
}
