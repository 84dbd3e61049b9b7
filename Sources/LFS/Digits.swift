/// Whether the byte is a decimal digit.
func isDigit(_ byte: UInt8) -> Bool {
    (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
}

/// The value of a hexadecimal digit of either case; nil for other bytes.
func hexValue(of digit: UInt8) -> UInt8? {
    switch digit {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
    default: nil
    }
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
