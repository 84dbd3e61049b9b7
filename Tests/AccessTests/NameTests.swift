import Access
import Testing

@Suite struct NameTests {
    @Test(arguments: [
        "a", "A", "0", "bert-base-uncased", "Llama-3.1_8B", "_x_", "a.b", "v1.git2", "git", "lock",
        String(repeating: "x", count: 96),
    ])
    func takesNamesThatKeepTheRules(text: String) throws {
        #expect(try RepositoryName(text).text == text)
    }

    @Test(arguments: [
        ("", NameError.empty),
        (String(repeating: "x", count: 97), .tooLong(97)),
        ("a b", .forbiddenCharacter(" ")),
        ("a/b", .forbiddenCharacter("/")),
        ("a\\b", .forbiddenCharacter("\\")),
        ("a\u{0}", .forbiddenCharacter("\u{0}")),
        ("аdmin", .forbiddenCharacter("\u{430}")),
        ("e\u{301}", .forbiddenCharacter("\u{301}")),
        ("\u{212A}elvin", .forbiddenCharacter("\u{212A}")),
        ("a%2e", .forbiddenCharacter("%")),
        ("a--b", .doubled("--")),
        ("a..b", .doubled("..")),
        ("..", .doubled("..")),
        (".", .badEdge(".")),
        ("-upload-pack", .badEdge("-")),
        ("a-", .badEdge("-")),
        (".hidden", .badEdge(".")),
        ("a.", .badEdge(".")),
        ("a.git", .forbiddenSuffix(".git")),
        ("a.GIT", .forbiddenSuffix(".git")),
        ("a.ipynb", .forbiddenSuffix(".ipynb")),
        ("main.Lock", .forbiddenSuffix(".lock")),
    ])
    func refusesNamesThatBreakARule(text: String, error: NameError) {
        #expect(throws: error) { try RepositoryName(text) }
        #expect(throws: error) { try NamespaceName(text) }
    }

    @Test(arguments: [
        "api", "API", "assets", "admin", "Admin", "info", "objects", "lfs", "hf", "csg", "xet", "models", "model",
        "datasets",
        "spaces", "codes", "mcpservers", "mcp", "skills", "healthz", "readyz", "metrics", "settings", "login", "logout",
        "join", "new", "docs", "static", "resolve",
    ])
    func keepsTheHubsOwnWordsFromNamespaces(text: String) throws {
        #expect(throws: NameError.reserved(text)) { try NamespaceName(text) }
        #expect(try RepositoryName(text).text == text)
    }

    @Test func foldsAsciiLettersOnly() throws {
        #expect(try NamespaceName("ACME-Corp_9").folded == "acme-corp_9")
        #expect(NamespaceName.firstAdministrator.text == "admin")
    }

    @Test(arguments: [
        NameError.empty, .tooLong(97), .forbiddenCharacter("\u{1b}"), .doubled("--"), .badEdge("-"),
        .forbiddenSuffix(".git"),
        .reserved("api"),
    ])
    func explainsItselfWithoutControlCharacters(error: NameError) {
        #expect(error.description.hasSuffix("."))
        #expect(error.description.unicodeScalars.allSatisfy { $0.value >= 0x20 && $0.value < 0x7f })
    }
}
