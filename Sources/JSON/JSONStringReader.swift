/// Reads the inside of a JSON string, from behind its first quote to behind its last.
struct JSONStringReader {
    private let bytes: [UInt8]
    private(set) var position: Int

    init(bytes: [UInt8], position: Int) {
        self.bytes = bytes
        self.position = position
    }

    mutating func read() throws(JSONError) -> String {
        let start = position
        var text: [UInt8] = []
        var copied = start
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                // Without an escape this is the only copy.
                text.append(contentsOf: bytes[copied..<position])
                position += 1
                guard let string = String(validating: text, as: UTF8.self) else { throw .malformed(at: start) }
                return string
            case UInt8(ascii: "\\"):
                text.append(contentsOf: bytes[copied..<position])
                position += 1
                text.append(contentsOf: String(try escape()).utf8)
                copied = position
            case 0..<0x20: throw .malformed(at: position)
            default: position += 1
            }
        }
        throw .malformed(at: position)
    }

    private mutating func escape() throws(JSONError) -> Unicode.Scalar {
        guard position < bytes.count else { throw .malformed(at: position) }
        let byte = bytes[position]
        position += 1
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
        case UInt8(ascii: "b"): return "\u{8}"
        case UInt8(ascii: "f"): return "\u{c}"
        case UInt8(ascii: "n"): return "\n"
        case UInt8(ascii: "r"): return "\r"
        case UInt8(ascii: "t"): return "\t"
        case UInt8(ascii: "u"): return try unicode()
        default: throw .malformed(at: position - 1)
        }
    }

    /// A scalar as one code unit of UTF-16, or as a pair of them.
    private mutating func unicode() throws(JSONError) -> Unicode.Scalar {
        let first = try codeUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard UTF16.isLeadSurrogate(first), bytes[position...].starts(with: Array("\\u".utf8)) else {
            throw .malformed(at: position)
        }
        position += 2
        let second = try codeUnit()
        guard UTF16.isTrailSurrogate(second) else { throw .malformed(at: position) }
        let value = 0x10000 + (UInt32(first) - 0xd800) << 10 + (UInt32(second) - 0xdc00)
        guard let scalar = Unicode.Scalar(value) else { throw .malformed(at: position) }
        return scalar
    }

    private mutating func codeUnit() throws(JSONError) -> UInt16 {
        guard position + 4 <= bytes.count else { throw .malformed(at: position) }
        var unit: UInt16 = 0
        for digit in bytes[position..<position + 4] {
            guard let value = hexValue(of: digit) else { throw .malformed(at: position) }
            unit = unit << 4 | UInt16(value)
        }
        position += 4
        return unit
    }
}
