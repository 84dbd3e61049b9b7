/// How git changes the text of a file when it writes it out: CRLF line ends and `$Id$`.
///
/// - Source: gitattributes(5) "text", "eol", "ident"; git's `convert.c`.
struct ArchiveConversion: Equatable {
    private enum LineEnds {
        case asStored
        /// LF becomes CRLF.
        case crlf
        /// The same, but only in what looks like a text without any CR.
        case crlfIfText
    }

    private var lineEnds = LineEnds.asStored
    private var expandsID = false

    /// Whether there is nothing to do.
    var isIdentity: Bool { lineEnds == .asStored && !expandsID }

    /// Changes nothing.
    init() {}

    /// What the attributes of a file ask for.
    init(_ states: [String: AttributesFile.State]) {
        expandsID = states["ident"] == .set
        var text = states["text"]
        let isUndefined = text == nil || text == .unspecified
        if isUndefined || !Self.isKnown(text) { text = states["crlf"] }
        guard text != .unset, states["eol"] == .value(Array("crlf".utf8)) else { return }
        lineEnds = text == .value(Array("auto".utf8)) ? .crlfIfText : .crlf
    }

    private static func isKnown(_ text: AttributesFile.State?) -> Bool {
        switch text {
        case .value(let value): value.isWord("auto") || value.isWord("input")
        default: true
        }
    }

    /// The text as it is to be written.
    func apply(to stored: [UInt8], oid: ObjectID) -> [UInt8] {
        let text = expandsID ? expandingID(stored, oid) : stored
        switch lineEnds {
        case .asStored: return text
        case .crlfIfText where !TextStatistics(text).isTextWithoutCR: return text
        case .crlf, .crlfIfText: return withCRLF(text)
        }
    }

    private func withCRLF(_ text: [UInt8]) -> [UInt8] {
        var result: [UInt8] = []
        result.reserveCapacity(text.count + text.count / 32)
        var previous: UInt8 = 0
        for byte in text {
            if byte == UInt8(ascii: "\n"), previous != UInt8(ascii: "\r") { result.append(UInt8(ascii: "\r")) }
            result.append(byte)
            previous = byte
        }
        return result
    }

    /// Replaces `$Id$`, and expansions of ours that were stored by mistake.
    private func expandingID(_ text: [UInt8], _ oid: ObjectID) -> [UInt8] {
        let dollar = UInt8(ascii: "$")
        let expansion = Array("Id: \(oid) $".utf8)
        var result: [UInt8] = []
        var rest = text[...]
        while let start = rest.firstIndex(of: dollar) {
            result += rest[...start]
            rest = rest[(start + 1)...]
            guard rest.count >= 3, rest.starts(with: "Id".utf8) else { continue }
            let body = rest.dropFirst(3)
            switch rest[rest.startIndex + 2] {
            case dollar:
                rest = body
            case UInt8(ascii: ":"):
                guard let end = body.firstIndex(of: dollar) else { return result + rest }
                let content = body[..<end]
                guard !content.contains(UInt8(ascii: "\n")) else { continue }
                // Spaces in the middle: the keyword of another system.
                if let space = content.dropFirst().firstIndex(of: UInt8(ascii: " ")), space < end - 1 { continue }
                rest = rest[(end + 1)...]
            default:
                continue
            }
            result += expansion
        }
        return result + rest
    }
}

/// What tells a text from other bytes, as git counts it.
private struct TextStatistics {
    private var isLoneCR = false
    private var hasCRLF = false
    private var hasNUL = false
    private var printable = 0
    private var nonprintable = 0

    init(_ bytes: [UInt8]) {
        var previous: UInt8 = 0
        for byte in bytes {
            if previous == UInt8(ascii: "\r") {
                if byte == UInt8(ascii: "\n") { hasCRLF = true } else { isLoneCR = true }
            }
            count(byte)
            previous = byte
        }
        if previous == UInt8(ascii: "\r") { isLoneCR = true }
        // An end-of-file mark of old systems.
        if previous == 0x1a { nonprintable -= 1 }
    }

    private mutating func count(_ byte: UInt8) {
        switch byte {
        case 10, 13: return
        case 8, 9, 12, 27: printable += 1
        case 0:
            hasNUL = true
            nonprintable += 1
        case 0..<32, 127: nonprintable += 1
        default: printable += 1
        }
    }

    var isTextWithoutCR: Bool { !isLoneCR && !hasCRLF && !hasNUL && printable >> 7 >= nonprintable }
}
