package import JSON

/// What JSON looks like somewhere, as JSON Schema says it.
///
/// - Source: OpenAPI 3.1.0 section 4.8.24.
package indirect enum APISchema: Sendable, Equatable {
    /// Anything.
    case any
    case string
    /// One of these words.
    case word([String])
    /// A time as `2026-01-31T08:15:30.123Z`.
    case date
    case integer
    case number
    case boolean
    case array(APISchema)
    /// An object with members in this order.
    case object([Member])
    /// An object whose members are all of one kind.
    case map(APISchema)
    /// That, or null.
    case nullable(APISchema)

    /// A member of an object.
    package struct Member: Sendable, Equatable {
        let name: String
        let schema: APISchema
        let isRequired: Bool

        /// A member that is always there.
        package static func required(_ name: String, _ schema: APISchema) -> Member {
            Member(name: name, schema: schema, isRequired: true)
        }

        /// A member that may be left out.
        package static func optional(_ name: String, _ schema: APISchema) -> Member {
            Member(name: name, schema: schema, isRequired: false)
        }
    }

    /// The schema as a document.
    package var json: JSONValue {
        switch self {
        case .any: [:]
        case .string: ["type": "string"]
        case .word(let words): ["type": "string", "enum": JSONValue(words)]
        case .date: ["type": "string", "format": "date-time"]
        case .integer: ["type": "integer"]
        case .number: ["type": "number"]
        case .boolean: ["type": "boolean"]
        case .array(let element): ["type": "array", "items": element.json]
        case .object(let members): Self.object(members)
        case .map(let value): ["type": "object", "additionalProperties": value.json]
        case .nullable(let schema): ["anyOf": [schema.json, ["type": "null"]]]
        }
    }

    private static func object(_ members: [Member]) -> JSONValue {
        let properties = JSONValue.object(members.map { JSONValue.Member($0.name, $0.schema.json) })
        let required = members.filter(\.isRequired).map(\.name)
        let object: JSONValue = ["type": "object", "properties": properties]
        return required.isEmpty ? object : object.adding("required", JSONValue(required))
    }
}
