import JSON

/// What a word without quotes means.
///
/// - Source: YAML 1.2.2 section 10.3.2 "Tag Resolution" of the core schema.
enum PlainScalar {
    /// Longer digits are text: no program reads them as a number.
    private static let longestNumber = 64

    /// The value of a word.
    static func value(_ text: String) -> JSONValue {
        switch text {
        case "", "~", "null", "Null", "NULL": return .null
        case "true", "True", "TRUE": return true
        case "false", "False", "FALSE": return false
        default: break
        }
        let bytes = Array(text.utf8)
        guard bytes.count <= longestNumber, let first = bytes.first, isDigit(first) || "+-.".utf8.contains(first) else {
            return .string(text)
        }
        return special(text) ?? number(bytes) ?? .string(text)
    }

    /// What is a number and yet none in JSON, and numbers of other bases.
    private static func special(_ text: String) -> JSONValue? {
        let word = text.hasPrefix("+") || text.hasPrefix("-") ? text.dropFirst() : text[...]
        if [".inf", ".Inf", ".INF"].contains(word) || [".nan", ".NaN", ".NAN"].contains(text) { return .null }
        if text.hasPrefix("0o") { return Int64(text.dropFirst(2), radix: 8).map(JSONValue.integer) }
        if text.hasPrefix("0x") { return Int64(text.dropFirst(2), radix: 16).map(JSONValue.integer) }
        return nil
    }

    /// A decimal number in the spelling of JSON; nil for anything else, and where zeros lead, which would be lost.
    private static func number(_ bytes: [UInt8]) -> JSONValue? {
        var rest = bytes[...]
        let isNegative = rest.first == UInt8(ascii: "-")
        if isNegative || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
        let whole = take(&rest, while: isDigit)
        var (fraction, exponent): ([UInt8]?, [UInt8]?) = (nil, nil)
        if rest.first == UInt8(ascii: ".") {
            rest.removeFirst()
            fraction = take(&rest, while: isDigit)
        }
        guard !whole.isEmpty || fraction?.isEmpty == false else { return nil }
        guard whole.count < 2 || whole[0] != UInt8(ascii: "0") else { return nil }
        if rest.first == UInt8(ascii: "e") || rest.first == UInt8(ascii: "E") {
            rest.removeFirst()
            let sign = take(&rest) { $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "+") }
            let digits = take(&rest, while: isDigit)
            guard sign.count <= 1, !digits.isEmpty else { return nil }
            exponent = sign + digits
        }
        guard rest.isEmpty else { return nil }
        return spelling(isNegative, whole, fraction, exponent)
    }

    private static func spelling(
        _ isNegative: Bool,
        _ whole: [UInt8],
        _ fraction: [UInt8]?,
        _ exponent: [UInt8]?
    ) -> JSONValue? {
        var digits = isNegative ? "-" : ""
        digits += whole.isEmpty ? "0" : String(decoding: whole, as: UTF8.self)
        if fraction == nil, exponent == nil { return Int64(digits).map(JSONValue.integer) ?? .number(digits) }
        if let fraction { digits += "." + (fraction.isEmpty ? "0" : String(decoding: fraction, as: UTF8.self)) }
        if let exponent { digits += "e" + String(decoding: exponent, as: UTF8.self) }
        // A number that is too great is infinite for every reader, and JSON has no word for that.
        guard let value = Double(digits), value.isFinite else { return .null }
        return .number(digits)
    }

    private static func take(_ rest: inout ArraySlice<UInt8>, while fits: (UInt8) -> Bool) -> [UInt8] {
        let taken = rest.prefix(while: fits)
        rest = rest[taken.endIndex...]
        return Array(taken)
    }

    private static func isDigit(_ byte: UInt8) -> Bool { UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte }
}
