/// An element of an XML answer: its name without prefix, its text, and the elements in it.
package struct XMLElement: Sendable, Equatable {
    package var name: String
    package var text = ""
    package var children: [XMLElement] = []

    init(name: String) { self.name = name }

    /// The first element of that name in this one.
    package func child(_ name: String) -> XMLElement? { children.first { $0.name == name } }

    /// The text of the first element of that name; nil when there is none.
    package func text(of name: String) -> String? { child(name)?.text }

    /// All elements of that name in this one.
    package func children(_ name: String) -> [XMLElement] { children.filter { $0.name == name } }

    /// Reads a document; nil when it is not well-formed, nested deeper than 16 levels, of more than 100,000 elements,
    /// or brings a document type of its own.
    package static func parse(_ bytes: [UInt8]) -> XMLElement? {
        var scanner = XMLScanner(bytes: bytes)
        var open: [XMLElement] = []
        var root: XMLElement?
        var count = 0
        while let token = scanner.next() {
            switch token {
            case .open(let name, let isEmpty):
                count += 1
                guard root == nil, open.count < 16, count <= 100_000 else { return nil }
                open.append(XMLElement(name: name))
                if isEmpty { close(&open, &root) }
            case .close(let name):
                guard open.last?.name == name else { return nil }
                close(&open, &root)
            case .text(let text):
                guard !open.isEmpty else {
                    guard text.allSatisfy(\.isWhitespace) else { return nil }
                    continue
                }
                open[open.count - 1].text += text
            }
        }
        return scanner.isAtEnd && open.isEmpty ? root : nil
    }

    private static func close(_ open: inout [XMLElement], _ root: inout XMLElement?) {
        guard let element = open.popLast() else { return }
        if open.isEmpty { root = element } else { open[open.count - 1].children.append(element) }
    }
}

/// Cuts a document into tags and text; comments, processing instructions and attributes are passed over.
struct XMLScanner {
    enum Token: Equatable {
        case open(name: String, isEmpty: Bool)
        case close(name: String)
        case text(String)
    }

    private let bytes: [UInt8]
    private var position = 0

    init(bytes: [UInt8]) {
        // A byte order mark says nothing in UTF-8.
        self.bytes = bytes.starts(with: [0xef, 0xbb, 0xbf]) ? Array(bytes.dropFirst(3)) : bytes
    }

    /// False when scanning stopped at something that is no XML.
    var isAtEnd: Bool { position == bytes.count }

    /// The next tag or text; nil at the end, or at what cannot be understood.
    mutating func next() -> Token? {
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "<") else { return text() }
            if skip("<!--", through: "-->") || skip("<?", through: "?>") { continue }
            if starts(with: "<![CDATA[") { return characterData() }
            return tag()
        }
        return nil
    }

    private mutating func text() -> Token? {
        let end = bytes[position...].firstIndex(of: UInt8(ascii: "<")) ?? bytes.count
        guard let text = Self.decode(bytes[position..<end]) else { return nil }
        position = end
        return .text(text)
    }

    private mutating func characterData() -> Token? {
        let start = position + "<![CDATA[".utf8.count
        guard let end = find("]]>", from: start) else { return nil }
        position = end + 3
        return .text(String(decoding: bytes[start..<end], as: UTF8.self))
    }

    private mutating func tag() -> Token? {
        guard var end = endOfTag() else { return nil }
        let next = end + 1
        var start = position + 1
        let isClosing = start < end && bytes[start] == UInt8(ascii: "/")
        if isClosing { start += 1 }
        let isEmpty = !isClosing && start < end && bytes[end - 1] == UInt8(ascii: "/")
        if isEmpty { end -= 1 }
        let words = bytes[start..<end].split(whereSeparator: Self.isSpace)
        guard let first = words.first, first.startIndex == start,
            let name = first.split(separator: UInt8(ascii: ":")).last, name.first.map(Self.isNameStart) == true
        else { return nil }
        position = next
        let text = String(decoding: name, as: UTF8.self)
        return isClosing ? .close(name: text) : .open(name: text, isEmpty: isEmpty)
    }

    /// Where the tag's `>` is; those inside quotation marks do not count.
    private func endOfTag() -> Int? {
        var quote: UInt8?
        for index in position..<bytes.count {
            let byte = bytes[index]
            if let open = quote {
                if byte == open { quote = nil }
            } else if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "'") {
                quote = byte
            } else if byte == UInt8(ascii: ">") {
                return index
            }
        }
        return nil
    }

    private mutating func skip(_ start: String, through end: String) -> Bool {
        guard starts(with: start), let found = find(end, from: position + start.utf8.count) else { return false }
        position = found + end.utf8.count
        return true
    }

    private func starts(with text: String) -> Bool { bytes[position...].starts(with: text.utf8) }

    private func find(_ text: String, from start: Int) -> Int? {
        guard start <= bytes.count else { return nil }
        return (start..<bytes.count).first { bytes[$0...].starts(with: text.utf8) }
    }

    private static func isSpace(_ byte: UInt8) -> Bool { byte == 0x20 || (0x09...0x0d).contains(byte) }

    private static func isNameStart(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "_"): true
        default: byte >= 0x80
        }
    }

    /// Replaces the five entities of XML and numbers; nil for others, which only a document type could define.
    private static func decode(_ bytes: ArraySlice<UInt8>) -> String? {
        guard bytes.contains(UInt8(ascii: "&")) else { return String(decoding: bytes, as: UTF8.self) }
        var pieces = bytes.split(separator: UInt8(ascii: "&"), omittingEmptySubsequences: false)[...]
        var text = String(decoding: pieces.removeFirst(), as: UTF8.self)
        for piece in pieces {
            guard let end = piece.prefix(12).firstIndex(of: UInt8(ascii: ";")),
                let character = character(named: String(decoding: piece[..<end], as: UTF8.self))
            else { return nil }
            text.append(character)
            text += String(decoding: piece[(end + 1)...], as: UTF8.self)
        }
        return text
    }

    private static func character(named name: String) -> Character? {
        switch name {
        case "lt": return "<"
        case "gt": return ">"
        case "amp": return "&"
        case "quot": return "\""
        case "apos": return "'"
        default: break
        }
        let isHexadecimal = name.hasPrefix("#x")
        let digits = name.dropFirst(isHexadecimal ? 2 : 1)
        guard name.hasPrefix("#"), digits.allSatisfy(\.isHexDigit),
            let value = UInt32(digits, radix: isHexadecimal ? 16 : 10), let scalar = Unicode.Scalar(value)
        else { return nil }
        return Character(scalar)
    }
}
