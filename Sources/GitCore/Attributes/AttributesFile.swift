/// The rules of one `.gitattributes` file.
///
/// - Source: gitattributes(5); git's `attr.c`.
package struct AttributesFile {
    /// What a rule says of an attribute.
    package enum State: Equatable {
        case set, unset, unspecified
        case value([UInt8])
    }

    /// One attribute in a rule.
    package struct Assignment: Equatable {
        package var name: String
        package var state: State
    }

    /// One line.
    package struct Rule {
        fileprivate let pattern: PathPattern
        package let assignments: [Assignment]
    }

    /// In the order of the file; a later rule overrides an earlier one.
    package private(set) var rules: [Rule] = []
    /// Names that stand for several attributes, which only the file at the root may define.
    private(set) var macros: [String: [Assignment]] = [:]

    /// The macro that git knows by itself.
    static let binary = [Assignment(name: "text", state: .unset)]

    /// Longer lines are ignored, as git does since CVE-2022-23521.
    private static let lineBytes = 2_048

    /// Reads a file; what makes no sense is ignored, as git does.
    ///
    /// - Parameter isRoot: whether the file may define macros.
    package init(parsing bytes: [UInt8], isRoot: Bool) {
        // Separators inside a UTF-8 byte order mark would be no names; git skips it, too.
        let text = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? bytes[3...] : bytes[...]
        for line in text.split(separator: UInt8(ascii: "\n")) where line.count < Self.lineBytes {
            add(line, isRoot)
        }
    }

    private mutating func add(_ line: ArraySlice<UInt8>, _ isRoot: Bool) {
        var rest = line.drop(while: isBlank)
        guard let first = rest.first, first != UInt8(ascii: "#") else { return }
        let name: [UInt8]
        if first == UInt8(ascii: "\""), let (unquoted, end) = unquoted(rest) {
            name = unquoted
            rest = rest[end...]
        } else {
            name = Array(rest.prefix { !isBlank($0) })
            rest = rest.dropFirst(name.count)
        }
        let assignments = rest.split(whereSeparator: isBlank).compactMap(Self.assignment)
        if let macro = name.argument(after: "[attr]") {
            guard isRoot, !macro.isEmpty else { return }
            macros[String(decoding: macro, as: UTF8.self)] = assignments
        } else if name.first != UInt8(ascii: "!") {
            rules.append(Rule(pattern: PathPattern(name), assignments: assignments))
        }
    }

    /// Reads `name`, `-name`, `!name` or `name=value`.
    private static func assignment(_ word: ArraySlice<UInt8>) -> Assignment? {
        var name = word
        var state = State.set
        switch word.first {
        case UInt8(ascii: "-"):
            name = word.dropFirst()
            state = .unset
        case UInt8(ascii: "!"):
            name = word.dropFirst()
            state = .unspecified
        default:
            if let equals = word.firstIndex(of: UInt8(ascii: "=")) {
                name = word[..<equals]
                state = .value(Array(word[(equals + 1)...]))
            }
        }
        return name.isEmpty ? nil : Assignment(name: String(decoding: name, as: UTF8.self), state: state)
    }

    /// Drops the rules that say nothing of some attributes; `macros` are those of the root.
    mutating func keep(_ names: Set<String>, _ macros: [String: [Assignment]]) {
        rules.removeAll { rule in
            !rule.assignments.contains { names.contains($0.name) || macros[$0.name] != nil }
        }
    }
}

extension AttributesFile.Rule {
    /// Whether the rule is about a path.
    ///
    /// - Parameters:
    ///   - path: from the directory of the file; no slash at the end.
    ///   - name: the last component of the path.
    ///   - isDirectory: whether it is a directory or a submodule.
    package func matches(_ path: ArraySlice<UInt8>, name: ArraySlice<UInt8>, isDirectory: Bool) -> Bool {
        pattern.matches(path, name: name, isDirectory: isDirectory)
    }
}

private func isBlank(_ byte: UInt8) -> Bool { byte == 32 || byte == 9 || byte == 13 }

/// What a C-style quoted string stands for, and where the text behind it starts; nil when it is malformed.
private func unquoted(_ text: ArraySlice<UInt8>) -> (bytes: [UInt8], end: Int)? {
    var bytes: [UInt8] = []
    var position = text.startIndex + 1
    while position < text.endIndex {
        let byte = text[position]
        position += 1
        if byte == UInt8(ascii: "\"") { return (bytes, position) }
        guard byte == UInt8(ascii: "\\") else {
            bytes.append(byte)
            continue
        }
        guard position < text.endIndex, let value = escaped(text, &position) else { return nil }
        bytes.append(value)
    }
    return nil
}

/// The byte that stands behind a backslash: a letter, a quote, or three octal digits.
private func escaped(_ text: ArraySlice<UInt8>, _ position: inout Int) -> UInt8? {
    let byte = text[position]
    position += 1
    switch byte {
    case UInt8(ascii: "a"): return 7
    case UInt8(ascii: "b"): return 8
    case UInt8(ascii: "t"): return 9
    case UInt8(ascii: "n"): return 10
    case UInt8(ascii: "v"): return 11
    case UInt8(ascii: "f"): return 12
    case UInt8(ascii: "r"): return 13
    case UInt8(ascii: "\\"), UInt8(ascii: "\""): return byte
    case UInt8(ascii: "0")...UInt8(ascii: "3"):
        guard position + 2 <= text.endIndex else { return nil }
        var value = UInt32(byte & 7)
        for digit in text[position..<(position + 2)] {
            guard (UInt8(ascii: "0")...UInt8(ascii: "7")).contains(digit) else { return nil }
            value = value << 3 | UInt32(digit & 7)
        }
        position += 2
        return UInt8(truncatingIfNeeded: value)
    default: return nil
    }
}
