/// The checked full name of a ref, such as `refs/heads/main`.
///
/// Compared and ordered by bytes, as advertisements are.
package struct RefName: Hashable, Sendable {
    /// The name; always starts with `refs/`.
    package let bytes: [UInt8]

    /// Most bytes of a name.
    package static let maximumBytes = 1_024
    /// Most bytes between two slashes.
    package static let maximumComponentBytes = 255
    /// Most parts between slashes.
    package static let maximumComponents = 32

    /// Checks a name that a client or a person gives.
    ///
    /// - Throws: the first rule that the name breaks.
    /// - Source: git-check-ref-format(1). Ours in addition: valid UTF-8, no component starts with `-` (it would look like
    ///   an option), no branch or tag looks like an object id or is called `HEAD`, sizes.
    package init(validating bytes: some Collection<UInt8>) throws(RefNameError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        let name = Array(bytes)
        try Self.checkWhole(name)
        let components = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard components.first.map({ $0.elementsEqual("refs".utf8) }) == true else { throw .notBelowRefs }
        guard components.count > 2 else { throw .onlyOneComponent }
        guard components.count <= Self.maximumComponents else { throw .tooManyComponents }
        for component in components { try Self.checkComponent(component) }
        try Self.checkShortName(components)
        self.bytes = name
    }

    /// Takes the name of a ref that is stored already, though today's rules might refuse it; only good for deleting it.
    ///
    /// - Throws: when the name is too long, not below `refs/`, holds a byte below 0x21 or 0x7f, an empty component or `..`:
    ///   no release has ever stored such a name.
    package init(lenient bytes: some Collection<UInt8>) throws(RefNameError) {
        guard bytes.count <= Self.maximumBytes else { throw .tooLong }
        let name = Array(bytes)
        guard name.starts(with: "refs/".utf8) else { throw .notBelowRefs }
        for byte in name where byte < 0x21 || byte == 0x7f { throw .forbiddenByte(byte) }
        guard !Self.contains(name, "..") else { throw .forbiddenSequence("..") }
        let components = name.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard !components.contains(where: \.isEmpty) else { throw .emptyComponent }
        self.bytes = name
    }

    /// The name as text, repaired where it is not UTF-8.
    package var string: String { String(decoding: bytes, as: UTF8.self) }
}

extension RefName: Comparable {
    /// Byte order.
    package static func < (left: RefName, right: RefName) -> Bool {
        left.bytes.lexicographicallyPrecedes(right.bytes)
    }
}

extension RefName: CustomStringConvertible {
    /// The name as text.
    package var description: String { string }
}

extension RefName {
    private static func checkWhole(_ name: [UInt8]) throws(RefNameError) {
        for byte in name where isForbidden(byte) { throw .forbiddenByte(byte) }
        guard !contains(name, "..") else { throw .forbiddenSequence("..") }
        guard !contains(name, "@{") else { throw .forbiddenSequence("@{") }
        guard name.last != UInt8(ascii: ".") else { throw .trailingDot }
        guard String(validating: name, as: UTF8.self) != nil else { throw .notUTF8 }
    }

    private static func checkComponent(_ component: ArraySlice<UInt8>) throws(RefNameError) {
        guard let first = component.first else { throw .emptyComponent }
        guard first != UInt8(ascii: ".") else { throw .leadingDot }
        guard first != UInt8(ascii: "-") else { throw .leadingDash }
        guard !component.suffix(5).elementsEqual(".lock".utf8) else { throw .lockSuffix }
        guard component.count <= maximumComponentBytes else { throw .componentTooLong }
    }

    private static func checkShortName(_ components: [ArraySlice<UInt8>]) throws(RefNameError) {
        guard components.count == 3, let last = components.last else { return }
        guard components[1].elementsEqual("heads".utf8) || components[1].elementsEqual("tags".utf8) else { return }
        let isHexadecimal = last.allSatisfy { hexValue(of: $0) != nil }
        if isHexadecimal, last.count == 40 || last.count == 64 { throw .looksLikeObjectID }
        if last.elementsEqual("HEAD".utf8) { throw .reserved }
    }

    private static func isForbidden(_ byte: UInt8) -> Bool {
        switch byte {
        case 0..<0x21, 0x7f: true
        case UInt8(ascii: "~"), UInt8(ascii: "^"), UInt8(ascii: ":"), UInt8(ascii: "?"), UInt8(ascii: "*"): true
        case UInt8(ascii: "["), UInt8(ascii: "\\"): true
        default: false
        }
    }

    private static func contains(_ name: [UInt8], _ pair: StaticString) -> Bool {
        pair.withUTF8Buffer { pair in
            zip(name, name.dropFirst()).contains { $0 == pair[0] && $1 == pair[1] }
        }
    }
}

/// The rule that a ref name breaks.
package enum RefNameError: Error, Hashable, Sendable {
    case tooLong, componentTooLong, tooManyComponents
    case notBelowRefs, onlyOneComponent, emptyComponent
    case forbiddenByte(UInt8)
    case forbiddenSequence(String)
    case leadingDot, leadingDash, trailingDot, lockSuffix
    case notUTF8, looksLikeObjectID, reserved

    /// A sentence for the client.
    package var message: String {
        switch self {
        case .tooLong: "a ref name has at most \(RefName.maximumBytes) bytes"
        case .componentTooLong: "a component of a ref name has at most \(RefName.maximumComponentBytes) bytes"
        case .tooManyComponents: "a ref name has at most \(RefName.maximumComponents) components"
        case .notBelowRefs: "a ref name starts with 'refs/'"
        case .onlyOneComponent: "a ref name has at least two components after 'refs'"
        case .emptyComponent: "a component of a ref name is not empty"
        case .forbiddenByte(let byte): "a ref name does not hold the byte 0x\(String(byte, radix: 16))"
        case .forbiddenSequence(let sequence): "a ref name does not hold '\(sequence)'"
        case .leadingDot: "a component of a ref name does not start with '.'"
        case .leadingDash: "a component of a ref name does not start with '-'"
        case .trailingDot: "a ref name does not end with '.'"
        case .lockSuffix: "a component of a ref name does not end with '.lock'"
        case .notUTF8: "a ref name is valid UTF-8"
        case .looksLikeObjectID: "a branch or tag name does not look like an object id"
        case .reserved: "a branch or tag is not called 'HEAD'"
        }
    }
}
