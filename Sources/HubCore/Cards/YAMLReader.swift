package import JSON
import Yams

/// Reads YAML as JSON, within bounds.
///
/// Plain words mean what YAML 1.2's core schema says, as on Hugging Face: `no` is Norwegian and not false, dates are
/// texts. What JSON cannot say, infinities and NaN, is null.
package struct YAMLReader {
    /// Values, those that aliases repeat included.
    private static let mostValues = 60_000
    /// Bytes of all texts together, likewise.
    private static let mostTextBytes = 2 << 20
    private static let deepest = 64

    private var values = 0
    private var textBytes = 0

    /// Reads the metadata of a card.
    ///
    /// - Returns: an object; an empty one when there is nothing between the lines.
    package static func metadata(_ yaml: ArraySlice<UInt8>) throws(CardFault) -> JSONValue {
        guard yaml.count <= FrontMatter.longest else { throw .tooMuch("bytes") }
        guard let text = String(validating: yaml, as: UTF8.self) else { throw .encoding }
        try YAMLBounds.check(yaml)
        guard let root = try compose(text) else { return [:] }
        var reader = YAMLReader()
        switch try reader.value(root, depth: 0) {
        case .null: return [:]
        case let value where value.isObject: return value
        default: throw .notAMapping
        }
    }

    private static func compose(_ text: String) throws(CardFault) -> Node? {
        do {
            return try Parser(yaml: text, resolver: .basic, encoding: .utf8).singleRoot()
        } catch let error as YamlError {
            throw CardFault(error)
        } catch {
            throw .malformed(line: nil, "it cannot be read")
        }
    }

    private mutating func value(_ node: Node, depth: Int) throws(CardFault) -> JSONValue {
        values += 1
        guard values <= Self.mostValues else { throw .tooMuch("values") }
        guard depth < Self.deepest else { throw .tooMuch("levels") }
        switch node {
        case .scalar(let scalar): return try self.scalar(scalar)
        case .sequence(let sequence):
            var elements: [JSONValue] = []
            for element in sequence { elements.append(try value(element, depth: depth + 1)) }
            return .array(elements)
        case .mapping(let mapping): return .object(try members(mapping, depth))
        case .alias: throw .malformed(line: nil, "an alias leads nowhere")
        }
    }

    /// Members of a mapping; what is merged in with `<<` comes last and replaces nothing.
    private mutating func members(_ mapping: Node.Mapping, _ depth: Int) throws(CardFault) -> [JSONValue.Member] {
        var members: [JSONValue.Member] = []
        var merged: [JSONValue] = []
        for (key, node) in mapping {
            guard case .scalar(let scalar) = key else { throw .malformed(line: key.mark?.line, "a key is no word") }
            let value = try value(node, depth: depth + 1)
            try note(scalar.string)
            if scalar.string == "<<", scalar.style == .plain {
                merged += value.elements ?? [value]
            } else {
                members.append(.init(scalar.string, value))
            }
        }
        guard !merged.isEmpty else { return members }
        var names = Set(members.map(\.name))
        for member in merged.flatMap({ $0.members ?? [] }) where names.insert(member.name).inserted {
            members.append(member)
        }
        return members
    }

    private mutating func scalar(_ scalar: Node.Scalar) throws(CardFault) -> JSONValue {
        try note(scalar.string)
        let isPlain = scalar.style == .plain && scalar.tag.description == Tag.Name.implicit.rawValue
        let isNumber = [Tag.Name.int, .float, .bool, .null].contains { $0.rawValue == scalar.tag.description }
        return isPlain || isNumber ? PlainScalar.value(scalar.string) : .string(scalar.string)
    }

    private mutating func note(_ text: String) throws(CardFault) {
        textBytes += text.utf8.count
        guard textBytes <= Self.mostTextBytes else { throw .tooMuch("bytes") }
    }
}

extension CardFault {
    fileprivate init(_ error: YamlError) {
        switch error {
        case .scanner(_, let problem, let mark, _), .parser(_, let problem, let mark, _),
            .composer(_, let problem, let mark, _):
            self = .malformed(line: mark.line, problem)
        case .duplicatedKeysInMapping(let keys, let context):
            let key = String((keys.first ?? "").prefix(100))
            self = .malformed(line: context.mark.line, "the key '\(key)' is there twice")
        default: self = .malformed(line: nil, "it cannot be read")
        }
    }
}
