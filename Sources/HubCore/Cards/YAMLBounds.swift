/// What YAML must not exceed before a parser sees it.
///
/// The parser makes a tree: its recursion is as deep as the text, and it compares the keys of a mapping, which takes for
/// ever where a key is made of aliases of aliases. So depth and number are bounded from above by looking at single bytes,
/// and aliases in keys are refused. Bytes inside quoted strings are looked at as well: real cards stay far below.
struct YAMLBounds {
    /// Brackets inside one another.
    static let deepestFlow = 48
    /// Columns that indentation and nested indicators take at the beginning of a line.
    static let widestIndentation = 128
    /// Bytes that may begin another value.
    static let mostSeparators = 60_000
    /// Aliases, each of which repeats what its anchor has.
    static let mostAliases = 64

    private var flow = 0
    private var separators = 0
    private var aliases = 0
    private var hasKeyOfParts = false
    private var isInIndentation = true
    private var column = 0
    /// The last byte that is not white space, and whether white space came behind it.
    private var last = UInt8(ascii: "\n")
    private var isApart = true
    /// Whether the word that is being read is an alias.
    private var isInAlias = false

    /// Looks at a text.
    ///
    /// - Throws: `CardFault.tooMuch`.
    static func check(_ yaml: some Sequence<UInt8>) throws(CardFault) {
        var bounds = YAMLBounds()
        for byte in yaml { try bounds.take(byte) }
        guard bounds.aliases == 0 || !bounds.hasKeyOfParts else { throw .tooMuch("aliases") }
    }

    private mutating func take(_ byte: UInt8) throws(CardFault) {
        switch byte {
        case UInt8(ascii: "\n"), UInt8(ascii: "\r"): try beginLine()
        case UInt8(ascii: " "), UInt8(ascii: "\t"): try takeSpace()
        default: try takeVisible(byte)
        }
    }

    private mutating func beginLine() throws(CardFault) {
        (column, isInIndentation, last, isApart, isInAlias) = (0, true, UInt8(ascii: "\n"), true, false)
        try count()
    }

    private mutating func takeSpace() throws(CardFault) {
        isApart = true
        if isInIndentation { try indent() }
    }

    private mutating func takeVisible(_ byte: UInt8) throws(CardFault) {
        let mayBegin = isApart || Self.indicators.contains(last)
        switch byte {
        case UInt8(ascii: "["), UInt8(ascii: "{"): try openFlow()
        case UInt8(ascii: "]"), UInt8(ascii: "}"): (flow, isInAlias) = (max(flow - 1, 0), false)
        case UInt8(ascii: ","):
            isInAlias = false
            try count()
        case UInt8(ascii: ":"):
            // The key before it is a list, a mapping or an alias.
            if isInAlias || last == UInt8(ascii: "]") || last == UInt8(ascii: "}") { hasKeyOfParts = true }
        case UInt8(ascii: "*") where mayBegin: try takeAlias()
        case UInt8(ascii: "?") where mayBegin: hasKeyOfParts = true
        default: if isApart { isInAlias = false }
        }
        if isInIndentation { try takeIndicator(byte) }
        (last, isApart) = (byte, false)
    }

    /// Indicators at the beginning of a line open a level each.
    private mutating func takeIndicator(_ byte: UInt8) throws(CardFault) {
        guard [UInt8(ascii: "-"), UInt8(ascii: "?"), UInt8(ascii: ":")].contains(byte) else {
            isInIndentation = false
            return
        }
        try indent()
    }

    private mutating func openFlow() throws(CardFault) {
        flow += 1
        guard flow <= Self.deepestFlow else { throw .tooMuch("levels") }
        try count()
    }

    private mutating func takeAlias() throws(CardFault) {
        isInAlias = true
        aliases += 1
        guard aliases <= Self.mostAliases else { throw .tooMuch("aliases") }
    }

    private mutating func indent() throws(CardFault) {
        column += 1
        guard column <= Self.widestIndentation else { throw .tooMuch("levels") }
    }

    private mutating func count() throws(CardFault) {
        separators += 1
        guard separators <= Self.mostSeparators else { throw .tooMuch("values") }
    }

    private static let indicators = Array("[{,:-?".utf8)
}
