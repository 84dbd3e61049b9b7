import Foundation
import GranaryTesting
import Testing

/// What is pushed is told, found and listed, to those who may see it.
@Suite("The catalogue over REST", .serialized, .sharedServer)
struct CatalogueOverREST {
    private func get(_ story: Story, _ path: String, as person: Person?, headers: [String] = []) async throws
        -> HTTPAnswer
    {
        try await story.server.curl("GET", path, headers: headers + (person.map { [$0.bearer] } ?? []))
    }

    private func ids(_ answer: HTTPAnswer) throws -> [String] {
        let value = try JSONSerialization.jsonObject(with: Data(answer.body))
        let list = try #require(value as? [[String: Any]], "\(answer)")
        return list.compactMap { $0["id"] as? String }
    }

    private func found(_ story: Story, _ query: String, type: String = "models", as person: Person? = nil) async throws
        -> [String]
    {
        try ids(try await get(story, "/api/\(type)?\(query)", as: person))
    }

    private func id(_ story: Story) -> String { "alice/\(story.repository.name)" }

    @Test func aCardIsToldAtOnceAndFoundSoon() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let tag = Story.freshName("tag")
        let card = """
            ---
            license: mit
            language: [en, "no"]
            tags: [\(tag)]
            pipeline_tag: fill-mask
            model-index: [{name: x}]
            odd: [.nan, 2024-01-31, 007, 1e5]
            ---
            # Text
            """
        try await work.commit("card", ["README.md": card, "config.json": #"{"model_type":"bert"}"#])
        try await work("push", "--quiet", "origin", "main")
        let info = try await get(story, "/api/models/\(id(story))", as: nil).json
        let tags = try #require(info["tags"] as? [String])
        #expect(Set(tags) == ["transformers", "bert", "fill-mask", tag, "en", "no", "license:mit", "region:us"])
        #expect(info["pipeline_tag"] as? String == "fill-mask" && info["library_name"] as? String == "transformers")
        let data = try #require(info["cardData"] as? [String: Any])
        #expect(data["license"] as? String == "mit" && data["language"] as? [String] == ["en", "no"])
        let odd = try #require(data["odd"] as? [Any])
        #expect(odd[0] is NSNull && odd[1] as? String == "2024-01-31" && odd[2] as? String == "007")
        #expect(info["likes"] as? Int == 0 && info["downloads"] as? Int == 0 && info["downloadsAllTime"] == nil)
        #expect((info["config"] as? [String: Any])?["model_type"] as? String == "bert")
        #expect(info["usedStorage"] as? Int ?? 0 > 0)
        let some = try await get(story, "/api/models/\(id(story))?expand=tags&expand[]=downloadsAllTime", as: nil).json
        #expect(Set(some.keys) == ["_id", "id", "modelId", "tags", "downloadsAllTime"])
        let old = try await get(story, "/api/models/\(id(story))/revision/main~1", as: nil)
        #expect(old.status == 404)

        #expect(try await eventually { try await found(story, "filter=\(tag)") == [id(story)] })
        for query in [
            "filter=\(tag)&filter=license:mit", "filter=\(tag)&pipeline_tag=fill-mask", "filter=\(tag)&gated=false",
            "filter=\(tag)&author=ALICE", "filter=\(tag)&library=transformers&language=no",
            "filter=\(tag)&search=\(story.repository.name.uppercased())", "filter=\(tag)&sort=likes&direction=-1",
        ] {
            #expect(try await found(story, query) == [id(story)], "\(query)")
        }
        for query in [
            "filter=\(tag)&filter=license:gpl", "filter=\(tag)&pipeline_tag=other", "filter=\(tag)&gated=true",
            "filter=\(tag)&author=bob", "filter=\(tag.uppercased())", "filter=\(tag)&inference=warm",
        ] {
            #expect(try await found(story, query) == [], "\(query)")
        }
        #expect(try await found(story, "filter=\(tag)", type: "datasets") == [])
        let groups = try await get(story, "/api/models-tags-by-type", as: nil).json
        #expect(groups.isEmpty == false)
    }

    @Test func detailIsWhatIsAskedFor() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        try await work.commit("card", ["README.md": "---\nlicense: mit\n---\n", "config.json": #"{"model_type":"x"}"#])
        try await work("push", "--quiet", "origin", "main")
        let search = "search=\(story.repository.name)"
        #expect(try await eventually { try await found(story, search + "&filter=license:mit") == [id(story)] })
        func keys(_ more: String) async throws -> Set<String> {
            let answer = try await get(story, "/api/models?\(search)&filter=license:mit\(more)", as: nil)
            let list = try JSONSerialization.jsonObject(with: Data(answer.body)) as? [[String: Any]]
            return Set(try #require(list?.first, "\(answer)").keys)
        }
        let standard: Set<String> = [
            "_id", "id", "modelId", "author", "sha", "lastModified", "createdAt", "private", "gated", "downloads",
            "likes",
            "trendingScore", "tags", "library_name",
        ]
        #expect(try await keys("") == standard)
        #expect(try await keys("&cardData=True") == standard.union(["cardData"]))
        #expect(try await keys("&config=true") == standard.union(["config"]))
        #expect(try await keys("&full=1") == standard.union(["cardData", "siblings", "disabled"]))
        #expect(try await keys("&expand=sha&expand=cardData") == ["_id", "id", "modelId", "sha", "cardData"])
    }

    @Test func hostileQueriesAreAnswered() async throws {
        let story = try await Story.begin(isPrivate: false)
        for text in [
            "%22", "%27", "*", "%25", "NEAR(", "a%20OR%20b", "-", "%5E", "(", "%5C", "%00", "%22%22", "%C3%A9", "a%00b",
        ] {
            let name = "search=\(story.repository.name)"
            for query in ["search=\(text)&\(name)&sort=createdAt", "filter=\(text)&\(name)", "author=\(text)"] {
                let answer = try await get(story, "/api/models?\(query)", as: nil)
                #expect(answer.status == 200, "\(query): \(answer)")
                // A hyphen is in the name; the words of "a OR b" are looked for each by itself.
                if text != "-" { #expect(try ids(answer) == [], "\(query)") }
            }
        }
        for query in [
            "cursor=x", "cursor=", "cursor=1", "cursor=1.2",
            "cursor=99999999999999999999.\(String(repeating: "0", count: 32))",
            "cursor=1.\(String(repeating: "g", count: 32))", "sort=name", "limit=0", "limit=x", "gated=2",
            "num_parameters=6B", "num_parameters=min:-1", "num_parameters=min:2,max:1", "apps=unknown",
            "search=a&search=b&search=c&search=d&search=e", (0...16).map { "filter=\($0)" }.joined(separator: "&"),
        ] {
            let answer = try await get(story, "/api/models?\(query)", as: nil)
            #expect(answer.status == 400, "\(query): \(answer)")
        }
        #expect(try await get(story, "/api/modelz", as: nil).status == 404)
        let far = "cursor=9223372036854775807.\(String(repeating: "f", count: 32))"
        #expect(try await found(story, "search=\(story.repository.name)&\(far)") == [id(story)])
        let end = "cursor=-9223372036854775808.\(String(repeating: "0", count: 32))"
        #expect(try await found(story, end) == [])
    }

    @Test func privateOnesAreListedForThoseWhoSeeThem() async throws {
        let story = try await Story.begin()
        let (search, server) = ("search=\(story.repository.name)", story.server)
        let stranger = try await server.addPerson(Story.freshName("person"))
        let reader = try await server.addToken(to: "alice", named: Story.freshName("reader"), role: "read")
        for (person, isSeen) in [(story.owner, true), (reader, true), (stranger, false), (nil, false)]
            as [(Person?, Bool)]
        {
            #expect(try await found(story, search, as: person) == (isSeen ? [id(story)] : []), "\(person?.name ?? "")")
            let cursor = "cursor=9223372036854775807.\(String(repeating: "f", count: 32))"
            #expect(try await found(story, "\(search)&\(cursor)", as: person).isEmpty != isSeen)
        }
        try await server.run(["repo", "grant", story.repository.address, stranger.name, "read"]).required()
        #expect(try await found(story, search, as: stranger) == [id(story)])
        let wrong = try await get(story, "/api/models", as: Person(name: "x", secret: "gra_wrong"))
        #expect(wrong.status == 401)
    }

    @Test func pagesAreLinked() async throws {
        let story = try await Story.begin(isPrivate: false)
        let word = Story.freshName("pages")
        for number in 0..<5 {
            _ = try await story.server.addRepository(
                "dataset",
                "alice",
                "\(word)-\(number)",
                isPrivate: number % 2 == 0
            )
        }
        var (names, next): ([String], String?) = ([], "/api/datasets?search=\(word)&limit=2&sort=createdAt")
        while let path = next {
            let page = try await get(story, path, as: story.owner)
            names += try ids(page)
            next = page["link"].map { link in
                let url = String(link.dropFirst().prefix { $0 != ">" })
                #expect(
                    url.hasPrefix(story.server.base) && link.hasSuffix(">; rel=\"next\"")
                        && url.contains("search=\(word)")
                )
                return String(url.dropFirst(story.server.base.count))
            }
        }
        #expect(names == (0..<5).reversed().map { "alice/\(word)-\($0)" })
        let all = try await get(story, "/api/datasets?search=\(word)&limit=5", as: story.owner)
        #expect(try ids(all).count == 5 && all["link"] == nil)
        #expect(try await found(story, "search=\(word)", type: "datasets").count == 2)
    }

    @Test func bombsInCardsAreAbsentCards() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.seeded()
        let laughs = (1...12).map { level in
            let parts = Array(repeating: level == 1 ? "lol" : "*l\(level - 1)", count: 5).joined(separator: ", ")
            return "l\(level): &l\(level) [\(parts)]"
        }
        let cards = [
            "---\n\(laughs.joined(separator: "\n"))\n---\n",
            "---\na: \(String(repeating: "[", count: 300_000))\n---\n",
            "---\n\(String(repeating: "- ", count: 300_000))\n---\n",
            "---\na: 1\na: 2\n---\n",
            "---\n" + String(repeating: "a\(UInt32.random(in: 0 ... .max)): x\n", count: 60_000) + "---\n",
            String(repeating: "---\n", count: 100_000), "---\n? ? ? ?\n---\n",
        ]
        for (number, card) in cards.enumerated() {
            try await work.commit("card \(number)", ["README.md": card])
            try await work("push", "--quiet", "origin", "main")
            let time = try await ContinuousClock().measure {
                let info = try await get(story, "/api/models/\(id(story))", as: nil)
                #expect(info.status == 200, "\(info)")
                #expect((info.json["cardData"] as? [String: Any])?.isEmpty ?? true, "card \(number)")
                #expect(info.json["tags"] as? [String] == ["region:us"], "card \(number)")
            }
            #expect(time < .seconds(5), "card \(number): \(time)")
        }
        #expect(story.server.isRunning)
    }

    @Test func weightsInLargeFilesAreCounted() async throws {
        let story = try await Story.begin(isPrivate: false)
        let work = try await story.largeFileWork(tracking: ["*.safetensors"])
        let header = Array(#"{"w":{"dtype":"BF16","shape":[1000,1000],"data_offsets":[0,2000000]}}"#.utf8)
        let length = (0..<8).map { UInt8(truncatingIfNeeded: header.count >> (8 * $0)) }
        try work.write("model.safetensors", length + header + [UInt8](repeating: 0, count: 2_000_000))
        try await work.commit("weights")
        try await work("push", "--quiet", "origin", "main")
        let info = try await get(story, "/api/models/\(id(story))", as: nil).json
        let weights = try #require(info["safetensors"] as? [String: Any])
        #expect(weights["total"] as? Int == 1_000_000)
        #expect(weights["parameters"] as? [String: Int] == ["BF16": 1_000_000])
        let search = "search=\(story.repository.name)&num_parameters="
        #expect(try await eventually { try await found(story, search + "min:1M,max:1M") == [id(story)] })
        #expect(try await found(story, search + "min:2M") == [])
        let usage = try #require(info["usedStorage"] as? Int)
        #expect(usage >= 2_000_000)
    }

    @Test func cardsAreCheckedBeforeTheyAreCommitted() async throws {
        let server = try SharedServer.running.server
        func check(_ content: String, type: String = "model") async throws -> HTTPAnswer {
            let body: [String: any Sendable] = ["content": content, "repoType": type]
            return try await server.curl.json("POST", "/api/validate-yaml", body, token: nil)
        }
        let fine = try await check("---\nlicense: mit\ntags: [a]\n---\n# Text\n")
        #expect(
            fine.status == 200 && fine.json["errors"] as? [String] == [] && fine.json["warnings"] as? [String] == []
        )
        let bare = try await check("# Text\n")
        #expect(bare.status == 200 && (bare.json["warnings"] as? [[String: String]])?.count == 1)
        for content in [
            "---\na: [\n---\n", "---\n- a\n---\n", "---\na: 1\na: 2\n---\n", "---\ntags: {a: b}\n---\n",
            "---\nlicense: [[]]\n---\n", "---\na: \(String(repeating: "[", count: 10_000))\n---\n",
            "---\na: \u{0}\n---\n",
        ] {
            let refused = try await check(content)
            #expect(refused.status == 400, "\(refused)")
            let errors = try #require(refused.json["errors"] as? [[String: String]])
            #expect(errors.first?["message"]?.isEmpty == false)
        }
        #expect(try await check("", type: "nonsense").status == 400)
        #expect(try await server.curl.json("POST", "/api/validate-yaml", ["content": 1], token: nil).status == 400)
    }

    @Test func storageIsToldToThoseWhoseItIs() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        #expect(try await get(story, "/api/settings/repositories", as: nil).status == 401)
        let own = try await get(story, "/api/settings/repositories", as: story.owner)
        #expect(try ids(own).contains(id(story)))
        let missing = try await get(story, "/api/organizations/nobody-here/settings/repositories", as: story.owner)
        #expect(missing.status == 404)
        let stranger = try await story.server.addPerson(Story.freshName("person"))
        let others = try await get(story, "/api/organizations/alice/settings/repositories", as: stranger)
        #expect(others.status == 403, "\(others)")
        #expect(try await get(story, "/api/settings/repositories?cursor=x", as: story.owner).status == 400)
        var (seen, next): ([String], String?) = ([], "/api/settings/repositories?limit=1")
        while let path = next {
            let page = try await get(story, path, as: story.owner)
            seen += try ids(page)
            next = page["link"].map { String($0.dropFirst().prefix { $0 != ">" }.dropFirst(story.server.base.count)) }
        }
        #expect(seen == (try ids(own)))
    }
}
