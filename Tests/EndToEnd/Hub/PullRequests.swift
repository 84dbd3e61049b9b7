import Foundation
import GranaryTesting
import Testing

/// Pull requests from the proposal to the merge.
@Suite("Pull requests over REST", .serialized, .sharedServer)
struct PullRequests {
    /// A public repository with three commits, and somebody who may not write in it.
    private struct Scene {
        let story: Story
        let work: GitClient
        let eve: Person

        init() async throws {
            story = try await Story.begin(isPrivate: false)
            work = try await story.seeded()
            eve = try await story.server.addPerson(Story.freshName("person"))
        }

        func api(_ path: String) -> String { "/api/models/alice/\(story.repository.name)\(path)" }

        func post(_ path: String, _ body: [String: any Sendable]? = nil, as person: Person?) async throws -> HTTPAnswer
        {
            try await story.server.curl.json("POST", api("/discussions" + path), body, token: person?.secret)
        }

        func details(_ num: Int, as person: Person? = nil) async throws -> HTTPAnswer {
            let headers = person.map { [$0.bearer] } ?? []
            return try await story.server.curl("GET", api("/discussions/\(num)?diff=1"), headers: headers)
        }

        /// Commits files, given as lines of the commit's body.
        func commit(
            _ path: String,
            _ summary: String,
            _ lines: [String],
            description: String = "",
            as person: Person?
        ) async throws -> HTTPAnswer {
            let header = #"{"key":"header","value":{"summary":"\#(summary)","description":"\#(description)"}}"#
            return try await story.server.curl(
                "POST",
                api("/commit/" + path),
                headers: ["Content-Type: application/x-ndjson"] + (person.map { [$0.bearer] } ?? []),
                body: Array(([header] + lines).joined(separator: "\n").utf8)
            )
        }

        func file(_ path: String, _ text: String) -> String {
            let content = Data(text.utf8).base64EncodedString()
            return #"{"key":"file","value":{"path":"\#(path)","content":"\#(content)","encoding":"base64"}}"#
        }

        /// A pull request with one file.
        func propose(_ path: String, _ text: String, as person: Person? = nil) async throws -> Int {
            let answer = try await commit("main?create_pr=1", "Add \(path)", [file(path, text)], as: person ?? eve)
            #expect(answer.status == 200, "\(answer)")
            let url = try #require(answer.json["pullRequestUrl"] as? String)
            let page = "\(story.server.base)/alice/\(story.repository.name)/discussions/"
            #expect(url.hasPrefix(page), "\(answer)")
            return try #require(Int(url.dropFirst(page.count)))
        }

        func head(_ ref: String = "refs/heads/main") async throws -> String {
            // By fetching, as refs of pull requests are told to those who ask for them by name.
            try await work("fetch", "--quiet", "origin", ref)
            return try await work.id("FETCH_HEAD")
        }
    }

    @Test func aStrangerProposesAndTheOwnerMerges() async throws {
        let scene = try await Scene()
        let main = try await scene.head()
        let answer = try await scene.commit(
            "main?create_pr=1",
            "Add notes",
            [scene.file("notes.txt", "one\n"), scene.file("data/a.txt", "one\ntwo\nthree\n")],
            description: "Some words.",
            as: scene.eve
        )
        #expect(answer.status == 200 && answer.json["success"] as? Bool == true, "\(answer)")
        let first = try #require(answer.json["commitOid"] as? String)
        #expect(try await scene.head() == main)
        #expect(try await scene.head("refs/pr/1") == first)
        // Its author may go on; another stranger may not, nor may git push there.
        let more = try await scene.commit(
            "refs%2Fpr%2F1",
            "More",
            [scene.file("notes.txt", "one\ntwo\n")],
            as: scene.eve
        )
        #expect(more.status == 200 && more.json["pullRequestUrl"] == nil, "\(more)")
        let second = try #require(more.json["commitOid"] as? String)
        let mallory = try await scene.story.server.addPerson(Story.freshName("person"))
        #expect(try await scene.commit("refs%2Fpr%2F1", "x", [scene.file("x", "x")], as: mallory).status == 403)
        #expect(try await scene.commit("refs%2Fpr%2F1", "x", [scene.file("x", "x")], as: nil).status == 401)
        #expect(try await scene.commit("main", "x", [scene.file("x", "x")], as: scene.eve).status == 403)

        let open = try await scene.details(1)
        #expect(open.json["title"] as? String == "Add notes" && open.json["status"] as? String == "open", "\(open)")
        let events = try #require(open.json["events"] as? [[String: Any]])
        #expect(events.map { $0["type"] as? String } == ["comment", "commit", "commit"])
        let commits = events.compactMap { ($0["data"] as? [String: Any])?["oid"] as? String }
        #expect(commits == [first, second])
        let diff = try #require(open.json["diff"] as? String)
        #expect(diff.contains("+++ b/notes.txt") && diff.contains("+three") && !diff.contains("README"), "\(diff)")
        #expect((open.json["filesWithConflicts"] as? [Any])?.isEmpty == true)

        #expect(try await scene.post("/1/merge", as: scene.eve).status == 403)
        #expect(try await scene.post("/1/merge", as: nil).status == 401)
        let merged = try await scene.post("/1/merge", ["comment": "Thanks."], as: scene.story.owner)
        #expect(merged.status == 200 && merged.json["status"] as? String == "merged", "\(merged)")
        try await scene.work("fetch", "--quiet", "origin", "main")
        let told = try await scene.work("log", "-1", "--format=%P|%s|%an", "FETCH_HEAD")
        #expect(told == "\(main) \(second)|Add notes (#1)|alice")
        #expect(try await scene.work("show", "FETCH_HEAD:notes.txt") == "one\ntwo")
        let after = try await scene.details(1)
        #expect(after.json["status"] as? String == "merged" && after.json["diff"] as? String == diff, "\(after)")
        let changes = try #require(after.json["changes"] as? [String: Any])
        #expect(changes["mergeCommitId"] as? String == (try await scene.head()))
        for path in ["/1/merge", "/1/status"] {
            let again = try await scene.post(path, ["status": "closed"], as: scene.story.owner)
            #expect(again.status == 409, "\(path): \(again)")
        }
        #expect(try await scene.commit("refs%2Fpr%2F1", "x", [scene.file("x", "x")], as: scene.eve).status == 409)
        try await scene.story.verify()
    }

    @Test func conflictsAreToldAndNothingChanges() async throws {
        let scene = try await Scene()
        let num = try await scene.propose("README.md", "# Theirs\n")
        let other = try await scene.propose("data/new.txt", "new\n")
        let moved = try await scene.commit("main", "Ours", [scene.file("README.md", "# Ours\n")], as: scene.story.owner)
        #expect(moved.status == 200, "\(moved)")
        let main = try await scene.head()
        #expect(try await scene.details(num).json["filesWithConflicts"] as? [String] == ["README.md"])
        let refused = try await scene.post("/\(num)/merge", as: scene.story.owner)
        #expect(
            refused.status == 409 && (refused.json["error"] as? String)?.contains("README.md") == true,
            "\(refused)"
        )
        #expect(try await scene.head() == main)
        #expect(try await scene.details(num).json["status"] as? String == "open")
        // What the branch has taken over meanwhile is no conflict.
        let agreed = try await scene.commit(
            "refs%2Fpr%2F\(num)",
            "Agree",
            [scene.file("README.md", "# Ours\n"), scene.file("more.txt", "more\n")],
            as: scene.eve
        )
        #expect(agreed.status == 200, "\(agreed)")
        for num in [num, other] {
            let merged = try await scene.post("/\(num)/merge", as: scene.story.owner)
            #expect(merged.status == 200, "\(merged)")
        }
        try await scene.work("fetch", "--quiet", "origin", "main")
        #expect(try await scene.work("show", "FETCH_HEAD:data/new.txt") == "new")
        #expect(try await scene.work("show", "FETCH_HEAD:more.txt") == "more")
        #expect(try await scene.work("show", "FETCH_HEAD:README.md") == "# Ours")
        try await scene.story.verify()
    }

    @Test func whatComesAtTheSameTimeIsNotLost() async throws {
        let scene = try await Scene()
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<6 { group.addTask { try await scene.propose("p\(number).txt", "\(number)\n") } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...6))
        try await withThrowingTaskGroup(of: HTTPAnswer.self) { group in
            for num in numbers { group.addTask { try await scene.post("/\(num)/merge", as: scene.story.owner) } }
            for number in 0..<4 {
                let line = scene.file("c\(number).txt", "\(number)\n")
                group.addTask { try await scene.commit("main", "c\(number)", [line], as: scene.story.owner) }
            }
            for try await answer in group { #expect(answer.status == 200, "\(answer)") }
        }
        try await scene.work("fetch", "--quiet", "origin", "main")
        let names = try await scene.work("ls-tree", "--name-only", "FETCH_HEAD").split(separator: "\n").map(String.init)
        for number in 0..<6 { #expect(names.contains("p\(number).txt")) }
        for number in 0..<4 { #expect(names.contains("c\(number).txt")) }
        // Two merges of one pull request: one of them is it.
        let num = try await scene.propose("last.txt", "last\n")
        let statuses = try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<3 { group.addTask { try await scene.post("/\(num)/merge", as: scene.story.owner).status } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(statuses.sorted() == [200, 409, 409])
        try await scene.story.verify()
    }

    @Test func numbersHaveNoGaps() async throws {
        let scene = try await Scene()
        let numbers = try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<10 {
                group.addTask { try await scene.propose("p\(number).txt", "\(number)\n") }
                group.addTask {
                    let opened = try await scene.post("", ["title": "\(number)"], as: scene.eve)
                    return opened.json["num"] as? Int ?? 0
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(numbers.sorted() == Array(1...20))
        // Nothing was published in vain: an object that no ref leads to would be left.
        let check = try await scene.story.server.storedGit(scene.story.repository, ["fsck", "--unreachable"])
        #expect(check.succeeded && !check.output.contains("unreachable"), "\(check)")
    }

    @Test func aProposalThatFailsLeavesNothing() async throws {
        let scene = try await Scene()
        let line = scene.file("x.txt", "x\n")
        let gone = #"{"key":"deletedFile","value":{"path":"none.txt"}}"#
        for (path, lines, status) in [
            ("nothing?create_pr=1", [line], 404), ("main?create_pr=1", [line, gone], 404),
            ("main?create_pr=1", [line, "{"], 400), ("refs%2Fpr%2F1", [line], 404), ("refs%2Fpr%2F0", [line], 403),
            ("refs%2Fpr%2Fx", [line], 403),
        ] {
            let answer = try await scene.commit(path, "s", lines, as: scene.eve)
            #expect(answer.status == status, "\(path): \(answer)")
        }
        #expect(try await scene.commit("main?create_pr=1", "s", [line], as: nil).status == 401)
        let reader = try await scene.story.server.addToken(
            to: scene.eve.name,
            named: Story.freshName("read"),
            role: "read"
        )
        #expect(try await scene.commit("main?create_pr=1", "s", [line], as: reader).status == 403)
        #expect(try await scene.propose("x.txt", "x\n") == 1)
        #expect(try await scene.story.remoteRefs().keys.contains { $0.hasPrefix("refs/pr/") } == false)
        try await scene.story.verify()
    }

    @Test func draftsAndClosedOnesAreNotMerged() async throws {
        let scene = try await Scene()
        let owner = scene.story.owner
        let opened = try await scene.post("", ["title": "Later", "pullRequest": true], as: scene.eve)
        #expect(opened.json["num"] as? Int == 1, "\(opened)")
        #expect(try await scene.post("/1/merge", as: owner).status == 409)
        let added = try await scene.commit("refs%2Fpr%2F1", "Add", [scene.file("l.txt", "l\n")], as: scene.eve)
        #expect(added.status == 200, "\(added)")
        #expect(try await scene.details(1).json["status"] as? String == "draft")
        #expect(try await scene.post("/1/status", ["status": "closed"], as: scene.eve).status == 200)
        #expect(try await scene.post("/1/merge", as: owner).status == 409)
        #expect(try await scene.commit("refs%2Fpr%2F1", "x", [scene.file("x", "x")], as: scene.eve).status == 409)
        #expect(try await scene.post("/1/status", ["status": "open"], as: scene.eve).status == 200)
        #expect(try await scene.post("/1/merge", as: owner).status == 200)
        // One without commits merges, too: clients do so in their examples.
        #expect(try await scene.post("", ["title": "Nothing", "pullRequest": true], as: scene.eve).status == 200)
        #expect(try await scene.post("/2/status", ["status": "open"], as: scene.eve).status == 200)
        let before = try await scene.head()
        #expect(try await scene.post("/2/merge", as: owner).status == 200)
        let changes = try await scene.details(2).json["changes"] as? [String: Any]
        #expect(changes?["mergeCommitId"] as? String == (try await scene.head()))
        #expect(try await scene.head() != before)
        let discussion = try await scene.post("", ["title": "Words"], as: owner)
        #expect(discussion.json["num"] as? Int == 3)
        #expect(try await scene.post("/3/merge", as: owner).status == 400)
        #expect(try await scene.commit("refs%2Fpr%2F3", "x", [scene.file("x", "x")], as: owner).status == 404)
        try await scene.story.verify()
    }

    @Test func theRulesOfTheBranchHold() async throws {
        let scene = try await Scene()
        let writer = try await scene.story.server.addPerson(Story.freshName("writer"))
        let address = scene.story.repository.address
        try await scene.story.server.granary("repo", "grant", address, writer.name, "write")
        try await scene.story.server.granary("repo", "protect", address, "refs/heads/main", "--push", "admin")
        let num = try await scene.propose("x.txt", "x\n")
        let main = try await scene.head()
        let refused = try await scene.post("/\(num)/merge", as: writer)
        #expect(refused.status == 403, "\(refused)")
        #expect(try await scene.head() == main)
        #expect(try await scene.details(num).json["status"] as? String == "open")
    }

    @Test func largeDifferencesAreCut() async throws {
        let scene = try await Scene()
        let line = String(repeating: "0123456789abcdef\n", count: 20_000)
        let files = (0..<6).map { scene.file("f\($0).txt", line) }
        let answer = try await scene.commit("main?create_pr=1", "Much", files, as: scene.eve)
        #expect(answer.status == 200, "\(answer)")
        let diff = try #require(try await scene.details(1).json["diff"] as? String)
        #expect(diff.utf8.count <= 1 << 20 + 64)
        #expect(diff.hasSuffix("more files differ\n"), "\(diff.suffix(80))")
    }

    @Test func aGateHidesWhatAPullRequestChanges() async throws {
        let scene = try await Scene()
        let num = try await scene.propose("README.md", "# Theirs\n", as: scene.story.owner)
        let ours = try await scene.commit("main", "Ours", [scene.file("README.md", "# Ours\n")], as: scene.story.owner)
        #expect(ours.status == 200, "\(ours)")
        let owner = try await scene.story.server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
        let gate = try await scene.story.server.curl.json(
            "PUT",
            scene.api("/settings"),
            ["gated": "manual"],
            token: owner.secret
        )
        #expect(gate.status == 200, "\(gate)")
        let seen = try await scene.details(num, as: scene.eve)
        #expect(seen.status == 200 && seen.json["diff"] == nil, "\(seen)")
        #expect(seen.json["filesWithConflicts"] as? Bool == true && !seen.text.contains("Theirs"), "\(seen)")
        let own = try await scene.details(num, as: owner)
        #expect(own.json["filesWithConflicts"] as? [String] == ["README.md"], "\(own)")
        #expect((own.json["diff"] as? String)?.contains("+# Theirs") == true)
    }

    @Test func aGateHidesFilesFromWhoPrepares() async throws {
        let scene = try await Scene()
        func advice(as person: Person) async throws -> [String: Any] {
            let answer = try await scene.story.server.curl.json(
                "POST",
                scene.api("/preupload/main?create_pr=1"),
                ["files": ["README.md", "new.txt"].map { ["path": $0, "size": 1] as [String: any Sendable] }],
                token: person.secret
            )
            let files = try #require(answer.json["files"] as? [[String: Any]], "\(answer)")
            #expect(files.count == 2 && files[1]["oid"] == nil, "\(answer)")
            return try #require(files.first)
        }
        #expect(try await advice(as: scene.eve)["oid"] is String)
        let gate = ["gated": "manual"]
        let path = scene.api("/settings")
        let owner = try await scene.story.server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
        let closed = try await scene.story.server.curl.json("PUT", path, gate, token: owner.secret)
        #expect(closed.status == 200, "\(closed)")
        #expect(try await advice(as: scene.eve)["oid"] == nil)
        #expect(try await advice(as: scene.story.owner)["oid"] is String)
    }
}
