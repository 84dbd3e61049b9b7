import Foundation
import GranaryTesting
import Testing

/// Discussions as their clients see them.
@Suite("Discussions over REST", .serialized, .sharedServer)
struct Talks {
    private func api(_ story: Story, _ path: String) -> String {
        "/api/models/\(story.owner.name)/\(story.repository.name)/discussions\(path)"
    }

    private func get(_ story: Story, _ path: String, as person: Person? = nil) async throws -> HTTPAnswer {
        try await story.server.curl("GET", api(story, path), headers: person.map { [$0.bearer] } ?? [])
    }

    private func post(
        _ story: Story,
        _ path: String,
        _ body: [String: any Sendable]?,
        as person: Person?
    ) async throws -> HTTPAnswer {
        try await story.server.curl.json("POST", api(story, path), body, token: person?.secret)
    }

    /// Opens a discussion with one comment.
    private func open(_ story: Story, _ title: String, as person: Person) async throws -> Int {
        let answer = try await post(story, "", ["title": title, "description": "**first** <b>"], as: person)
        #expect(answer.status == 200, "\(answer)")
        return try #require(answer.json["num"] as? Int)
    }

    private func events(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        try #require(answer.json["events"] as? [[String: Any]], "\(answer)")
    }

    @Test func aStrangerAsksAndTheOwnerAnswers() async throws {
        let story = try await Story.begin(isPrivate: false)
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let num = try await open(story, "Why?", as: eve)
        #expect(num == 1)
        let answered = try await post(story, "/1/comment", ["comment": "Because."], as: story.owner)
        let message = try #require(answered.json["newMessage"] as? [String: Any], "\(answered)")
        #expect(message["type"] as? String == "comment")
        #expect((message["id"] as? String)?.wholeMatch(of: /[0-9a-f]{32}/) != nil)
        let renamed = try await post(story, "/1/title", ["title": "How?"], as: eve)
        let title = (renamed.json["newTitle"] as? [String: Any])?["data"] as? [String: Any]
        #expect(title?["from"] as? String == "Why?" && title?["to"] as? String == "How?", "\(renamed)")
        let closed = try await post(story, "/1/status", ["status": "closed", "comment": "Bye."], as: eve)
        let status = (closed.json["newStatus"] as? [String: Any])?["data"] as? [String: Any]
        #expect(status?["status"] as? String == "closed", "\(closed)")

        let details = try await get(story, "/1?diff=1")
        #expect(details.status == 200 && details.json["title"] as? String == "How?", "\(details)")
        #expect(details.json["isPullRequest"] as? Bool == false && details.json["status"] as? String == "closed")
        #expect((details.json["author"] as? [String: Any])?["name"] as? String == eve.name)
        let repo = details.json["repo"] as? [String: Any]
        #expect(repo?["type"] as? String == "model")
        #expect(repo?["name"] as? String == "alice/\(story.repository.name)")
        #expect(details.json["changes"] == nil && details.json["diff"] == nil)
        let told = try events(details)
        #expect(
            told.map { $0["type"] as? String } == ["comment", "comment", "title-change", "comment", "status-change"]
        )
        let first = try #require((told[0]["data"] as? [String: Any])?["latest"] as? [String: Any])
        #expect(first["raw"] as? String == "**first** <b>")
        #expect(first["html"] as? String == "<p>**first** &lt;b&gt;</p>")
    }

    @Test func commentsAreEditedAndHidden() async throws {
        let story = try await Story.begin(isPrivate: false)
        let eve = try await story.server.addPerson(Story.freshName("person"))
        _ = try await open(story, "Words", as: eve)
        let id = try #require(try events(try await get(story, "/1")).first?["id"] as? String)
        let edited = try await post(story, "/1/comment/\(id)/edit", ["content": "second"], as: eve)
        let event = try #require(edited.json["updatedComment"] as? [String: Any], "\(edited)")
        let data = try #require(event["data"] as? [String: Any])
        #expect(data["edited"] as? Bool == true && data["numEdits"] as? Int == 1)
        let history = try #require(data["history"] as? [[String: Any]])
        #expect(history.map { $0["raw"] as? String } == ["**first** <b>"])
        #expect(try await post(story, "/1/comment/\(id)/edit", ["content": "x"], as: story.owner).status == 403)
        // The clients send no body and no type.
        let hidden = try await post(story, "/1/comment/\(id)/hide", nil, as: story.owner)
        #expect(hidden.status == 200, "\(hidden)")
        let left = try await get(story, "/1").text
        #expect(!left.contains("second") && !left.contains("first"), "\(left)")
        #expect(try await post(story, "/1/comment/\(id)/edit", ["content": "x"], as: eve).status == 409)
    }

    @Test func listsArePagedAndFiltered() async throws {
        let story = try await Story.begin(isPrivate: false)
        for number in 1...5 { _ = try await open(story, "title \(number)", as: story.owner) }
        #expect(try await post(story, "/2/status", ["status": "closed"], as: story.owner).status == 200)
        let first = try await get(story, "?p=0&limit=2")
        #expect(first.json["count"] as? Int == 5 && first.json["start"] as? Int == 0, "\(first)")
        #expect(first.json["numClosedDiscussions"] as? Int == 1)
        #expect(first["link"]?.contains("p=1") == true && first["link"]?.contains("limit=2") == true)
        func numbers(_ query: String) async throws -> [Int] {
            let answer = try await get(story, query)
            let list = try #require(answer.json["discussions"] as? [[String: Any]], "\(answer)")
            return list.compactMap { $0["num"] as? Int }
        }
        #expect(try await numbers("?p=2&limit=2") == [1])
        #expect(try await numbers("?status=closed") == [2])
        #expect(try await numbers("?type=pull_request") == [])
        #expect(try await numbers("?author=alice&status=open&type=discussion") == [5, 4, 3, 1])
        #expect(try await numbers("?author=nobody") == [])
        #expect(try await numbers("?p=99999999999999999") == [])
        for query in ["?p=-1", "?p=x", "?type=boat", "?status=merged", "?limit=0"] {
            #expect(try await get(story, query).status == 400, "\(query)")
        }
    }

    @Test func whatIsPrivateIsNotThere() async throws {
        let story = try await Story.begin()
        let eve = try await story.server.addPerson(Story.freshName("person"))
        _ = try await open(story, "Secret", as: story.owner)
        for path in ["", "/1", "/99"] {
            let stranger = try await get(story, path, as: eve)
            #expect(stranger.status == 404 && stranger["x-error-code"] == "RepoNotFound", "\(path): \(stranger)")
            #expect(try await get(story, path).status == 401)
        }
        let written = try await post(story, "/1/comment", ["comment": "x"], as: eve)
        #expect(written.status == 404 && written["x-error-code"] == "RepoNotFound", "\(written)")
        let open = try await Story.begin(isPrivate: false)
        _ = try await self.open(open, "Public", as: eve)
        #expect(try await post(open, "", ["title": "x"], as: nil).status == 401)
        let reader = try await open.server.addToken(to: eve.name, named: Story.freshName("read"), role: "read")
        #expect(try await post(open, "", ["title": "x"], as: reader).status == 403)
        let stranger = try await story.server.addPerson(Story.freshName("person"))
        for (path, body) in [("/1/title", ["title": "x"]), ("/1/status", ["status": "closed"])] {
            #expect(try await post(open, path, body, as: stranger).status == 403, "\(path)")
        }
    }

    @Test func nonsenseIsRefused() async throws {
        let story = try await Story.begin(isPrivate: false)
        _ = try await open(story, "Words", as: story.owner)
        for num in ["0", "2", "-1", "x", "1e0", "99999999999999999999", "%31%00"] {
            let answer = try await get(story, "/\(num)")
            #expect([400, 404].contains(answer.status), "\(num): \(answer)")
        }
        for (path, body) in [
            ("", ["title": 5]), ("", [:]), ("", ["title": ""]), ("", ["title": "x", "pullRequest": "yes"]),
            ("/1/comment", ["comment": ""]), ("/1/comment", [:]), ("/1/status", ["status": "merged"]),
            ("/1/status", ["status": "draft"]), ("/1/title", ["title": "a\nb"]), ("/1/title", ["title": "a\0b"]),
        ] as [(String, [String: any Sendable])] {
            let answer = try await post(story, path, body, as: story.owner)
            #expect(answer.status == 400 && answer.json["error"] is String, "\(path) \(body): \(answer)")
        }
        let long = String(repeating: "x", count: (64 << 10) + 1)
        #expect(try await post(story, "/1/comment", ["comment": long], as: story.owner).status == 413)
        #expect(try await post(story, "/1/comment/\(long.prefix(40))/hide", nil, as: story.owner).status == 404)
        // A pull request needs something to begin with.
        let early = try await post(story, "", ["title": "PR", "pullRequest": true], as: story.owner)
        #expect(early.status == 409, "\(early)")
        #expect(try await get(story, "").json["count"] as? Int == 1)
    }

    @Test func aDraftIsFetchedButNotPushed() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let eve = try await story.server.addPerson(Story.freshName("person"))
        let opened = try await post(story, "", ["title": "PR", "description": "x", "pullRequest": true], as: eve)
        #expect(opened.status == 200 && opened.json["status"] as? String == "draft", "\(opened)")
        let details = try await get(story, "/1?diff=1")
        #expect((details.json["changes"] as? [String: Any])?["base"] as? String == "refs/heads/main", "\(details)")
        #expect(
            details.json["diff"] as? String == "" && (details.json["filesWithConflicts"] as? [Any])?.isEmpty == true
        )
        let head = try await work.id("main")
        try await work("fetch", "--quiet", "origin", "refs/pr/1:refs/heads/pr")
        #expect(try await work.id("pr") == head)
        #expect(try await story.remoteRefs()["refs/pr/1"] == nil)
        try await work.commit("more", ["x.txt": "x\n"])
        let pushed = try await work.attempt("push", "--quiet", "origin", "HEAD:refs/pr/1")
        #expect(!pushed.succeeded, "\(pushed)")
        let refs = try await story.server.curl(
            "GET",
            "/api/models/alice/\(story.repository.name)/refs?include_prs=1"
        )
        let list = refs.json["pullRequests"] as? [[String: Any]]
        #expect(list?.first?["ref"] as? String == "refs/pr/1" && list?.first?["targetCommit"] as? String == head)
        let published = try await post(story, "/1/status", ["status": "open"], as: eve)
        #expect(published.status == 200, "\(published)")
        #expect(try await get(story, "/1").json["status"] as? String == "open")
        try await story.verify()
    }
}
