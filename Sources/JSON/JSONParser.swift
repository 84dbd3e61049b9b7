/// What a JSON document may cost at most.
package struct JSONLimits: Sendable {
    /// Bytes of the document.
    package var bytes: Int
    /// Lists and objects inside one another; LFS needs three.
    package var depth = 32
    /// Values of all kinds: what memory is made of.
    package var values = 100_000

    package init(bytes: Int) {
        self.bytes = bytes
    }
}

/// Why bytes were not taken as JSON.
package enum JSONError: Error, Equatable, Sendable {
    /// Not what RFC 8259 describes; the offset of the first byte that is not.
    case malformed(at: Int)
    /// Lists and objects are nested deeper than the limit.
    case tooDeep
    /// More bytes or values than the limits.
    case tooLarge
}

extension JSONValue {
    /// Reads one document and nothing behind it.
    ///
    /// Strict where leniency could be read in two ways: UTF-8 must be valid, half surrogate pairs, control bytes in
    /// strings, leading zeros, comments and a byte order mark are refused.
    /// - Source: RFC 8259.
    package init(parsing bytes: [UInt8], limits: JSONLimits) throws(JSONError) {
        guard bytes.count <= limits.bytes else { throw .tooLarge }
        var parser = JSONParser(bytes: bytes, limits: limits)
        self = try parser.document()
    }
}

/// A recursive descent over the bytes; its recursion is bounded by the limit of depth.
struct JSONParser {
    private let bytes: [UInt8]
    private let maximumDepth: Int
    private var position = 0
    private var depth = 0
    private var valuesLeft: Int

    init(bytes: [UInt8], limits: JSONLimits) {
        self.bytes = bytes
        maximumDepth = limits.depth
        valuesLeft = limits.values
    }

    mutating func document() throws(JSONError) -> JSONValue {
        let value = try value()
        guard next() == nil else { throw .malformed(at: position) }
        return value
    }

    private mutating func value() throws(JSONError) -> JSONValue {
        valuesLeft -= 1
        guard valuesLeft >= 0 else { throw .tooLarge }
        switch next() {
        case UInt8(ascii: "{"): return try nested { (parser) throws(JSONError) in try parser.object() }
        case UInt8(ascii: "["): return try nested { (parser) throws(JSONError) in try parser.array() }
        case UInt8(ascii: "\""): return .string(try string())
        case UInt8(ascii: "t"): return try word("true", .bool(true))
        case UInt8(ascii: "f"): return try word("false", .bool(false))
        case UInt8(ascii: "n"): return try word("null", .null)
        default: return try number()
        }
    }

    private mutating func nested(
        _ read: (inout JSONParser) throws(JSONError) -> JSONValue
    ) throws(JSONError) -> JSONValue {
        depth += 1
        guard depth <= maximumDepth else { throw .tooDeep }
        position += 1
        let value = try read(&self)
        depth -= 1
        return value
    }

    private mutating func array() throws(JSONError) -> JSONValue {
        var elements: [JSONValue] = []
        if skip(UInt8(ascii: "]")) { return .array(elements) }
        repeat {
            elements.append(try value())
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "]"))
        return .array(elements)
    }

    private mutating func object() throws(JSONError) -> JSONValue {
        var members: [JSONValue.Member] = []
        if skip(UInt8(ascii: "}")) { return .object(members) }
        repeat {
            guard next() == UInt8(ascii: "\"") else { throw .malformed(at: position) }
            let name = try string()
            try expect(UInt8(ascii: ":"))
            members.append(JSONValue.Member(name, try value()))
        } while skip(UInt8(ascii: ","))
        try expect(UInt8(ascii: "}"))
        return .object(members)
    }

    private mutating func string() throws(JSONError) -> String {
        position += 1
        var reader = JSONStringReader(bytes: bytes, position: position)
        let text = try reader.read()
        position = reader.position
        return text
    }

    private mutating func number() throws(JSONError) -> JSONValue {
        let start = position
        _ = take(UInt8(ascii: "-"))
        let firstDigit = position
        try digits()
        guard bytes[firstDigit] != UInt8(ascii: "0") || position == firstDigit + 1 else { throw .malformed(at: start) }
        var isInteger = true
        if take(UInt8(ascii: ".")) {
            isInteger = false
            try digits()
        }
        if take(UInt8(ascii: "e")) || take(UInt8(ascii: "E")) {
            isInteger = false
            if !take(UInt8(ascii: "+")) { _ = take(UInt8(ascii: "-")) }
            try digits()
        }
        let spelling = String(decoding: bytes[start..<position], as: UTF8.self)
        guard isInteger, let number = Int64(spelling) else { return .number(spelling) }
        return .integer(number)
    }

    private mutating func digits() throws(JSONError) {
        let start = position
        while position < bytes.count, isDigit(bytes[position]) { position += 1 }
        guard position > start else { throw .malformed(at: position) }
    }

    private mutating func word(_ word: StaticString, _ value: JSONValue) throws(JSONError) -> JSONValue {
        let matches = word.withUTF8Buffer { bytes[position...].starts(with: $0) }
        guard matches else { throw .malformed(at: position) }
        position += word.utf8CodeUnitCount
        return value
    }

    /// The next byte behind white space, which is passed over; nil at the end.
    private mutating func next() -> UInt8? {
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\n"), UInt8(ascii: "\r"): position += 1
            case let byte: return byte
            }
        }
        return nil
    }

    private mutating func skip(_ byte: UInt8) -> Bool {
        guard next() == byte else { return false }
        position += 1
        return true
    }

    private mutating func expect(_ byte: UInt8) throws(JSONError) {
        guard skip(byte) else { throw .malformed(at: position) }
    }

    private mutating func take(_ byte: UInt8) -> Bool {
        guard position < bytes.count, bytes[position] == byte else { return false }
        position += 1
        return true
    }
}
