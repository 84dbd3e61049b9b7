/// Splits a command as git and git-lfs write it into words.
///
/// Understands single quotes, double quotes and backslashes, and nothing else of a shell: whatever a shell would act upon
/// is refused, so that no command means one thing to its sender and another to us. Nothing is ever handed to a shell.
/// - Source: git's quoting of the path: a single-quoted word in which `'` is `'\''` and `!` is `'\!'`.
package enum ShellWords {
    /// Why a text is not a list of words.
    package enum Malformed: Error, Sendable, Equatable, CustomStringConvertible {
        case empty, tooLong, tooManyWords, unbalancedQuotes
        /// A byte that a shell would act upon, or a control character.
        case forbidden(UInt8)

        /// One sentence for the client.
        package var description: String {
            switch self {
            case .empty: "the command is empty"
            case .tooLong: "the command is longer than \(ShellWords.maximumBytes) bytes"
            case .tooManyWords: "the command has more than \(ShellWords.maximumWords) words"
            case .unbalancedQuotes: "the command's quotes are unbalanced"
            case .forbidden(let byte) where byte < 0x20 || byte == 0x7f: "the command has a control character"
            case .forbidden(let byte): "the command has a '\(Character(Unicode.Scalar(byte)))' outside quotes"
            }
        }
    }

    static let maximumBytes = 4_096
    static let maximumWords = 8

    /// The words, as bytes without their quotes; an empty quoted word is one.
    package static func split(_ command: some Collection<UInt8>) throws(Malformed) -> [[UInt8]] {
        guard command.count <= maximumBytes else { throw .tooLong }
        var scanner = Scanner()
        for byte in command { try scanner.take(byte) }
        return try scanner.finish()
    }

    private struct Scanner {
        private enum Quote { case none, single, double }

        private var words: [[UInt8]] = []
        private var word: [UInt8]?
        private var quote = Quote.none
        private var isEscaped = false

        mutating func take(_ byte: UInt8) throws(Malformed) {
            guard byte >= 0x20, byte != 0x7f else { throw .forbidden(byte) }
            if isEscaped {
                takeEscaped(byte)
                return
            }
            switch quote {
            case .single: if byte == UInt8(ascii: "'") { quote = .none } else { append(byte) }
            case .double: try takeDoubleQuoted(byte)
            case .none: try takeBare(byte)
            }
        }

        mutating func finish() throws(Malformed) -> [[UInt8]] {
            guard quote == .none, !isEscaped else { throw .unbalancedQuotes }
            try endWord()
            guard !words.isEmpty else { throw .empty }
            return words
        }

        /// In double quotes a backslash is one itself unless it stands before a byte that it protects there.
        private mutating func takeEscaped(_ byte: UInt8) {
            isEscaped = false
            if quote == .double, !"\"\\$`".utf8.contains(byte) { append(UInt8(ascii: "\\")) }
            append(byte)
        }

        private mutating func takeDoubleQuoted(_ byte: UInt8) throws(Malformed) {
            switch byte {
            case UInt8(ascii: "\""): quote = .none
            case UInt8(ascii: "\\"): isEscaped = true
            case UInt8(ascii: "$"), UInt8(ascii: "`"): throw .forbidden(byte)
            default: append(byte)
            }
        }

        private mutating func takeBare(_ byte: UInt8) throws(Malformed) {
            switch byte {
            case UInt8(ascii: " "): try endWord()
            case UInt8(ascii: "'"): begin(.single)
            case UInt8(ascii: "\""): begin(.double)
            case UInt8(ascii: "\\"):
                isEscaped = true
                word = word ?? []
            case _ where ";&|`$()<>*?[]{}!#".utf8.contains(byte): throw .forbidden(byte)
            default: append(byte)
            }
        }

        private mutating func begin(_ quote: Quote) {
            self.quote = quote
            word = word ?? []
        }

        private mutating func append(_ byte: UInt8) {
            word = (word ?? []) + CollectionOfOne(byte)
        }

        private mutating func endWord() throws(Malformed) {
            guard let word else { return }
            guard words.count < ShellWords.maximumWords else { throw .tooManyWords }
            words.append(word)
            self.word = nil
        }
    }
}
