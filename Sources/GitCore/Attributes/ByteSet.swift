/// A set of bytes.
struct ByteSet {
    private var words: (UInt64, UInt64, UInt64, UInt64) = (0, 0, 0, 0)

    /// No byte.
    init() {}

    static func all(butSlash: Bool) -> ByteSet {
        var set = ByteSet()
        set.words = (.max, .max, .max, .max)
        return butSlash ? set.withoutSlash : set
    }

    func contains(_ byte: UInt8) -> Bool {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        return switch byte >> 6 {
        case 0: words.0 & bit != 0
        case 1: words.1 & bit != 0
        case 2: words.2 & bit != 0
        default: words.3 & bit != 0
        }
    }

    mutating func insert(_ byte: UInt8) {
        let bit: UInt64 = 1 << UInt64(byte & 63)
        switch byte >> 6 {
        case 0: words.0 |= bit
        case 1: words.1 |= bit
        case 2: words.2 |= bit
        default: words.3 |= bit
        }
    }

    var withoutSlash: ByteSet {
        var set = self
        set.words.0 &= ~(1 << UInt64(UInt8(ascii: "/")))
        return set
    }

    private var inverted: ByteSet {
        var set = self
        set.words = (~words.0, ~words.1, ~words.2, ~words.3)
        return set
    }

    /// Reads what stands between brackets, `position` being behind the first; nil when there is no end.
    init?(parsing bytes: [UInt8], _ position: inout Int) {
        guard position < bytes.count else { return nil }
        let isNegated = bytes[position] == UInt8(ascii: "!") || bytes[position] == UInt8(ascii: "^")
        if isNegated { position += 1 }
        var isFirst = true
        var previous: UInt8?
        while position < bytes.count {
            let byte = bytes[position]
            if byte == UInt8(ascii: "]"), !isFirst {
                position += 1
                if isNegated { self = inverted }
                return
            }
            isFirst = false
            if byte == UInt8(ascii: "["), let name = Self.className(bytes, &position) {
                guard insert(class: name) else { return nil }
                previous = nil
            } else if byte == UInt8(ascii: "-"), let low = previous, position + 1 < bytes.count,
                bytes[position + 1] != UInt8(ascii: "]")
            {
                position += 1
                guard let high = Self.literal(bytes, &position) else { return nil }
                if low <= high { for byte in low...high { insert(byte) } }
                previous = nil
            } else {
                guard let literal = Self.literal(bytes, &position) else { return nil }
                insert(literal)
                previous = literal
            }
        }
        return nil
    }

    /// One byte, or the one behind a backslash.
    private static func literal(_ bytes: [UInt8], _ position: inout Int) -> UInt8? {
        if bytes[position] == UInt8(ascii: "\\") { position += 1 }
        guard position < bytes.count else { return nil }
        defer { position += 1 }
        return bytes[position]
    }

    /// The name in `[:name:]`; nil when the bracket stands for itself.
    private static func className(_ bytes: [UInt8], _ position: inout Int) -> String? {
        guard position + 1 < bytes.count, bytes[position + 1] == UInt8(ascii: ":") else { return nil }
        guard let end = bytes[(position + 2)...].firstIndex(of: UInt8(ascii: "]")), end > position + 2,
            bytes[end - 1] == UInt8(ascii: ":")
        else { return nil }
        let name = String(decoding: bytes[(position + 2)..<max(position + 2, end - 1)], as: UTF8.self)
        position = end + 1
        return name
    }

    /// Inserts the ASCII bytes of a POSIX class; false when it is unknown.
    private mutating func insert(class name: String) -> Bool {
        guard let contains = Self.classes[name] else { return false }
        for byte in UInt8.min...127 where contains(byte) { insert(byte) }
        return true
    }

    private static let classes: [String: @Sendable (UInt8) -> Bool] = [
        "alnum": { isAlpha($0) || isDigit($0) },
        "alpha": { isAlpha($0) },
        "blank": { $0 == 32 || $0 == 9 },
        "cntrl": { $0 < 32 || $0 == 127 },
        "digit": { isDigit($0) },
        "graph": { (33...126).contains($0) },
        "lower": { (97...122).contains($0) },
        "print": { (32...126).contains($0) },
        "punct": { (33...126).contains($0) && !isAlpha($0) && !isDigit($0) },
        "space": { $0 == 32 || (9...13).contains($0) },
        "upper": { (65...90).contains($0) },
        "xdigit": { isDigit($0) || (65...70).contains($0) || (97...102).contains($0) },
    ]
}

private func isAlpha(_ byte: UInt8) -> Bool { (65...90).contains(byte) || (97...122).contains(byte) }

private func isDigit(_ byte: UInt8) -> Bool { (48...57).contains(byte) }
