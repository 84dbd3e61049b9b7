import Foundation
import Glibc
import GranaryTesting
import Testing

@Suite("Imported directories", .serialized, .sharedServer)
struct ImportedDirectories {
    private func run(_ arguments: String...) async throws -> CommandResult {
        try await SharedServer.running.server.run(["import"] + arguments)
    }

    /// The content that a client gets; nil unless the answer is 200.
    private func served(_ address: String, _ path: String) async throws -> [UInt8]? {
        let shared = try SharedServer.running
        let answer = try await shared.server.curl(
            "GET",
            "/\(address)/resolve/main/\(path)",
            headers: [shared.alice.bearer]
        )
        return answer.status == 200 ? answer.body : nil
    }

    @Test func smallAndLargeFilesAreServedAsTheyWere() async throws {
        let directory = try TemporaryDirectory("import")
        let large = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0 &* 31 &+ $0 >> 8) }
        _ = try directory.directory("data")
        try directory.write("README.md", "# Imported\n")
        try directory.write(".gitattributes", "*.marked filter=lfs diff=lfs merge=lfs -text\n")
        try directory.write("data/small.marked", "large by its attributes\n")
        try directory.write("data/large.bin", large)
        symlink("data/large.bin", directory.path("again.bin"))
        let name = "alice/\(Story.freshName("import"))"
        let planned = try await run("dir", directory.path, name, "--dry-run").required()
        #expect(planned.output.contains("3 large files of") && planned.output.contains("2 files of"))
        #expect(try await served(name, "README.md") == nil)
        _ = try await run("dir", directory.path, name).required()
        #expect(try await served(name, "README.md") == Array("# Imported\n".utf8))
        #expect(try await served(name, "data/large.bin") == large)
        #expect(try await served(name, "again.bin") == large)
        let pointer = try await SharedServer.running.server.run(["repo", "cat", name, "data/small.marked"]).required()
        #expect(pointer.output.hasPrefix("version https://git-lfs.github.com/spec/v1"))
        let log = { try await SharedServer.running.server.run(["repo", "log", name, "--json"]).required().output }
        let before = try await log()
        _ = try await run("dir", directory.path, name).required()
        #expect(try await log() == before, "nothing new makes no commit")
    }

    @Test func onlyReplacingDeletes() async throws {
        let directory = try TemporaryDirectory("import")
        try directory.write("first.txt", "1\n")
        let name = "alice/\(Story.freshName("import"))"
        _ = try await run("dir", directory.path, name).required()
        unlink(directory.path("first.txt"))
        try directory.write("second.txt", "2\n")
        _ = try await run("dir", directory.path, name).required()
        #expect(try await served(name, "first.txt") != nil)
        _ = try await run("dir", directory.path, name, "--replace").required()
        #expect(try await served(name, "first.txt") == nil)
        #expect(try await served(name, "second.txt") != nil)
    }

    @Test(.timeLimit(.minutes(2)))
    func whatDoesNotBelongInIsLeftOutAndSaid() async throws {
        let (outside, directory) = (try TemporaryDirectory("outside"), try TemporaryDirectory("import"))
        try outside.write("secret", "not for anybody\n")
        try directory.write("good.txt", "good\n")
        symlink(outside.path("secret"), directory.path("absolute"))
        symlink("../\(URL(fileURLWithPath: outside.path).lastPathComponent)/secret", directory.path("relative"))
        symlink("loop", directory.path("loop"))
        symlink(".", directory.path("cycle"))
        symlink("nowhere", directory.path("dangling"))
        #expect(mkfifo(directory.path("pipe"), 0o600) == 0)
        _ = try directory.directory(".git")
        try directory.write(".git/config", "[core]\n")
        #expect(mkdir(directory.path(".GIT"), 0o700) == 0)
        try directory.write(".GIT/config", "[core]\n")
        let latin: [CChar] = Array(directory.path("").utf8CString.dropLast()) + [CChar(bitPattern: 0xE9), 0]
        close(open(latin, O_CREAT | O_WRONLY, 0o600))
        let name = "alice/\(Story.freshName("import"))"
        let result = try await run("dir", directory.path, name)
        #expect(result.status == 1, "\(result)")
        for left in ["absolute", "relative", "loop", "cycle", "dangling", "pipe", ".GIT/config", "UTF-8"] {
            #expect(result.errorText.contains(left), "\(left) in \(result)")
        }
        let files = try await SharedServer.running.server.run(["repo", "files", name, "--json"]).required()
        let rows = try #require(try JSONSerialization.jsonObject(with: Data(files.standardOutput)) as? [[String: Any]])
        #expect(rows.compactMap { $0["name"] as? String } == ["good.txt"])
    }

    @Test func wrongArgumentsAreSaid() async throws {
        let directory = try TemporaryDirectory("import")
        try directory.write("file", "text\n")
        #expect(try await run("dir", directory.path("none"), "alice/none").status == 3)
        #expect(try await run("dir", directory.path("file"), "alice/none").status == 2)
        #expect(try await run("dir", directory.path, "nobody-here/none").status == 3)
        #expect(try await run("dir", directory.path, "alice/none", "--branch", "a..b").status == 2)
    }
}
