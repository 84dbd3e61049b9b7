import JSON
import NIOCore
import Testing

struct JSONValueTests {
    private func parse(_ text: String, values: Int = 1_000) throws -> JSONValue {
        try parse(Array(text.utf8), values: values)
    }

    private func parse(_ bytes: [UInt8], values: Int = 1_000) throws -> JSONValue {
        var limits = JSONLimits(bytes: 1 << 20)
        limits.values = values
        return try JSONValue(parsing: bytes, limits: limits)
    }

    @Test(arguments: [
        ("null", JSONValue.null), (" true ", .bool(true)), ("\t\r\nfalse", .bool(false)), ("0", .integer(0)),
        ("-0", .integer(0)), ("-12", .integer(-12)), ("9223372036854775807", .integer(.max)),
        ("-9223372036854775808", .integer(.min)), ("9223372036854775808", .number("9223372036854775808")),
        ("1.0", .number("1.0")), ("1e3", .number("1e3")), ("1E-3", .number("1E-3")), ("0.5e+1", .number("0.5e+1")),
        (#""""#, .string("")), (#""a\"\\\/\b\f\n\r\tz""#, .string("a\"\\/\u{8}\u{c}\n\r\tz")),
        (#""\u00e9\ud83d\ude00\u0000""#, .string("é😀\0")), ("\"é\"", .string("é")), ("[]", .array([])),
        ("[1, [2]]", .array([.integer(1), .array([.integer(2)])])), ("{}", .object([])),
        (#"{"a":1,"a":2}"#, .object([.init("a", .integer(1)), .init("a", .integer(2))])),
    ])
    func reads(text: String, value: JSONValue) throws {
        #expect(try parse(text) == value)
    }

    @Test(arguments: [
        "", " ", "nul", "nulls", "tru", "True", "01", "-", "-01", "1.", ".5", "1e", "1e+", "+1", "0x10", "NaN",
        "Infinity",
        "\"", "\"a", "\"\\\"", "\"\\x\"", "\"\\u12\"", "\"\\u12g4\"", "\"\\ud800\"", "\"\\ud800\\u0041\"",
        "\"\\udc00\"", "\"a\nb\"", "\"\0\"", "[", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "{", "{\"a\"", "{\"a\":",
        "{\"a\":1", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "1 2", "[]]", "// x\n1", "\u{feff}1", "'a'", "[1]\0",
    ])
    func refuses(text: String) {
        #expect(throws: JSONError.self) { try parse(text) }
    }

    @Test(arguments: [
        [0x22, 0xff, 0x22], [0x22, 0xc0, 0x80, 0x22], [0x22, 0xed, 0xa0, 0x80, 0x22], [0x22, 0xe2, 0x82, 0x22],
    ])
    func refusesInvalidUTF8(bytes: [UInt8]) {
        #expect(throws: JSONError.malformed(at: 1)) { try parse(bytes) }
    }

    @Test(arguments: ["[", "{\"a\":", "[{\"a\":["])
    func refusesDeepNestingWithoutCrashing(opening: String) {
        #expect(throws: JSONError.tooDeep) { try parse(String(repeating: opening, count: 100_000)) }
    }

    @Test func nestsUpToTheLimit() throws {
        let deep = String(repeating: "[", count: 32) + String(repeating: "]", count: 32)
        #expect(throws: Never.self) { try parse(deep) }
        #expect(throws: JSONError.tooDeep) { try parse("[" + deep + "]") }
    }

    @Test func countsValuesAndBytes() throws {
        #expect(throws: Never.self) { try parse("[1,2,{\"a\":3}]", values: 5) }
        #expect(throws: JSONError.tooLarge) { try parse("[1,2,{\"a\":3}]", values: 4) }
        #expect(throws: JSONError.tooLarge) { try JSONValue(parsing: Array("[1]".utf8), limits: JSONLimits(bytes: 2)) }
    }

    @Test func takesTheLastOfSeveralMembers() throws {
        let value = try parse(#"{"a":1,"b":null,"a":"x"}"#)
        #expect(value["a"]?.text == "x")
        #expect(value["b"] == nil)
        #expect(try parse("[1]")["a"] == nil)
    }

    @Test func namesAreComparedByteForByte() throws {
        #expect(try parse("{\"e\u{301}\":1}")["\u{e9}"] == nil)
    }

    @Test func writesWhatItReads() throws {
        let text = #"{"a":[null,true,false,-1,1.50,"q\"\\\u000a\u001f/é😀"],"":{}}"#
        #expect(String(buffer: try parse(text).encoded()) == text)
    }
}
