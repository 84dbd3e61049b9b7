import Foundation
import GranaryTesting
import Testing

/// Commits over the API are git's own, whole or not at all.
@Suite("Commits over REST", .serialized, .sharedServer)
struct CommitsOverREST {
    private struct Scene {
        let story: Story
        let work: GitClient

        init(_ story: Story? = nil) async throws {
            if let story { self.story = story } else { self.story = try await Story.begin() }
            work = try await self.story.seeded()
        }

        static func file(_ path: String, _ text: String) -> String {
            let content = Data(text.utf8).base64EncodedString()
            return #"{"key":"file","value":{"path":"\#(path)","content":"\#(content)","encoding":"base64"}}"#
        }

        func commit(_ lines: [String], summary: String = "over REST", branch: String = "main") async throws
            -> HTTPAnswer
        {
            let header = #"{"key":"header","value":{"summary":"\#(summary)","description":""}}"#
            return try await send(([header] + lines).joined(separator: "\n"), branch: branch)
        }

        func send(_ body: String, branch: String = "main") async throws -> HTTPAnswer {
            try await story.server.curl(
                "POST",
                "/api/models/alice/\(story.repository.name)/commit/\(branch)",
                headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
                body: Array(body.utf8)
            )
        }

        func head() async throws -> String {
            try await work("fetch", "--quiet", "origin")
            return try await work.id("origin/main")
        }
    }

    @Test func contentsArriveInEveryCoat() async throws {
        let scene = try await Scene()
        let text = #"é \"quoted\" \\ \/ \n tab\t 🌾 \u00fc \ud83c\udf3e { } [ ] : , key: content"#
        let lines = [
            #"{"key":"file","value":{"content":"\#(text)","path":"plain.txt","encoding":"utf-8"}}"#,
            #"{"value":{"path":"first.txt","encoding":"base64","content":"Zmlyc3Q="},"key":"file"}"#,
            #"  {"key" : "file" , "value" : { "path":"empty.txt","content" : "" , "encoding":"base64" } }  "#,
            "",
            #"{"key":"deletedFile","value":{"path":"README.md"}}"#,
        ]
        let answer = try await scene.commit(lines, summary: "Ünïcode & \\\"quotes\\\"")
        #expect(answer.status == 200 && answer.json["success"] as? Bool == true, "\(answer)")
        let head = try await scene.head()
        #expect(answer.json["commitOid"] as? String == head)
        let plain = try await scene.work("show", "\(head):plain.txt")
        #expect(plain == "é \"quoted\" \\ / \n tab\t 🌾 ü 🌾 { } [ ] : , key: content")
        #expect(try await scene.work("show", "\(head):first.txt") == "first")
        #expect(try await scene.work("cat-file", "-s", "\(head):empty.txt") == "0")
        let paths = try await scene.work("ls-tree", "-r", "--name-only", head)
        #expect(!paths.contains("README.md"))
        #expect(try await scene.work("log", "-1", "--format=%an %s", head) == "alice Ünïcode & \"quotes\"")
        try await scene.work("fsck", "--strict")
    }

    /// A body, in which HEAD stands for a header and a good file, and the status of its refusal.
    private struct Broken: Sendable, CustomTestStringConvertible {
        let body: String
        let status: Int

        init(_ body: String, _ status: Int = 400) { (self.body, self.status) = (body, status) }

        /// After a header and a good file.
        static func after(_ line: String, _ status: Int = 400) -> Broken { Broken("HEAD\n" + line, status) }

        /// A file that is no file.
        static func file(_ members: String) -> Broken { after(#"{"key":"file","value":{\#(members)}}"#) }

        var testDescription: String { "\(body.prefix(80)): \(status)" }
    }

    private static let broken: [Broken] = [
        Broken(""), Broken("{"), Broken("[]"), Broken(#"{"key":"header","value":{"summary":""}}"#),
        Broken(#"{"key":"file","value":{"path":"a","content":"","encoding":"base64"}}"#),
        .file(#""path":"a","content":"!!!!","encoding":"base64""#),
        .file(#""path":"a","content":"Zmlyc3Q","encoding":"base64""#),
        .after(#"{"key":"file","value":{"path":"a","content":"Zm"#),
        .file(#""path":"a","content":"x\q","encoding":"utf-8""#),
        .file(#""path":"a","content":"\ud83c","encoding":"utf-8""#),
        .file(#""path":"a","content":"x","content":"y","encoding":"utf-8""#),
        .file(#""path":"a","content":"x","encoding":"rot13""#),
        .file(#""path":"../a","content":"x","encoding":"utf-8""#),
        .file(#""path":"a/.git/b","content":"x","encoding":"utf-8""#),
        .file(#""path":"data","content":"x","encoding":"utf-8""#),
        .file(#""path":"README.md/x","content":"x","encoding":"utf-8""#),
        .after(#"{"key":"deletedFile","value":{"path":"nothing"}}"#, 404),
        .after(#"{"key":"deletedFolder","value":{"path":"nothing/"}}"#, 404),
        .after(#"{"key":"lfsFile","value":{"path":"a","algo":"sha256","oid":"ABC","size":1}}"#),
        .after(String(repeating: " ", count: 70_000) + "{}", 413),
    ]

    @Test(arguments: broken)
    private func whatIsNoCommitChangesNothing(_ broken: Broken) async throws {
        let (body, status) = (broken.body, broken.status)
        let scene = try await Scene()
        let before = try await scene.head()
        let header = #"{"key":"header","value":{"summary":"text","description":""}}"#
        let good = "\n" + Scene.file("good.txt", "good")
        let text = body.hasPrefix("HEAD") ? header + good + body.dropFirst(4) : body
        let answer = try await scene.send(text)
        #expect(answer.status == status && answer["x-error-message"]?.isEmpty == false, "\(answer)")
        #expect(try await scene.head() == before)
    }

    @Test func parallelCommittersLoseNothing() async throws {
        let scene = try await Scene()
        let before = try await scene.head()
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<40 {
                group.addTask {
                    try await scene.commit([Scene.file("n/\(number).txt", "\(number)")], summary: "commit \(number)")
                        .status
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.allSatisfy { $0 == 200 }, "\(statuses)")
        let head = try await scene.head()
        #expect(try await scene.work("rev-list", "--count", "\(before)..\(head)") == "40")
        #expect(try await scene.work("rev-list", "--count", "--merges", head) == "0")
        let files = try await scene.work("ls-tree", "--name-only", "\(head):n")
        #expect(files.split(separator: "\n").count == 40)
        try await scene.work("fsck", "--strict")
    }

    @Test func aStaleParentIsRefused() async throws {
        let scene = try await Scene()
        let old = try await scene.head()
        #expect(try await scene.commit([Scene.file("a.txt", "a")]).status == 200)
        let header = #"{"key":"header","value":{"summary":"text","description":"","parentCommit":"\#(old)"}}"#
        let answer = try await scene.send([header, Scene.file("b.txt", "b")].joined(separator: "\n"))
        #expect(answer.status == 412, "\(answer)")
    }

    /// The cost of a commit is that of the folders that it touches: told by the objects that it brings.
    @Test func aCommitBringsTheFoldersThatItTouches() async throws {
        let story = try await Story.begin()
        let work = try await story.git().newRepository("work")
        var stream = FastImport()
        let files = (0..<100_000).map { number in
            (path: "d\(number / 1_000)/s\(number / 100 % 10)/f\(number % 100)", content: Array("\(number)\n".utf8))
        }
        stream.commit("refs/heads/main", files, date: 1_700_000_000, message: "many")
        try await work("fast-import", "--quiet", input: stream.bytes)
        try await work("remote", "add", "origin", story.url())
        try await work("push", "--quiet", "origin", "main")
        let lines = (0..<1_000).map { Scene.file("d7/s\($0 % 10)/new\($0)", "new \($0)") }
        let header = #"{"key":"header","value":{"summary":"a thousand","description":""}}"#
        let answer = try await story.server.curl(
            "POST",
            "/api/models/alice/\(story.repository.name)/commit/main",
            headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
            body: Array(([header] + lines).joined(separator: "\n").utf8)
        )
        #expect(answer.status == 200, "\(answer)")
        let logged = story.server.log.split(separator: "\n").last {
            $0.contains("operation=commit") && $0.contains(story.repository.name)
        }
        // A thousand files, ten folders, the folder around them, the root, and the commit.
        #expect(logged?.contains(" objects=1013 ") == true, "\(logged ?? "")")
        try await work("fetch", "--quiet", "origin")
        #expect(try await work("diff", "--name-only", "main", "origin/main").split(separator: "\n").count == 1_000)
    }
}

/// A server that dies between two commits over the API.
@Suite("Commits and a server that is killed", .serialized, .ownServers)
struct CommitsThroughCrashes {
    @Test func noAcknowledgedCommitIsLost() async throws {
        let story = try await Story.alone()
        let work = try await story.seeded()
        var random = SeededRandom(20_261_126)
        var acknowledged: [String] = []
        for round in 0..<20 {
            let content = Data(random.bytes(200_000)).base64EncodedString()
            let lines = [
                #"{"key":"header","value":{"summary":"round \#(round)","description":""}}"#,
                #"{"key":"file","value":{"path":"f\#(round)","content":"\#(content)","encoding":"base64"}}"#,
            ]
            let delay = Duration.milliseconds(Int.random(in: 0...60, using: &random))
            async let answer = try? story.server.curl(
                "POST",
                "/api/models/alice/\(story.repository.name)/commit/main",
                headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
                body: Array(lines.joined(separator: "\n").utf8)
            )
            try await Task.sleep(for: delay)
            await story.server.kill()
            if let answer = await answer, answer.status == 200 {
                acknowledged.append(try #require(answer.json["commitOid"] as? String))
            }
            try await story.server.start()
        }
        try await work("fetch", "--quiet", "origin")
        for commit in acknowledged { try await work("merge-base", "--is-ancestor", commit, "origin/main") }
        try await work("fsck", "--strict")
        let own = try await story.server.run(["fsck"])
        #expect(own.succeeded, "\(own)")
        #expect(try await story.server.stop() == 0)
    }
}
