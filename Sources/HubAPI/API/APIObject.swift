import HTTPTypes
package import JSON

/// An object out of a request's body, read key by key with errors that say which key should have been what.
///
/// Keys that nobody asks for are ignored, as newer clients send more. Null counts as absent. Texts with NUL are refused,
/// because no database takes them.
package struct APIObject: Sendable {
    /// The object.
    package let value: JSONValue
    private let path: String

    /// An object; `path` leads to it in the body.
    package init(_ value: JSONValue, path: String = "") {
        self.value = value
        self.path = path
    }

    /// Whether a key is there and not null.
    package func has(_ key: String) -> Bool { value[key] != nil }

    /// Whether a key is there with null, where that means something else than absence.
    package func isNull(_ key: String) -> Bool {
        value.members?.last { $0.name.utf8.elementsEqual(key.utf8) }?.value == .null
    }

    /// A string that must be there.
    package func text(_ key: String) throws -> String {
        guard let text = try textIfThere(key) else { throw Self.missing(path + key) }
        return text
    }

    /// A string that may be absent.
    package func textIfThere(_ key: String) throws -> String? {
        guard let member = value[key] else { return nil }
        return try Self.text(member, path + key)
    }

    /// A truth value that may be absent.
    package func flagIfThere(_ key: String) throws -> Bool? {
        guard let member = value[key] else { return nil }
        guard let flag = member.bool else { throw Self.mismatch(path + key, "a boolean") }
        return flag
    }

    /// A whole number that must be there.
    package func integer(_ key: String) throws -> Int64 {
        guard let number = try integerIfThere(key) else { throw Self.missing(path + key) }
        return number
    }

    /// A whole number that may be absent.
    package func integerIfThere(_ key: String) throws -> Int64? {
        guard let member = value[key] else { return nil }
        guard let number = member.integer else { throw Self.mismatch(path + key, "a whole number") }
        return number
    }

    /// An object that must be there.
    package func object(_ key: String) throws -> APIObject {
        guard let object = try objectIfThere(key) else { throw Self.missing(path + key) }
        return object
    }

    /// An object that may be absent.
    package func objectIfThere(_ key: String) throws -> APIObject? {
        guard let member = value[key] else { return nil }
        guard member.isObject else { throw Self.mismatch(path + key, "an object") }
        return APIObject(member, path: "\(path)\(key).")
    }

    /// Objects in a list; none when it is absent.
    package func objects(_ key: String) throws -> [APIObject] {
        try elements(key).enumerated().map { index, element in
            guard element.isObject else { throw Self.mismatch("\(path)\(key)[\(index)]", "an object") }
            return APIObject(element, path: "\(path)\(key)[\(index)].")
        }
    }

    /// Strings in a list; none when it is absent.
    package func texts(_ key: String) throws -> [String] {
        try elements(key).enumerated().map { try Self.text($1, "\(path)\(key)[\($0)]") }
    }

    private func elements(_ key: String) throws -> [JSONValue] {
        guard let member = value[key] else { return [] }
        guard let elements = member.elements else { throw Self.mismatch(path + key, "a list") }
        return elements
    }

    private static func text(_ value: JSONValue, _ path: String) throws -> String {
        guard let text = value.text else { throw mismatch(path, "a string") }
        guard !text.utf8.contains(0) else {
            throw HTTPFailure(.badRequest, "The key '\(path)' cannot contain NUL.")
        }
        return text
    }

    private static func missing(_ key: String) -> HTTPFailure {
        HTTPFailure(.badRequest, "The request body lacks the key '\(key)'.")
    }

    private static func mismatch(_ key: String, _ kind: String) -> HTTPFailure {
        HTTPFailure(.badRequest, "The key '\(key)' must be \(kind).")
    }
}
