import Foundation
import HubCore
import JSON
import Testing

@Suite struct YAMLReaderTests {
    private func read(_ yaml: String) throws -> JSONValue {
        try YAMLReader.metadata(ArraySlice(yaml.utf8))
    }

    private func fault(_ yaml: [UInt8]) -> CardFault? {
        do throws(CardFault) {
            _ = try YAMLReader.metadata(yaml[...])
            return nil
        } catch {
            return error
        }
    }

    private func isTooMuch(_ yaml: String) -> Bool {
        if case .tooMuch = fault(Array(yaml.utf8)) { true } else { false }
    }

    private static let scalars: [(String, JSONValue)] = [
        ("x: no", JSONValue.string("no")), ("x: yes", "yes"), ("x: true", true), ("x: ~", .null), ("x:", .null),
        ("x: 'true'", "true"), ("x: 12", 12), ("x: -0", 0), ("x: 007", "007"), ("x: 0x1F", 31), ("x: 0o17", 15),
        ("x: 1_000", "1_000"), ("x: 1:30", "1:30"), ("x: 1.50", .number("1.50")), ("x: .5", .number("0.5")),
        ("x: 1.", .number("1.0")), ("x: +1.5", .number("1.5")), ("x: 1e5", .number("1e5")), ("x: 1e999", .null),
        ("x: .nan", .null), ("x: -.inf", .null), ("x: 9223372036854775808", .number("9223372036854775808")),
        ("x: 2024-01-31", "2024-01-31"), ("x: 2001-12-14t21:59:43.10-05:00", "2001-12-14t21:59:43.10-05:00"),
        ("x: !!binary aGVsbG8=", "aGVsbG8="), ("x: !!str 12", "12"), ("x: !!int '12'", 12), ("x: !custom 12", "12"),
        ("x: 1.2.3", "1.2.3"), ("x: 1e", "1e"), ("x: .", "."), ("x: 'it''s'", "it's"),
        ("x: |\n  a\n  b\n", "a\nb\n"), ("x: [1, [2, {a: 3}]]", [1, [2, ["a": 3]]]),
    ]

    @Test(arguments: scalars)
    func readsScalars(_ yaml: String, _ value: JSONValue) throws {
        guard case .object(let members) = try read(yaml) else { return #expect(Bool(false)) }
        #expect(members.map(\.name) == ["x"] && members.first?.value == value, "\(members)")
    }

    @Test func keysAreWords() throws {
        let card = try read("1: a\ntrue: b\n~: c\n2024-01-01: d\n")
        #expect(card == ["1": "a", "true": "b", "~": "c", "2024-01-01": "d"])
        #expect(fault(Array("[a]: b\n".utf8)) != nil)
        #expect(fault(Array("? {a: b}\n: c\n".utf8)) != nil)
    }

    @Test func nothingIsAnEmptyObject() throws {
        for yaml in ["", "\n", "# only a comment\n", "~"] { #expect(try read(yaml) == [:]) }
    }

    @Test(arguments: ["- a\n", "text", "12", "[]"])
    func otherThingsAreNoMetadata(_ yaml: String) {
        #expect(fault(Array(yaml.utf8)) == .notAMapping)
    }

    @Test(arguments: [
        "a: b: c", "a: [", "a: \"", "\ta: 1", "a: *nothing", "a: 1\na: 2\n", "a: 1\n...\nb: 2\n",
        "%YAML 9.9\n---\na: 1",
        "a: \u{0}", "a: \u{1}", "a: &x", "&", "*", "!", "a: !<", "@a: 1", "{", "? - ? - :",
    ])
    func brokenTextIsNoCrash(_ yaml: String) {
        _ = fault(Array(yaml.utf8))
    }

    @Test func tellsTheLine() {
        guard case .malformed(let line, _) = fault(Array("a: 1\nb: @x\nc: 2\n".utf8)) else {
            return #expect(Bool(false))
        }
        #expect(line == 2)
        guard case .malformed(_, let problem) = fault(Array("a: 1\na: 2\n".utf8)) else { return #expect(Bool(false)) }
        #expect(problem.contains("'a'"))
    }

    @Test func wrongUTF8IsTold() {
        #expect(fault(Array("a: ".utf8) + [0xff, 0xfe]) == .encoding)
        #expect(fault(Array("a: ".utf8) + [0xed, 0xa0, 0x80]) == .encoding)
        #expect(fault(Array("a: \"\\ud800\"".utf8)) != nil)
    }

    @Test func mergesWhatIsToBeMerged() throws {
        let card = try read("base: &base {a: 1, b: 2}\nx:\n  <<: *base\n  b: 3\ny:\n  <<: [*base, {c: 4}]\n")
        #expect(card["x"] == ["b": 3, "a": 1])
        #expect(card["y"] == ["a": 1, "b": 2, "c": 4])
    }

    @Test func aliasesRepeatWhatTheyName() throws {
        let card = try read("a: &x [1, 2]\nb: *x\nc: {d: *x,e: 1}\n")
        #expect(card["b"] == [1, 2] && card["c"]?["d"] == [1, 2])
    }

    /// Each would take minutes, gigabytes or the stack.
    @Test func bombsAreDefused() throws {
        let laughs = (1...9).map { level in
            "l\(level): &l\(level) [\(Array(repeating: level == 1 ? "lol" : "*l\(level - 1)", count: 9).joined(separator: ", "))]"
        }.joined(separator: "\n")
        let doubled = (1...60).map {
            "k\($0): &k\($0) [\($0 == 1 ? "a" : "*k\($0 - 1)"),\($0 == 1 ? "a" : "*k\($0 - 1)")]"
        }
        .prefix(30).joined(separator: "\n")
        let keys = (1...30).map { "- &k\($0) [\($0 == 1 ? "a" : "*k\($0 - 1)"), \($0 == 1 ? "a" : "*k\($0 - 1)")]" }
            .joined(separator: "\n")
        let longTexts =
            "a: &a \"\(String(repeating: "x", count: 100_000))\"\n"
            + (1...60).map { "b\($0): *a\n" }.joined()
        let bombs: [String] = [
            laughs, doubled, longTexts, "l:\n\(keys)\nx:\n  ? *k30\n  : 1\n", "l:\n\(keys)\nx: {*k30 : 1}\n",
            "l:\n\(keys)\nx: {[*k30]: 1}\n", "l:\n\(keys)\nx:\n  *k30 : 1\n", "l:\n\(keys)\nx: {? *k30 : 1}\n",
            "l:\n\(keys)\n<<: {*k30: 1}\n", "a: \(String(repeating: "[", count: 100_000))",
            "a: \(String(repeating: "{a: ", count: 100_000))", String(repeating: "- ", count: 100_000),
            "a:\n" + (1...2_000).map { String(repeating: " ", count: $0) + "a:\n" }.joined(),
            String(repeating: "? ", count: 100_000), "a: [\(String(repeating: "a,", count: 200_000))]",
            String(repeating: "a: 1\n", count: 100_000), "a: " + String(repeating: "x", count: 600_000),
            (1...70_000).map { "k\($0):\n" }.joined(),
        ]
        for (number, bomb) in bombs.enumerated() {
            #expect(isTooMuch(bomb), "bomb \(number)")
        }
    }

    @Test func whatIsLargeAndHonestIsRead() throws {
        let features = (1...3_000).map { "  - name: column_\($0)\n    dtype: string\n" }.joined()
        let card = try read("dataset_info:\n  features:\n\(features)")
        #expect(card["dataset_info"]?["features"]?.elements?.count == 3_000)
    }

    /// Random bytes and random edits of a real card: nothing but an answer or a fault may come.
    @Test func survivesRandomEdits() {
        let seed = Array("license: mit\ntags: [a, \"b\"]\nx: &a {b: 'c', d: |\n  e\n}\ny: *a\n? k\n: v\n<<: *a\n".utf8)
        let alphabet = Array("[]{}:,-?*&!|>'\"%@`#~<= \n\tab01\\".utf8) + [0x00, 0x7f, 0xc3, 0xff]
        var random = SystemRandomNumberGenerator()
        for _ in 0..<20_000 {
            var bytes = seed
            for _ in 0..<Int.random(in: 1...6, using: &random) {
                let index = Int.random(in: 0..<bytes.count, using: &random)
                bytes[index] = alphabet[Int.random(in: 0..<alphabet.count, using: &random)]
            }
            _ = fault(bytes)
        }
    }
}
