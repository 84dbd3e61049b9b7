import Foundation
import GranaryTesting
import Testing

/// What is pushed with git is what the API reads, byte for byte.
@Suite("Files over REST", .serialized, .sharedServer)
struct FilesOverREST {
    private func api(_ story: Story, _ path: String) -> String {
        "/api/models/\(story.owner.name)/\(story.repository.name)\(path)"
    }

    private func get(_ story: Story, _ path: String, headers: [String] = [], as person: Person? = nil) async throws
        -> HTTPAnswer
    {
        try await story.server.curl("GET", path, headers: [(person ?? story.owner).bearer] + headers)
    }

    private func list(_ answer: HTTPAnswer) throws -> [[String: Any]] {
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        return try #require(value as? [[String: Any]], "\(answer)")
    }

    /// A repository with folders, a large file, a tag, and three commits.
    private func filled() async throws -> (story: Story, work: GitClient, large: [UInt8]) {
        let story = try await Story.begin()
        let work = try await story.largeFileWork()
        var random = SeededRandom(700)
        let large = random.bytes(300_000)
        try await work.commit("first", ["README.md": "# Story\n", "data/a.txt": "one\n"], date: 1_700_000_000)
        try await work.commit("second\n\nWith a body.\n", ["data/deep/b.txt": "two\n"], date: 1_700_100_000)
        try work.write("model.bin", large)
        try await work.commit("third", date: 1_700_200_000)
        try await work("tag", "-a", "v1", "-m", "a tag", "HEAD~1")
        try await work("push", "--quiet", "origin", "main", "v1", "HEAD~1:refs/heads/feature/x")
        return (story, work, large)
    }

    @Test func aRepositoryTellsWhatItIs() async throws {
        let (story, work, _) = try await filled()
        let head = try await work("rev-parse", "HEAD")
        let answer = try await get(story, api(story, "?blobs=true"))
        #expect(answer.status == 200, "\(answer)")
        #expect(answer.json["id"] as? String == "alice/\(story.repository.name)")
        #expect(answer.json["sha"] as? String == head)
        #expect(answer.json["private"] as? Bool == true && answer.json["gated"] as? Bool == false)
        #expect(answer.json["lastModified"] as? String == "2023-11-17T05:46:40.000Z")
        let siblings = try #require(answer.json["siblings"] as? [[String: Any]])
        let names = siblings.compactMap { $0["rfilename"] as? String }
        #expect(names == [".gitattributes", "README.md", "data/a.txt", "data/deep/b.txt", "model.bin"])
        #expect(siblings.last?["size"] as? Int == 300_000)
        #expect((siblings.last?["lfs"] as? [String: Any])?["sha256"] as? String == (try await work.largeFiles().first))
        let old = try await get(story, api(story, "/revision/v1"))
        #expect(old.json["sha"] as? String == (try await work("rev-parse", "HEAD~1")))
        #expect((old.json["siblings"] as? [Any])?.count == 4)
        let some = try await get(story, api(story, "?expand=sha&expand[]=private"))
        #expect(Set(some.json.keys) == ["_id", "id", "modelId", "sha", "private"])
    }

    @Test func revisionsHaveManySpellings() async throws {
        let (story, work, _) = try await filled()
        let (head, second) = (try await work("rev-parse", "HEAD"), try await work("rev-parse", "HEAD~1"))
        let spellings = [
            "main": head, "refs%2Fheads%2Fmain": head, head: head, String(head.prefix(8)): head, "v1": second,
            "refs%2Ftags%2Fv1": second, "feature%2Fx": second, "HEAD": head,
        ]
        for (spelling, commit) in spellings {
            let answer = try await get(story, api(story, "/revision/\(spelling)"))
            #expect(answer.json["sha"] as? String == commit, "\(spelling): \(answer)")
        }
        let missing = [
            "nothing", String(head.prefix(6)), String(repeating: "0", count: 40), "refs%2Fheads%2Fno", "main%5E",
            "HEAD~1", "@%7B0%7D",
        ]
        for spelling in missing {
            let answer = try await get(story, api(story, "/revision/\(spelling)"))
            #expect(answer.status == 404 && answer["x-error-code"] == "RevisionNotFound", "\(spelling): \(answer)")
        }
    }

    /// There are tokens for chunks of what is there, and for the first commit of an empty repository.
    @Test func tokensForChunksWantARevision() async throws {
        let (story, work, _) = try await filled()
        let head = try await work("rev-parse", "HEAD")
        for verb in ["read", "write"] {
            for revision in ["main", "refs%2Fheads%2Fmain", head, "v1", "feature%2Fx", "HEAD"] {
                let answer = try await get(story, api(story, "/xet-\(verb)-token/\(revision)"))
                #expect(answer.status == 200 && answer.json["accessToken"] is String, "\(verb) \(revision): \(answer)")
            }
            for revision in ["nothing", String(repeating: "0", count: 40), "refs%2Fheads%2Fno", "None"] {
                let answer = try await get(story, api(story, "/xet-\(verb)-token/\(revision)"))
                #expect(
                    answer.status == 404 && answer["x-error-code"] == "RevisionNotFound",
                    "\(verb) \(revision): \(answer)"
                )
            }
        }
        let proposal = try await get(story, api(story, "/xet-write-token/None?create_pr=1"))
        #expect(proposal.status == 200, "\(proposal)")
        let empty = try await Story.begin()
        for (verb, revision, status) in [
            ("write", "main", 200), ("write", "HEAD", 200), ("write", "other", 404), ("read", "main", 404),
        ] {
            let answer = try await get(empty, api(empty, "/xet-\(verb)-token/\(revision)"))
            #expect(answer.status == status, "\(verb) \(revision): \(answer)")
        }
    }

    @Test func foldersAreListedPageByPage() async throws {
        let (story, work, _) = try await filled()
        let root = try list(try await get(story, api(story, "/tree/main")))
        #expect(root.compactMap { $0["path"] as? String } == [".gitattributes", "README.md", "data", "model.bin"])
        #expect(root.compactMap { $0["type"] as? String } == ["file", "file", "directory", "file"])
        let large = try #require(root.last)
        #expect(large["size"] as? Int == 300_000)
        #expect((large["lfs"] as? [String: Any])?["oid"] as? String == (try await work.largeFiles().first))
        #expect(root[2]["oid"] as? String == (try await work("rev-parse", "HEAD:data")))

        let all = try list(try await get(story, api(story, "/tree/main?recursive=true")))
        let paths = all.compactMap { $0["path"] as? String }
        let expected = [
            ".gitattributes", "README.md", "data", "data/a.txt", "data/deep", "data/deep/b.txt", "model.bin",
        ]
        #expect(paths == expected)
        for limit in 1...7 {
            var (paged, next): ([String], String?) = ([], api(story, "/tree/main?recursive=true&limit=\(limit)"))
            while let path = next {
                let page = try await get(story, path)
                paged += try list(page).compactMap { $0["path"] as? String }
                next = page["link"].map { link in
                    let url = String(link.dropFirst().prefix { $0 != ">" })
                    #expect(url.hasPrefix(story.server.base) && link.hasSuffix(">; rel=\"next\""))
                    return String(url.dropFirst(story.server.base.count))
                }
            }
            #expect(paged == expected, "limit \(limit)")
        }
        for path in ["data%2Fdeep", "data/deep", "data%2Fdeep/"] {
            let inner = try list(try await get(story, api(story, "/tree/main/\(path)")))
            #expect(inner.compactMap { $0["path"] as? String } == ["data/deep/b.txt"], "\(path)")
        }
        for path in ["none", "README.md", "data%2Fa.txt", "data/a.txt/x"] {
            let answer = try await get(story, api(story, "/tree/main/\(path)"))
            #expect(answer.status == 404 && answer["x-error-code"] == "EntryNotFound", "\(path): \(answer)")
        }
    }

    @Test func entriesAreToldWithTheirLastCommits() async throws {
        let (story, work, _) = try await filled()
        let answer = try list(try await get(story, api(story, "/tree/main?recursive=true&expand=true")))
        for entry in answer {
            let path = try #require(entry["path"] as? String)
            let commit = entry["lastCommit"] as? [String: Any]
            #expect(commit?["id"] as? String == (try await work("log", "-1", "--format=%H", "--", path)), "\(path)")
        }
        let body = ["paths": ["data", "model.bin", "none"], "expand": true] as [String: any Sendable]
        let path = api(story, "/paths-info/main")
        let info = try list(try await story.server.curl.json("POST", path, body, token: story.owner.secret))
        #expect(info.compactMap { $0["path"] as? String } == ["data", "model.bin"])
        #expect((info.first?["lastCommit"] as? [String: Any])?["title"] as? String == "second")
        let form = try list(
            try await story.server.curl(
                "POST",
                path,
                headers: [story.owner.bearer, "Content-Type: application/x-www-form-urlencoded"],
                body: Array("paths=README.md&paths=data%2Fdeep%2F&expand=False".utf8)
            )
        )
        #expect(form.compactMap { $0["path"] as? String } == ["README.md", "data/deep"])
    }

    @Test func refsAndCommitsAreGits() async throws {
        let (story, work, _) = try await filled()
        let refs = try await get(story, api(story, "/refs"))
        let branches = try #require(refs.json["branches"] as? [[String: Any]])
        #expect(branches.compactMap { $0["name"] as? String } == ["feature/x", "main"])
        let tag = try #require((refs.json["tags"] as? [[String: Any]])?.first)
        #expect(tag["targetCommit"] as? String == (try await work("rev-parse", "HEAD~1")))
        #expect((refs.json["converts"] as? [Any])?.isEmpty == true && refs.json["pullRequests"] == nil)

        let commits = try await get(story, api(story, "/commits/main?limit=2"))
        #expect(commits["x-total-count"] == "3")
        let page = try list(commits)
        #expect(page.compactMap { $0["title"] as? String } == ["third", "second"])
        #expect(page.last?["message"] as? String == "With a body.")
        #expect(page.first?["date"] as? String == "2023-11-17T05:46:40.000Z")
        let second = try list(try await get(story, api(story, "/commits/main?limit=2&p=1")))
        #expect(second.compactMap { $0["title"] as? String } == ["first"])
    }

    @Test func filesAreResolvedByteForByte() async throws {
        let (story, work, large) = try await filled()
        let head = try await work("rev-parse", "HEAD")
        let base = "/alice/\(story.repository.name)"
        let text = try await get(story, "\(base)/resolve/main/data/deep/b.txt")
        #expect(text.status == 200 && text.body == Array("two\n".utf8))
        #expect(text["x-repo-commit"] == head && text["accept-ranges"] == "bytes")
        #expect(text["etag"] == "\"\(try await work("rev-parse", "HEAD:data/deep/b.txt"))\"")
        #expect(text["x-linked-etag"] == nil && text["cache-control"] == "no-cache")
        #expect(text["content-security-policy"] == "default-src 'none'; sandbox")

        let oid = try #require(try await work.largeFiles().first)
        let whole = try await get(story, "\(base)/resolve/main/model.bin")
        #expect(whole.status == 200 && whole.body == large)
        #expect(whole["etag"] == "\"\(oid)\"" && whole["x-linked-etag"] == "\"\(oid)\"")
        #expect(whole["x-linked-size"] == "300000")
        let part = try await get(story, "\(base)/resolve/\(head)/model.bin", headers: ["Range: bytes=10-19"])
        #expect(part.status == 206 && part.body == Array(large[10..<20]))
        #expect(part["content-range"] == "bytes 10-19/300000")
        let tail = try await get(story, "\(base)/resolve/main/README.md", headers: ["Range: bytes=-3"])
        #expect(tail.status == 206 && tail.body == Array("ry\n".utf8))
        let beyond = try await get(story, "\(base)/resolve/main/README.md", headers: ["Range: bytes=100-"])
        #expect(beyond.status == 416 && beyond["content-range"] == "bytes */8")
        let known = try await get(
            story,
            "\(base)/resolve/main/README.md",
            headers: ["If-None-Match: \(try #require(try await get(story, "\(base)/resolve/main/README.md")["etag"]))"]
        )
        #expect(known.status == 304 && known.body.isEmpty)

        let head2 = try await story.server.curl("HEAD", "\(base)/resolve/main/model.bin", headers: [story.owner.bearer])
        #expect(head2.status == 200 && head2["content-length"] == "300000" && head2["x-repo-commit"] == head)
        let pointer = try await get(story, "\(base)/raw/main/model.bin")
        #expect(pointer.text.hasPrefix("version https://git-lfs"), "\(pointer)")
        let prefixed = try await get(story, "/hf\(base)/resolve/main/README.md")
        #expect(prefixed.body == Array("# Story\n".utf8))
    }

    @Test func whatIsNotThereIsToldSo() async throws {
        let (story, work, _) = try await filled()
        let base = "/alice/\(story.repository.name)"
        let entry = try await get(story, "\(base)/resolve/main/none.txt")
        #expect(entry.status == 404 && entry["x-error-code"] == "EntryNotFound")
        #expect(entry["x-repo-commit"] == (try await work("rev-parse", "HEAD")))
        let folder = try await get(story, "\(base)/resolve/main/data")
        #expect(folder.status == 404 && folder["x-error-code"] == "EntryNotFound")
        let revision = try await get(story, "\(base)/resolve/none/README.md")
        #expect(revision.status == 404 && revision["x-error-code"] == "RevisionNotFound")
        let stranger = try await story.server.addPerson(Story.freshName("person"))
        for path in ["\(base)/resolve/main/README.md", api(story, ""), api(story, "/tree/main")] {
            let hidden = try await get(story, path, as: stranger)
            #expect(hidden.status == 404 && hidden["x-error-code"] == "RepoNotFound", "\(hidden)")
            let nobody = try await story.server.curl("GET", path)
            #expect(nobody.status == 401 && nobody["x-error-code"] == "RepoNotFound", "\(nobody)")
        }
        for path in ["../x", "%2e%2e/x", "a/%2e%2e/b", "%00", "a%5Cb"] {
            let bad = try await story.server.curl(
                "GET",
                "\(base)/resolve/main/\(path)",
                headers: [story.owner.bearer, "X-Test: as is"]
            )
            #expect([400, 404].contains(bad.status), "\(path): \(bad)")
        }
    }

    @Test func aGateStandsBeforeTheFiles() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let stranger = try await story.server.addPerson(Story.freshName("person"))
        let owner = try await story.server.addToken(to: "alice", named: Story.freshName("admin"), role: "admin")
        let put = try await story.server.curl.json(
            "PUT",
            api(story, "/settings"),
            ["gated": "manual"],
            token: owner.secret
        )
        #expect(put.status == 200 && put.json["gated"] as? String == "manual", "\(put)")
        let file = "/alice/\(story.repository.name)/resolve/main/README.md"
        #expect(try await get(story, api(story, ""), as: stranger).json["gated"] as? String == "manual")
        let refused = try await get(story, file, as: stranger)
        #expect(refused.status == 403 && refused["x-error-code"] == "GatedRepo", "\(refused)")
        let nobody = try await story.server.curl("GET", file)
        #expect(nobody.status == 401 && nobody["x-error-code"] == "GatedRepo", "\(nobody)")
        let git = try story.git(.standard, as: stranger)
        #expect(try await !git.attempt("clone", "--quiet", story.url(), "gated").succeeded)

        let asked = try await story.server.curl.json(
            "POST",
            api(story, "/ask-access"),
            ["why": "research"],
            token: stranger.secret
        )
        #expect(asked.json["status"] as? String == "pending", "\(asked)")
        let waiting = try list(try await get(story, api(story, "/user-access-request/pending"), as: owner))
        #expect((waiting.first?["user"] as? [String: Any])?["user"] as? String == stranger.name)
        #expect((waiting.first?["fields"] as? [String: Any])?["why"] as? String == "research")
        #expect(try await get(story, file, as: stranger).status == 403)
        let handled = try await story.server.curl.json(
            "POST",
            api(story, "/user-access-request/handle"),
            ["user": stranger.name, "status": "accepted"],
            token: owner.secret
        )
        #expect(handled.status == 200, "\(handled)")
        #expect(try await get(story, file, as: stranger).body == Array("# Story\n".utf8))
        let clone = try await git.clone(story.url(), "let-in")
        #expect(try await clone.objects() == work.objects())
    }
}
