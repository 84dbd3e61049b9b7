package import NIOCore

/// A JSON document as a tree, for bodies of which one bad member must not spoil the others.
///
/// `Codable` cannot say "this entry of the list is wrong, the rest is fine" without decoding everything twice, and tells
/// neither 1 from 1.0 nor how many values it is about to make.
package enum JSONValue: Equatable, Sendable {
    case null
    case bool(Bool)
    case integer(Int64)
    /// Any other number, in the spelling of the document: with a fraction or an exponent, or beyond `Int64`.
    case number(String)
    case string(String)
    case array([JSONValue])
    /// The members in the order of the document, duplicates included.
    case object([Member])

    /// A name and its value.
    package struct Member: Equatable, Sendable {
        package let name: String
        package let value: JSONValue

        package init(_ name: String, _ value: JSONValue) {
            self.name = name
            self.value = value
        }
    }
}

extension JSONValue {
    /// The value of a member; nil when this is no object, and for a member that is absent or null.
    ///
    /// Of several members with one name the last counts, as in Go and JavaScript.
    package subscript(_ name: String) -> JSONValue? {
        guard case .object(let members) = self else { return nil }
        let value = members.last { $0.name.utf8.elementsEqual(name.utf8) }?.value
        return value == .null ? nil : value
    }

    /// The text of a string; nil for everything else.
    package var text: String? {
        guard case .string(let text) = self else { return nil }
        return text
    }

    /// The number when it is spelt as an integer that `Int64` holds; nil for everything else.
    package var integer: Int64? {
        guard case .integer(let number) = self else { return nil }
        return number
    }

    /// The elements of a list; nil for everything else.
    package var elements: [JSONValue]? {
        guard case .array(let elements) = self else { return nil }
        return elements
    }

    /// Whether this is an object.
    package var isObject: Bool {
        guard case .object = self else { return false }
        return true
    }

    /// The truth value; nil for everything else.
    package var bool: Bool? {
        guard case .bool(let value) = self else { return nil }
        return value
    }
}

extension JSONValue {
    /// The document as UTF-8 without white space.
    package func encoded() -> ByteBuffer {
        var buffer = ByteBuffer()
        encode(to: &buffer)
        return buffer
    }

    private func encode(to buffer: inout ByteBuffer) {
        switch self {
        case .null: buffer.writeStaticString("null")
        case .bool(let value): buffer.writeString(value ? "true" : "false")
        case .integer(let number): buffer.writeString(String(number))
        case .number(let spelling): buffer.writeString(spelling)
        case .string(let text): Self.encode(text, to: &buffer)
        case .array(let elements):
            buffer.writeStaticString("[")
            for (index, element) in elements.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                element.encode(to: &buffer)
            }
            buffer.writeStaticString("]")
        case .object(let members):
            buffer.writeStaticString("{")
            for (index, member) in members.enumerated() {
                if index > 0 { buffer.writeStaticString(",") }
                Self.encode(member.name, to: &buffer)
                buffer.writeStaticString(":")
                member.value.encode(to: &buffer)
            }
            buffer.writeStaticString("}")
        }
    }

    private static func encode(_ text: String, to buffer: inout ByteBuffer) {
        buffer.writeStaticString("\"")
        if text.utf8.contains(where: needsEscape) {
            for byte in text.utf8 { encode(byte, to: &buffer) }
        } else {
            buffer.writeString(text)
        }
        buffer.writeStaticString("\"")
    }

    private static func encode(_ byte: UInt8, to buffer: inout ByteBuffer) {
        guard needsEscape(byte) else {
            buffer.writeInteger(byte)
            return
        }
        if byte < 0x20 {
            let digits = Array("0123456789abcdef".utf8)
            buffer.writeStaticString("\\u00")
            buffer.writeInteger(digits[Int(byte >> 4)])
            buffer.writeInteger(digits[Int(byte & 0xf)])
        } else {
            buffer.writeStaticString("\\")
            buffer.writeInteger(byte)
        }
    }

    private static func needsEscape(_ byte: UInt8) -> Bool {
        byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\")
    }
}
