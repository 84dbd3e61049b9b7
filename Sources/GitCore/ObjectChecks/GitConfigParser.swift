/// One setting of a file in git's config format.
package struct GitConfigEntry: Equatable, Sendable {
    /// The section in lower case, `submodule`; with the older dotted form up to the first dot.
    package var section: [UInt8]
    /// The subsection as written, escapes resolved; nil when there is none.
    package var subsection: [UInt8]?
    /// The key in lower case.
    package var key: [UInt8]
    /// The value, quotes and escapes resolved; nil for a key without `=`, which means true.
    package var value: [UInt8]?
}

/// Why a file in git's config format cannot be read.
package struct GitConfigError: Error, Equatable, Sendable {
    /// Bytes of the file that were read.
    package var position: Int
}

/// Reads git's config format, one setting after the other, as git does.
///
/// Bounded by its input: it keeps one section name and one setting, and looks at each byte once.
/// - Source: git-config(1) "CONFIGURATION FILE", "Syntax"; includes are not followed.
package struct GitConfigParser {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0
    private var section: [UInt8] = []
    private var subsection: [UInt8]?

    private static let newline = UInt8(ascii: "\n")

    /// Starts at the front of the file; a byte order mark is skipped.
    package init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
        if bytes.starts(with: [0xef, 0xbb, 0xbf]) { position = 3 }
    }

    /// The next setting; nil at the end.
    ///
    /// - Throws: `GitConfigError` where git gives up; the settings before it stand.
    package mutating func next() throws(GitConfigError) -> GitConfigEntry? {
        while position < bytes.count {
            let byte = read()
            if Self.isSpace(byte) { continue }
            switch byte {
            case UInt8(ascii: "#"), UInt8(ascii: ";"): skipLine()
            case UInt8(ascii: "["): try readSection()
            default:
                guard Self.isKeyByte(byte), !Self.isDigit(byte), byte != UInt8(ascii: "-") else { throw failure }
                return try readSetting(startingWith: byte)
            }
        }
        return nil
    }

    private var failure: GitConfigError { GitConfigError(position: position) }

    /// The next byte, CR LF read as LF; at the end of the file LF, as often as asked.
    private mutating func read() -> UInt8 {
        guard position < bytes.count else { return Self.newline }
        let byte = bytes[position]
        position += 1
        guard byte == UInt8(ascii: "\r"), position < bytes.count, bytes[position] == Self.newline else { return byte }
        position += 1
        return Self.newline
    }

    private mutating func skipLine() {
        while read() != Self.newline {}
    }

    /// Reads from behind `[` to behind `]`.
    private mutating func readSection() throws(GitConfigError) {
        section = []
        subsection = nil
        while true {
            guard position < bytes.count else { throw failure }
            let byte = read()
            if byte == UInt8(ascii: "]") { break }
            if Self.isSpace(byte) {
                try readQuotedSubsection(after: byte)
                break
            }
            guard Self.isKeyByte(byte) || byte == UInt8(ascii: ".") else { throw failure }
            section.append(asciiLowercase(byte))
        }
        guard !section.isEmpty else { throw failure }
        splitDottedSection()
    }

    /// Reads `"name"]` behind the section and one white space.
    private mutating func readQuotedSubsection(after space: UInt8) throws(GitConfigError) {
        var byte = space
        while Self.isSpace(byte) {
            guard byte != Self.newline else { throw failure }
            byte = read()
        }
        guard byte == UInt8(ascii: "\"") else { throw failure }
        var name: [UInt8] = []
        while true {
            byte = read()
            if byte == UInt8(ascii: "\"") { break }
            if byte == UInt8(ascii: "\\") { byte = read() }
            guard byte != Self.newline else { throw failure }
            name.append(byte)
        }
        guard read() == UInt8(ascii: "]") else { throw failure }
        subsection = name
    }

    /// Turns `[a.b]` into section `a`, subsection `b`, and `[a.b "c"]` into `a`, `b.c`.
    private mutating func splitDottedSection() {
        guard let dot = section.firstIndex(of: UInt8(ascii: ".")) else { return }
        var name = Array(section[(dot + 1)...])
        if let quoted = subsection {
            name.append(UInt8(ascii: "."))
            name += quoted
        }
        subsection = name
        section = Array(section[..<dot])
    }

    private mutating func readSetting(startingWith first: UInt8) throws(GitConfigError) -> GitConfigEntry {
        var key = [asciiLowercase(first)]
        var byte = read()
        while Self.isKeyByte(byte) {
            key.append(asciiLowercase(byte))
            byte = read()
        }
        while byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") { byte = read() }
        guard byte != Self.newline else {
            return GitConfigEntry(section: section, subsection: subsection, key: key, value: nil)
        }
        guard byte == UInt8(ascii: "=") else { throw failure }
        let value = try readValue()
        return GitConfigEntry(section: section, subsection: subsection, key: key, value: value)
    }

    /// Reads from behind `=` to behind the end of the line.
    private mutating func readValue() throws(GitConfigError) -> [UInt8] {
        var value: [UInt8] = []
        var quoted = false
        // White space counts only when something follows it.
        var spaces = 0
        while true {
            let byte = read()
            if byte == Self.newline {
                guard !quoted else { throw failure }
                return value
            }
            if Self.isSpace(byte), !quoted {
                if !value.isEmpty { spaces += 1 }
                continue
            }
            if !quoted, byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
                skipLine()
                return value
            }
            value.append(contentsOf: repeatElement(UInt8(ascii: " "), count: spaces))
            spaces = 0
            switch byte {
            case UInt8(ascii: "\""): quoted.toggle()
            case UInt8(ascii: "\\"):
                if let meant = try readEscape() { value.append(meant) }
            default: value.append(byte)
            }
        }
    }

    /// The byte that an escape means; nil for an escaped end of line, which continues the value.
    private mutating func readEscape() throws(GitConfigError) -> UInt8? {
        let byte = read()
        switch byte {
        case Self.newline: return nil
        case UInt8(ascii: "t"): return 0x09
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "n"): return Self.newline
        case UInt8(ascii: "\\"), UInt8(ascii: "\""): return byte
        default: throw failure
        }
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x09 || byte == 0x0a || byte == 0x0d
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }

    private static func isKeyByte(_ byte: UInt8) -> Bool {
        let lower = asciiLowercase(byte)
        return lower >= UInt8(ascii: "a") && lower <= UInt8(ascii: "z") || isDigit(byte) || byte == UInt8(ascii: "-")
    }
}
