import Foundation
import GranaryTesting
import Testing

/// Files that are too large for git are refused with the way out, and the way out works.
@Suite("Regular files have a limit", .serialized, .sharedServer(["--set", "limits.object-bytes=1MiB"]))
struct RegularFiles {
    @Test func gitTellsTheWayOut() async throws {
        let story = try await Story.begin()
        let work = try await story.largeFileWork(tracking: ["*.nothing"])
        try await work.commit("huge", ["huge.txt": String(repeating: "x", count: 2 << 20)])
        let refused = try await work.attempt("push", "--quiet", "origin", "main")
        let text = refused.errorText
        #expect(refused.status != 0 && text.contains("git lfs migrate import --above=1048576b"), "\(text)")
        try await work("lfs", "migrate", "import", "--everything", "--above=1048576b", "--yes")
        try await work("push", "--quiet", "origin", "main")
        #expect(try await work.largeFiles().count == 1)
    }

    @Test func theAPITellsTheWayOut() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let content = Data(repeating: 0x78, count: 2 << 20).base64EncodedString()
        let lines = [
            #"{"key":"header","value":{"summary":"huge","description":""}}"#,
            #"{"key":"file","value":{"path":"huge.txt","content":"\#(content)","encoding":"base64"}}"#,
        ]
        let answer = try await story.server.curl(
            "POST",
            "/api/models/alice/\(story.repository.name)/commit/main",
            headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
            body: Array(lines.joined(separator: "\n").utf8)
        )
        #expect(answer.status == 413, "\(answer)")
        #expect(answer["x-error-message"]?.contains(".gitattributes") == true, "\(answer)")
    }
}
