import Glibc

/// Standard input, output and error as the commands use them.
enum Terminal {
    /// Why nothing could be read from standard input.
    enum Failure: Error, CustomStringConvertible {
        case endOfInput
        case tooLong
        case notText
        case notATerminal
        case different
        case interrupted

        /// One sentence for the person.
        var description: String {
            switch self {
            case .endOfInput: "standard input ended before a line came"
            case .tooLong: "the line on standard input is too long"
            case .notText: "the line on standard input is not UTF-8 text"
            case .notATerminal: "standard input is not a terminal; use --password-stdin"
            case .different: "the two passwords differ"
            case .interrupted: "no password was entered"
            }
        }
    }

    /// The longest line `readLine` takes, in bytes.
    static let maximumLine = 4_096

    /// Whether a person sits at standard input.
    static var isInteractive: Bool { isatty(STDIN_FILENO) == 1 }

    /// Prints to standard output: what a script may read.
    static func print(_ text: String) { write(text + "\n", to: STDOUT_FILENO) }

    /// Writes bytes to standard output as they are.
    static func print(bytes: [UInt8]) { write(bytes, to: STDOUT_FILENO) }

    /// Prints to standard error: what a person should know.
    static func note(_ text: String) { write(text + "\n", to: STDERR_FILENO) }

    /// One line of standard input without its line ending.
    static func readLine() throws(Failure) -> String {
        var bytes: [UInt8] = []
        while true {
            // Byte by byte, so that nothing after the line is taken from whoever reads standard input next.
            var byte: UInt8 = 0
            let count = read(STDIN_FILENO, &byte, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else {
                guard !bytes.isEmpty else { throw .endOfInput }
                break
            }
            guard byte != UInt8(ascii: "\n") else { break }
            guard bytes.count < maximumLine else { throw .tooLong }
            bytes.append(byte)
        }
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        guard let line = String(validating: bytes, as: UTF8.self) else { throw .notText }
        return line
    }

    /// Asks twice for a password with the echo off.
    static func askForNewPassword() throws(Failure) -> String {
        guard isInteractive else { throw .notATerminal }
        let first = try askSilently("New password: ")
        guard try askSilently("Again: ") == first else { throw .different }
        return first
    }

    /// Asks for the word that confirms something irreversible.
    static func confirm(_ question: String, word: String) throws(Failure) -> Bool {
        write(question, to: STDERR_FILENO)
        return try readLine() == word
    }

    private static func askSilently(_ prompt: String) throws(Failure) -> String {
        write(prompt, to: STDERR_FILENO)
        var saved = termios()
        guard tcgetattr(STDIN_FILENO, &saved) == 0 else { throw .notATerminal }
        var silent = saved
        // Ctrl-C would end the process and leave the terminal silent; so it arrives as a character, refused below.
        silent.c_lflag &= ~tcflag_t(ECHO | ISIG)
        tcsetattr(STDIN_FILENO, TCSAFLUSH, &silent)
        defer {
            tcsetattr(STDIN_FILENO, TCSAFLUSH, &saved)
            write("\n", to: STDERR_FILENO)
        }
        let line = try readLine()
        guard line.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7f }) else { throw .interrupted }
        return line
    }

    private static func write(_ text: String, to descriptor: Int32) { write(Array(text.utf8), to: descriptor) }

    private static func write(_ bytes: [UInt8], to descriptor: Int32) {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return }
            rest = rest.dropFirst(count)
        }
    }
}
