import FoundationEssentials

/// A value without inner structure, for output whose types are only known at run time.
enum JSONScalar: Encodable, Equatable, Sendable, CustomStringConvertible {
    case null
    case boolean(Bool)
    case integer(Int64)
    case text(String)

    /// Writes the bare value.
    func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .null: try container.encodeNil()
        case .boolean(let value): try container.encode(value)
        case .integer(let value): try container.encode(value)
        case .text(let value): try container.encode(value)
        }
    }

    /// The value as a person reads it; nothing for null.
    var description: String {
        switch self {
        case .null: ""
        case .boolean(let value): "\(value)"
        case .integer(let value): "\(value)"
        case .text(let value): value
        }
    }
}

/// What `--json` prints.
enum JSONOutput {
    /// The value as indented JSON with sorted keys, so that equal values give equal bytes.
    static func text(_ value: some Encodable) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(value), as: UTF8.self)
    }
}
