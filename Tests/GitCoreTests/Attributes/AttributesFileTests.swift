import GitCore
import GranaryTesting
import Testing

@Suite struct AttributesFileTests {
    private static let patternParts = [
        "a", "b", "c", "/", "/", "*", "**", "?", "[ab]", "[!a]", "[a-b]", "[^/]", "\\", "**/", "/**", "[]a]",
        "[[:alpha:]]", "[[:nope:]]", "[", "]", "-",
    ]
    private static let pathParts = ["a", "b", "c", "ab", "/", "d", "*", "[", "]", "\\", "-"]

    /// Which of four hundred random patterns are about which of as many paths.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func matchesWhatGitMatches(seed: UInt64) async throws {
        var random = SeededRandom(seed)
        let patterns = (0..<400).map { _ in random.text(of: Self.patternParts, limit: 7) }
        let paths = Set((0..<400).map { _ in random.path(of: Self.pathParts) }.filter { !$0.isEmpty }).sorted()
        let text = patterns.enumerated().map { "\($1) p\($0)\n" }.joined()
        let rules = AttributesFile(parsing: Array(text.utf8), isRoot: true).rules
        var ours: Set<String> = []
        for path in paths {
            let isDirectory = path.hasSuffix("/")
            let bytes = Array(path.utf8).dropLast(isDirectory ? 1 : 0)
            let name = bytes.lastIndex(of: UInt8(ascii: "/")).map { bytes[($0 + 1)...] } ?? bytes
            for rule in rules where rule.matches(bytes, name: name, isDirectory: isDirectory) {
                ours.formUnion(rule.assignments.map { "\(path) \($0.name)" })
            }
        }
        let theirs = try await stock(text, paths)
        #expect(ours.count > 1_000)
        #expect(ours.symmetricDifference(theirs).isEmpty)
    }

    /// What `git check-attr` says is set.
    private func stock(_ attributes: String, _ paths: [String]) async throws -> Set<String> {
        let folder = try TemporaryDirectory("attributes")
        try folder.write(".gitattributes", attributes)
        var command = Command("git", ["init", "--quiet", "."])
        command.directory = folder.path
        command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path]
        try await command.run().required()
        command.arguments = ["check-attr", "-z", "--stdin", "-a"]
        command.input = Array(paths.joined(separator: "\0").utf8) + [0]
        let output = try await command.run().required().standardOutput.split(separator: 0)
        return Set(
            stride(from: 0, to: output.count - 2, by: 3).filter { output[$0 + 2].elementsEqual("set".utf8) }.map {
                output[$0...($0 + 1)].map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
            }
        )
    }

    @Test func readsLinesAsGitDoes() {
        let text = """
            # comment\r
            \ta.txt\t one -two !three four=x=y \r

            "b \\303\\244\\t\\"" five
            !negated six
            [attr]macro -one
            "unfinished seven
            """
        let file = AttributesFile(parsing: [0xef, 0xbb, 0xbf] + Array(text.utf8), isRoot: true)
        #expect(
            file.rules.map { $0.assignments.map(\.name) } == [["one", "two", "three", "four"], ["five"], ["seven"]]
        )
        #expect(file.rules.first?.assignments.map(\.state) == [.set, .unset, .unspecified, .value(Array("x=y".utf8))])
        let quoted = Array("b \u{e4}\t\"".utf8)
        #expect(file.rules[1].matches(quoted[...], name: quoted[...], isDirectory: false))
    }
}

extension SeededRandom {
    /// Up to `limit` parts, without what is special at the start of a line.
    fileprivate mutating func text(of parts: [String], limit: Int) -> String {
        (0...below(limit)).map { _ in parts[below(parts.count)] }.joined()
    }

    /// A path without empty components; some end in a slash.
    fileprivate mutating func path(of parts: [String]) -> String {
        let path = text(of: parts, limit: 8).split(separator: "/").joined(separator: "/")
        return path.isEmpty || below(2) == 0 ? path : path + "/"
    }
}
