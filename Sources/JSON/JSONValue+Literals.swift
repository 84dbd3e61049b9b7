/// Documents of ours are written as Swift literals, members in the order in which they are sent.
///
/// `nil` is no literal of these: where a member is left out, it would be sent as null.
extension JSONValue: ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByStringInterpolation,
    ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
    package init(booleanLiteral value: Bool) { self = .bool(value) }

    package init(integerLiteral value: Int64) { self = .integer(value) }

    package init(stringLiteral value: String) { self = .string(value) }

    package init(arrayLiteral elements: JSONValue...) { self = .array(elements) }

    package init(dictionaryLiteral elements: (String, JSONValue)...) {
        self = .object(elements.map { Member($0, $1) })
    }
}

/// What records hold, as JSON.
extension JSONValue {
    /// A string, or null.
    package init(_ text: String?) { self = text.map(JSONValue.string) ?? .null }

    /// A truth value.
    package init(_ value: Bool) { self = .bool(value) }

    /// A number.
    package init(_ number: Int) { self = .integer(Int64(number)) }

    /// A number.
    package init(_ number: Int64) { self = .integer(number) }

    /// A list of strings.
    package init(_ texts: [String]) { self = .array(texts.map(JSONValue.string)) }

    /// This object with another member at its end; anything but an object stays what it is.
    package func adding(_ name: String, _ value: JSONValue) -> JSONValue {
        guard case .object(let members) = self else { return self }
        return .object(members + [Member(name, value)])
    }

    /// This object with another member at its end unless that is nil.
    package func adding(_ name: String, ifThere value: JSONValue?) -> JSONValue {
        value.map { adding(name, $0) } ?? self
    }

    /// The members of an object in their order; nil for everything else.
    package var members: [Member]? {
        guard case .object(let members) = self else { return nil }
        return members
    }
}
