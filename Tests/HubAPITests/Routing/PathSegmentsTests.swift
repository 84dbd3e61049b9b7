import HubAPI
import Testing

@Suite struct PathSegmentsTests {
    @Test(arguments: [
        ("/", [""]),
        ("/a/b", ["a", "b"]),
        ("/a/b/", ["a", "b", ""]),
        ("/a%20b/%C3%A9", ["a b", "é"]),
        ("/%2541", ["%41"]),
        ("/a...b/.c/..d", ["a...b", ".c", "..d"]),
    ])
    func decodesEachSegmentOnce(path: String, segments: [String]) throws {
        #expect(try PathSegments(path).segments == segments)
    }

    @Test(arguments: [
        ("/a%2fb", PathError.forbiddenByte(0x2f)),
        ("/a%2Fb", .forbiddenByte(0x2f)),
        ("/a%5cb", .forbiddenByte(0x5c)),
        ("/a\\b", .forbiddenByte(0x5c)),
        ("/a%00", .forbiddenByte(0)),
        ("/a%0d%0ab", .forbiddenByte(0x0d)),
        ("/a\u{1}", .forbiddenByte(1)),
        ("/a%7f", .forbiddenByte(0x7f)),
        ("/..", .dotSegment),
        ("/a/../b", .dotSegment),
        ("/a/./b", .dotSegment),
        ("/a/%2e%2e/b", .dotSegment),
        ("/a/%2E./b", .dotSegment),
        ("/%2e", .dotSegment),
        ("/%c0%af", .notUTF8),
        ("/%c0%ae%c0%ae", .notUTF8),
        ("/%e0%80%af", .notUTF8),
        ("/%ff", .notUTF8),
        ("/%ed%a0%80", .notUTF8),
        ("/%", .badEscape),
        ("/%4", .badEscape),
        ("/%zz", .badEscape),
        ("/%+1", .badEscape),
        ("", .notAbsolute),
        ("a/b", .notAbsolute),
        ("*", .notAbsolute),
        ("/" + String(repeating: "a", count: 5_000), .tooLong),
    ])
    func refusesAmbiguousPaths(path: String, error: PathError) {
        #expect(throws: error) { try PathSegments(path) }
    }

    @Test func letsEncodedSlashesThroughWhereTheyAreData() throws {
        #expect(try PathSegments("/a/feat%2Fx", allowsEncodedSlash: true).segments == ["a", "feat/x"])
        #expect(throws: PathError.dotSegment) { try PathSegments("/a%2F..%2Fb", allowsEncodedSlash: true) }
    }
}
