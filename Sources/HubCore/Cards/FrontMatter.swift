/// The YAML at the beginning of a card, between two lines of three hyphens.
package enum FrontMatter {
    /// The longest that is read, in bytes: some datasets describe thousands of configurations there.
    package static let longest = 512 << 10

    /// Finds it; nil when the card has none.
    ///
    /// As in Hugging Face's clients, white space may stand before it, and it ends at the first line of three hyphens.
    /// - Returns: the text between the two lines, and where the card goes on behind it.
    package static func find(in card: [UInt8]) -> (yaml: ArraySlice<UInt8>, rest: Int)? {
        var start = card.starts(with: [0xef, 0xbb, 0xbf]) ? 3 : 0
        while start < card.count, isWhiteSpace(card[start]) { start += 1 }
        guard let first = line(of: card, at: start), isFence(card[start..<first.end]) else { return nil }
        var position = first.next
        while let line = line(of: card, at: position) {
            if isFence(card[position..<line.end]) { return (card[first.next..<position], line.next) }
            position = line.next
        }
        return nil
    }

    /// The end of a line, and where the next one begins; nil behind the last.
    private static func line(of card: [UInt8], at start: Int) -> (end: Int, next: Int)? {
        guard start < card.count else { return nil }
        guard let end = card[start...].firstIndex(of: UInt8(ascii: "\n")) else { return (card.count, card.count) }
        return (end, end + 1)
    }

    private static func isFence(_ line: ArraySlice<UInt8>) -> Bool {
        line.starts(with: "---".utf8) && line.dropFirst(3).allSatisfy(isWhiteSpace)
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        [UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"), UInt8(ascii: "\n")].contains(byte)
    }
}

/// Why metadata cannot be used.
package enum CardFault: Error, Equatable {
    /// More bytes, values or levels than are read, or aliases that multiply; carries what.
    case tooMuch(String)
    /// Not UTF-8.
    case encoding
    /// Not YAML; the line in the metadata where it is known, and what is wrong there.
    case malformed(line: Int?, String)
    /// YAML, but no mapping of names to values.
    case notAMapping

    /// One sentence for whoever wrote it.
    package var message: String {
        switch self {
        case .tooMuch(let what): "The metadata has too many \(what)."
        case .encoding: "The metadata is not valid UTF-8."
        case .malformed(let line?, let problem): "The metadata is not valid YAML at line \(line): \(problem)."
        case .malformed(nil, let problem): "The metadata is not valid YAML: \(problem)."
        case .notAMapping: "The metadata must be a mapping of names to values."
        }
    }
}
