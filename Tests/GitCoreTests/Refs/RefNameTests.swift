import GitCore
import Testing

struct RefNameTests {
    private func parse(_ text: String) throws -> RefName {
        try RefName(validating: Array(text.utf8))
    }

    @Test(arguments: [
        "refs/heads/main", "refs/heads/feature/über", "refs/tags/v1.0", "refs/heads/@", "refs/heads/a-b",
        "refs/heads/a.lock.b",
        "refs/heads/{x}", "refs/pr/1", "refs/heads/日本", "refs/heads/0123456789012345678901234567890123456789/x",
        "refs/heads/012345678901234567890123456789012345678", "refs/notes/HEAD", "refs/heads/a\"b'c$d;e&f|g",
    ])
    func acceptsWhatGitAccepts(_ name: String) throws {
        #expect(try parse(name).string == name)
        #expect(try parse(name).bytes == Array(name.utf8))
    }

    private static let dangerous: [(String, RefNameError)] = [
        ("", RefNameError.notBelowRefs), ("HEAD", .notBelowRefs), ("@", .notBelowRefs), ("main", .notBelowRefs),
        ("heads/main", .notBelowRefs), ("refsx/heads/a", .notBelowRefs), ("/refs/heads/a", .notBelowRefs),
        ("refs", .onlyOneComponent), ("refs/x", .onlyOneComponent), ("refs/", .onlyOneComponent),
        ("refs/heads/", .emptyComponent), ("refs//a", .emptyComponent), ("refs/heads//a", .emptyComponent),
        ("refs/heads/a/", .emptyComponent), ("refs/heads/.a", .leadingDot), ("refs/heads/a/.b/c", .leadingDot),
        ("refs/heads/a.", .trailingDot), ("refs/heads/a..b", .forbiddenSequence("..")),
        ("refs/heads/../../x", .forbiddenSequence("..")), ("refs/heads/a@{b", .forbiddenSequence("@{")),
        ("refs/heads/a.lock", .lockSuffix), ("refs/heads/a.lock/b", .lockSuffix), ("refs/heads/-a", .leadingDash),
        ("refs/heads/a/--upload-pack=x", .leadingDash), ("-refs/heads/a", .notBelowRefs),
        ("refs/heads/a b", .forbiddenByte(0x20)), ("refs/heads/a\nb", .forbiddenByte(0x0a)),
        ("refs/heads/a\0b", .forbiddenByte(0)), ("refs/heads/a\u{7f}", .forbiddenByte(0x7f)),
        ("refs/heads/a\u{1b}[0m", .forbiddenByte(0x1b)), ("refs/heads/a~1", .forbiddenByte(0x7e)),
        ("refs/heads/a^", .forbiddenByte(0x5e)), ("refs/heads/a:b", .forbiddenByte(0x3a)),
        ("refs/heads/a?", .forbiddenByte(0x3f)), ("refs/heads/*", .forbiddenByte(0x2a)),
        ("refs/heads/[a", .forbiddenByte(0x5b)), ("refs/heads/a\\b", .forbiddenByte(0x5c)),
        ("refs/heads/0123456789012345678901234567890123456789", .looksLikeObjectID),
        ("refs/heads/ABCDEF7890123456789012345678901234567890", .looksLikeObjectID),
        ("refs/tags/0123456789012345678901234567890123456789", .looksLikeObjectID),
        ("refs/heads/" + String(repeating: "a", count: 64), .looksLikeObjectID), ("refs/heads/HEAD", .reserved),
        ("refs/heads/" + String(repeating: "x", count: 256), .componentTooLong),
        ("refs/" + String(repeating: "x/", count: 32) + "x", .tooManyComponents),
        ("refs/heads/" + String(repeating: "xy/", count: 400), .tooLong),
    ]

    @Test(arguments: dangerous)
    func refusesWhatIsDangerous(_ name: String, _ error: RefNameError) {
        #expect(throws: error) { try parse(name) }
        #expect(!error.message.isEmpty)
    }

    @Test
    func refusesBytesThatAreNotUTF8() {
        #expect(throws: RefNameError.notUTF8) { try RefName(validating: Array("refs/heads/".utf8) + [0xff]) }
        #expect(throws: RefNameError.notUTF8) { try RefName(validating: Array("refs/heads/".utf8) + [0xc0, 0xaf]) }
    }

    @Test
    func comparesBytesAndNotCanonicalEquivalents() throws {
        #expect(try parse("refs/heads/\u{e9}") != parse("refs/heads/e\u{301}"))
        #expect(try parse("refs/heads/a-b") < parse("refs/heads/a/b"))
        #expect(try parse("refs/heads/B") < parse("refs/heads/a"))
    }

    @Test(arguments: [
        "refs/x", "refs/heads/-a", "refs/heads/a.lock", "refs/heads/0123456789012345678901234567890123456789",
        "refs/heads/a~b",
    ])
    func lenientNamesCanBeDeleted(_ name: String) throws {
        #expect(try RefName(lenient: Array(name.utf8)).string == name)
    }

    @Test(arguments: [
        "", "HEAD", "refs/heads/../x", "refs/heads/a b", "refs/heads/a\nb", "refs//a", "refs/", "../refs/a",
    ])
    func lenientNamesStaySafe(_ name: String) {
        #expect(throws: RefNameError.self) { try RefName(lenient: Array(name.utf8)) }
    }

    private static let namespaces: [(String, Bool, Bool, Bool, String)] = [
        ("refs/heads/main", true, false, false, "main"), ("refs/tags/v1", true, false, false, "v1"),
        ("refs/notes/commits", true, false, false, "notes/commits"), ("refs/pr/1", false, false, true, "pr/1"),
        ("refs/merge-requests/1/head", false, false, true, "merge-requests/1/head"),
        ("refs/granary/x", false, true, true, "granary/x"),
        ("refs/remotes/origin/main", false, true, true, "remotes/origin/main"),
        ("refs/replace/x", false, true, true, "replace/x"), ("refs/granaryx/x", true, false, false, "granaryx/x"),
    ]

    @Test(arguments: namespaces)
    func knowsTheNamespaces(
        _ text: String,
        _ isWritable: Bool,
        _ isHidden: Bool,
        _ isUnadvertised: Bool,
        _ short: String
    ) throws {
        let name = try parse(text)
        #expect(name.isWritableByClients == isWritable)
        #expect(name.isHidden == isHidden)
        #expect(name.isUnadvertised == isUnadvertised)
        #expect(name.shortName == short)
        #expect(name.isBranch == text.hasPrefix("refs/heads/"))
        #expect(name.isTag == text.hasPrefix("refs/tags/"))
    }
}

struct RefNamePatternTests {
    private static let matching: [(String, String, Bool)] = [
        ("main", "refs/heads/main", true), ("main", "refs/heads/main2", false), ("main", "refs/tags/main", false),
        ("release/*", "refs/heads/release/1", true), ("release/*", "refs/heads/release/1/2", false),
        ("release/**", "refs/heads/release/1/2", true), ("*", "refs/heads/a", true), ("*", "refs/heads/a/b", false),
        ("**", "refs/heads/a/b", true), ("refs/tags/v*", "refs/tags/v1", true), ("refs/tags/v*", "refs/tags/v", true),
        ("refs/tags/v*.0", "refs/tags/v1.0", true), ("refs/tags/v*.0", "refs/tags/v1.0.1", false),
        ("refs/**", "refs/heads/a/b", true), ("a*b*c", "refs/heads/aXbXbXc", true),
        ("a*b*c", "refs/heads/aXcXb", false),
        ("**/stable", "refs/heads/a/b/stable", true), ("**/stable", "refs/heads/stable", false),
        ("a**", "refs/heads/a", true),
    ]

    @Test(arguments: matching)
    func matches(_ pattern: String, _ name: String, _ result: Bool) throws {
        let name = try RefName(validating: Array(name.utf8))
        #expect(try RefNamePattern(parsing: pattern).matches(name) == result)
    }

    @Test(arguments: [
        "", "a..b", "a b", "-x", "a[b]", "a?", "refs/heads/", "a.lock", "x/", String(repeating: "a", count: 256),
    ])
    func refusesPatternsThatMatchNothing(_ pattern: String) {
        #expect(throws: RefNamePatternError.self) { try RefNamePattern(parsing: pattern) }
    }

    /// The time limit is for what is exponential.
    @Test(.timeLimit(.minutes(1)))
    func isNotSlowForAnyPattern() throws {
        let pattern = try RefNamePattern(parsing: String(repeating: "*a", count: 120) + "b")
        let name = try RefName(validating: Array(("refs/heads/" + String(repeating: "a", count: 250)).utf8))
        for _ in 0..<20 { #expect(!pattern.matches(name)) }
    }
}
