import SSHD
import Testing

@Suite("Splitting commands into words")
struct ShellWordsTests {
    private func split(_ text: String) throws(ShellWords.Malformed) -> [String] {
        try ShellWords.split(Array(text.utf8)).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        ("git-upload-pack 'alice/first.git'", ["git-upload-pack", "alice/first.git"]),
        ("git-upload-pack '/alice/it'\\''s'", ["git-upload-pack", "/alice/it's"]),
        ("git-upload-pack '/alice/wow'\\!''", ["git-upload-pack", "/alice/wow!"]),
        ("git upload-pack \"a b\"", ["git", "upload-pack", "a b"]),
        ("a \"b\\\"c\\d\\\\\" e", ["a", "b\"c\\d\\", "e"]),
        ("  a   b  ", ["a", "b"]),
        ("a ''", ["a", ""]),
        ("a ';|&$(x)`y`<>'", ["a", ";|&$(x)`y`<>"]),
        ("git-lfs-authenticate /alice/first.git upload", ["git-lfs-authenticate", "/alice/first.git", "upload"]),
        ("a\\ b", ["a b"]),
    ])
    func readsWhatGitWrites(command: String, words: [String]) throws {
        #expect(try split(command) == words)
    }

    @Test(arguments: [
        "a 'b'; c", "a | b", "a && b", "a `b`", "a $(b)", "a $HOME", "a > b", "a < b", "a (b)", "a *", "a ?", "a {b}",
        "a #b", "a !b", "a \"$b\"", "a \"`b`\"",
    ])
    func refusesWhatAShellWouldActUpon(command: String) {
        #expect { try split(command) } throws: { error in
            if case ShellWords.Malformed.forbidden = error { true } else { false }
        }
    }

    @Test(arguments: ["a\nb", "a 'b\nc'", "a\tb", "a\u{1b}[2Jb", "a \"\u{7f}\"", "a\rb"])
    func refusesControlCharactersEvenInQuotes(command: String) {
        #expect { try split(command) } throws: { error in
            if case ShellWords.Malformed.forbidden = error { true } else { false }
        }
    }

    @Test(arguments: ["a 'b", "a \"b", "a b\\", "'", "\"\\\""])
    func refusesUnbalancedQuotes(command: String) {
        #expect(throws: ShellWords.Malformed.unbalancedQuotes) { try split(command) }
    }

    @Test func boundsLengthAndCount() {
        #expect(throws: ShellWords.Malformed.empty) { try split("") }
        #expect(throws: ShellWords.Malformed.empty) { try split("   ") }
        #expect(throws: ShellWords.Malformed.tooLong) { try split(String(repeating: "a", count: 4_097)) }
        #expect(throws: ShellWords.Malformed.tooManyWords) { try split("a b c d e f g h i") }
    }
}
