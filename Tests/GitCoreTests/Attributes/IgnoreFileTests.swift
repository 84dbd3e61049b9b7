import GitCore
import GranaryTesting
import Testing

/// Files are left out where stock git leaves them out.
@Suite("Rules of .gitignore")
struct IgnoreFileTests {
    private static let rules = """
        # a comment
        *.log
        !keep.log
        /root
        build/
        doc/*.txt
        **/deep/**/x
        a/**/b
        \\#odd
        \\!bang
        trailing\\ \n\
        spaces   \n\
        [ab]c
        ?q
        data/**
        !data/kept
        x*y

        /sub/only
        """

    private static let paths = [
        "a.log", "keep.log", "d/a.log", "d/keep.log", "root", "d/root", "build", "build/x", "d/build/y", "doc/a.txt",
        "doc/b/a.txt", "x/doc/a.txt", "deep/x", "a/deep/b/x", "a/deep/b/c/x", "a/b", "a/x/b", "a/x/y/b", "c/a/b",
        "#odd",
        "!bang", "trailing ", "trailing", "spaces", "ac", "bc", "cc", "d/ac", "zq", "zzq", "data/x", "data/kept",
        "data/d/e", "xy", "xzzy", "x/y", "sub/only", "d/sub/only", "keep.log/inner.log",
    ]

    @Test func agreesWithStockGit() async throws {
        let folder = try TemporaryDirectory("ignore")
        func git(_ arguments: String..., input: String = "") async throws -> CommandResult {
            var command = Command("git", arguments)
            command.environment = ["GIT_CONFIG_NOSYSTEM": "1", "HOME": folder.path]
            command.directory = folder.path
            command.input = Array(input.utf8)
            return try await command.run()
        }
        _ = try await git("init", "--quiet", ".").required()
        let rules = try ObjectRules.write(Self.rules, to: folder.path(".gitignore"))
        let listed = Self.paths.joined(separator: "\0") + "\0"
        let stock = try await git("check-ignore", "--no-index", "--stdin", "-z", input: listed)
        let ignored = Set(stock.standardOutput.split(separator: 0).map { String(decoding: $0, as: UTF8.self) })
        for path in Self.paths {
            #expect(rules.ignores(try TreePath(path)) == ignored.contains(path), "\(path)")
        }
    }
}

/// A file of rules on the disk and in memory.
private enum ObjectRules {
    static func write(_ text: String, to path: String) throws -> IgnoreFile {
        try Directories.replaceFile(path, with: Array(text.utf8), durable: false)
        return IgnoreFile(parsing: Array(text.utf8))
    }
}
