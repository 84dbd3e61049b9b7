/// Whether the byte is a decimal digit.
func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// The number that decimal digits spell: no sign, no leading zero, at most 2^63 − 1; nil for everything else.
///
/// One number has one spelling, so a number that was signed or compared as text cannot be written in another way.
func canonicalDecimal(_ digits: some Collection<UInt8>) -> Int64? {
    guard let first = digits.first, digits.count <= 19, digits.allSatisfy(isDigit) else { return nil }
    guard first != UInt8(ascii: "0") || digits.count == 1 else { return nil }
    return Int64(String(decoding: digits, as: UTF8.self))
}

/// Whether all bytes are visible ASCII characters, and whether there are 1 through `limit` of them.
func isVisibleASCII(_ text: some Collection<UInt8>, limit: Int) -> Bool {
    (1...limit).contains(text.count) && text.allSatisfy { (0x21...0x7e).contains($0) }
}
