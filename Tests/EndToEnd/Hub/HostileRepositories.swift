import Foundation
import GranaryTesting
import Testing

/// What is small when it is pushed and endless when it is looked at takes no more than anything else.
@Suite("Hostile repositories over REST", .serialized, .ownServers)
struct HostileRepositories {
    private static let bound = 256 << 20

    /// A branch `bomb` with a thousand million files, which are ten small trees, on top of `main`.
    private func bomb(_ story: Story) async throws -> GitClient {
        let work = try await story.git().newRepository("bomb")
        try await work.commit("first", ["a.txt": "a\n"])
        let blob = try await work("rev-parse", "HEAD:a.txt")
        func tree(_ kind: String, _ oid: String) async throws -> String {
            let entries = (0..<10).map { "\(kind) \(oid)\tentry\($0)\n" }.joined()
            return try await work("mktree", input: Array(entries.utf8))
        }
        var oid = try await tree("100644 blob", blob)
        for _ in 0..<8 { oid = try await tree("040000 tree", oid) }
        let commit = try await work("commit-tree", oid, "-p", "HEAD", "-m", "bomb")
        try await work("push", "--quiet", story.url(), "main", "\(commit):refs/heads/bomb")
        return work
    }

    /// A tree of as many files, called file1000000 and so on.
    private func folder(of count: Int, in work: GitClient) async throws -> String {
        let blob = try await work("hash-object", "-w", "--stdin", input: Array("x".utf8))
        let entries = (0..<count).map { "100644 blob \(blob)\tfile\(1_000_000 + $0)\n" }.joined()
        return try await work("mktree", input: Array(entries.utf8))
    }

    private func api(_ story: Story, _ path: String) -> String {
        "/api/models/alice/\(story.repository.name)\(path)"
    }

    private func commit(_ story: Story, _ lines: [String], _ path: String = "/commit/main") async throws -> HTTPAnswer {
        try await story.server.curl(
            "POST",
            api(story, path),
            headers: ["Content-Type: application/x-ndjson", story.owner.bearer],
            body: Array(lines.joined(separator: "\n").utf8)
        )
    }

    @Test func endlessDifferencesAreNotTold() async throws {
        let story = try await Story.alone()
        _ = try await bomb(story)
        let lines = [
            #"{"key":"header","value":{"summary":"less","description":""}}"#,
            #"{"key":"file","value":{"path":"kept.txt","content":"kept"}}"#,
            #"{"key":"deletedFolder","value":{"path":"entry0/"}}"#,
        ]
        let proposed = try await commit(story, lines, "/commit/bomb?create_pr=1")
        #expect(proposed.status == 200, "\(proposed)")
        let idle = try story.server.measurements().resident
        try story.server.resetPeak()
        let paths = ["/compare/main..bomb", "/compare/bomb..main", "/compare/main...bomb", "/compare/main..bomb?raw=1"]
        for path in paths {
            let answer = try await story.server.curl("GET", api(story, path), headers: [story.owner.bearer])
            #expect(answer.status == 200 && answer.text == "# too many files differ\n", "\(path): \(answer)")
        }
        let path = api(story, "/discussions/1?diff=1")
        let answer = try await story.server.curl("GET", path, headers: [story.owner.bearer])
        #expect(answer.json["diff"] as? String == "# too many files differ\n", "\(answer)")
        let peak = try story.server.measurements().peakResident
        #expect(peak < idle + Self.bound, "\(peak >> 20) MiB, idle \(idle >> 20) MiB")
    }

    @Test func lastCommitsInALargeDirectoryAreFoundOrLeftOut() async throws {
        let story = try await Story.alone()
        let work = try await story.git().newRepository("large")
        let tree = try await folder(of: 250_000, in: work)
        let first = try await work("commit-tree", tree, "-m", "files")
        try await work("update-ref", "refs/heads/main", first)
        var stream = ""
        for number in 0..<2_000 {
            stream +=
                "commit refs/heads/main\ncommitter A U Thor <author@example.com> \(1_700_000_001 + number) +0000\n"
            stream += "data 1\nx\n\(number == 0 ? "from refs/heads/main^0\n" : "")\n"
        }
        try await work("fast-import", "--quiet", input: Array(stream.utf8))
        try await work("push", "--quiet", story.url(), "main")
        let path = api(story, "/tree/main?limit=50&expand=1")
        let answer = try await story.server.curl("GET", path, headers: [story.owner.bearer])
        let entries = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]] ?? []
        let commits = entries.compactMap { ($0["lastCommit"] as? [String: Any])?["id"] as? String }
        #expect(commits == Array(repeating: first, count: 50), "\(answer)")
        let many = (0..<998).map { "file\(1_249_000 + $0)" }
        let found = try await story.server.curl.json(
            "POST",
            api(story, "/paths-info/main"),
            ["paths": many + ["file", "file9"]],
            token: story.owner.secret
        )
        let infos = try JSONSerialization.jsonObject(with: Data(found.body)) as? [[String: Any]]
        #expect(infos?.compactMap { $0["path"] as? String } == many, "\(found.status)")
    }

    @Test func oneHeaderOfWeightsUnderManyNames() async throws {
        let story = try await Story.alone()
        let header = Array(#"{"__metadata__":{"x":"\#(String(repeating: "a", count: 4_000_000))"}}"#.utf8)
        let length = withUnsafeBytes(of: UInt64(header.count).littleEndian) { Array($0) }
        let names = (0..<512).map { "model-\(1_000 + $0).safetensors" }
        let map = names.map { #"\"\#($0)\":\"\#($0)\""# }.joined(separator: ",")
        let content = Data(length + header).base64EncodedString()
        var lines = [
            #"{"key":"header","value":{"summary":"weights","description":""}}"#,
            #"{"key":"file","value":{"path":"model.safetensors.index.json","content":"{\"weight_map\":{\#(map)}}"}}"#,
            #"{"key":"file","value":{"path":"\#(names[0])","content":"\#(content)","encoding":"base64"}}"#,
        ]
        lines += names.dropFirst().map {
            #"{"key":"copyFile","value":{"srcPath":"\#(names[0])","path":"\#($0)"}}"#
        }
        let work = try await story.git().newRepository("weights")
        try await work.commit("first", ["a.txt": "a\n"])
        try await work("push", "--quiet", story.url(), "main")
        let made = try await commit(story, lines)
        #expect(made.status == 200, "\(made)")
        let path = api(story, "/safetensors-metadata/model.safetensors.index.json")
        for _ in 0..<3 {
            let answer = try await story.server.curl("GET", path, headers: [story.owner.bearer])
            #expect(answer.status == 413, "\(answer)")
        }
        // The card is read in the meantime, or has been.
        let peak = try story.server.measurements().peakResident
        #expect(peak < 512 << 20, "\(peak >> 20) MiB")
    }

    @Test func aCommitOfMillionsOfFolders() async throws {
        let story = try await Story.alone()
        let work = try await story.git().newRepository("folders")
        try await work.commit("first", ["a.txt": "a\n"])
        try await work("push", "--quiet", story.url(), "main")
        let header = #"{"key":"header","value":{"summary":"folders","description":""}}"#
        func lines(_ files: Int, depth: Int) -> [String] {
            let path = String(repeating: "/e", count: depth)
            return [header]
                + (0..<files).map { #"{"key":"file","value":{"path":"\#($0)\#(path)/f","content":"x"}}"# }
        }
        let idle = try story.server.measurements().resident
        try story.server.resetPeak()
        let refused = try await commit(story, lines(3_000, depth: 1_500))
        #expect(refused.status == 413, "\(refused)")
        let peak = try story.server.measurements().peakResident
        #expect(peak < idle + 2 * Self.bound, "\(peak >> 20) MiB, idle \(idle >> 20) MiB")
        let made = try await commit(story, lines(10, depth: 1_500))
        #expect(made.status == 200, "\(made)")
    }

    @Test func oneLargeFolderUnderManyNames() async throws {
        let story = try await Story.alone()
        let work = try await story.git().newRepository("names")
        let folder = try await folder(of: 100_000, in: work)
        let entries = (0..<500).map { "040000 tree \(folder)\t\(1_000 + $0)\n" }.joined()
        let tree = try await work("mktree", input: Array(entries.utf8))
        let tip = try await work("commit-tree", tree, "-m", "names")
        try await work("push", "--quiet", story.url(), "\(tip):refs/heads/main")
        let header = #"{"key":"header","value":{"summary":"less","description":""}}"#
        func lines(_ count: Int) -> [String] {
            [header]
                + (0..<count).map { #"{"key":"deletedFile","value":{"path":"\#(1_000 + $0)/file1000000"}}"# }
        }
        let refused = try await commit(story, lines(500))
        #expect(refused.status == 413, "\(refused)")
        let made = try await commit(story, lines(10))
        #expect(made.status == 200, "\(made)")
    }
}
