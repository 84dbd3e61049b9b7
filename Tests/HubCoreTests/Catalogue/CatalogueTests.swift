import Access
import GranaryTesting
import HubCore
import JSON
import Metadata
import Testing

@Suite struct CatalogueTests {
    private static let card = """
        ---
        license: apache-2.0
        language: [en, de]
        library_name: transformers
        pipeline_tag: text-classification
        tags: [one, "two words"]
        datasets: [ada/data]
        base_model: ada/base
        ---
        See https://arxiv.org/abs/1910.01108 and arXiv:2106.09685v2.
        """

    private static let config = """
        {"architectures":["BertForMaskedLM"],"model_type":"bert","secret":"not shown"}
        """

    private func found(
        _ world: World,
        tags: [String] = [],
        search: [String] = [],
        type: RepositoryType = .model,
        by actor: Actor
    ) async throws -> [String] {
        var query = CatalogueQuery(type: type)
        (query.tags, query.search, query.order) = (tags, search, .created)
        return try await world.hub.catalogue.list(query, .brief, by: actor).entries.map(\.repository.name)
    }

    /// What the job has kept.
    private func kept(_ world: World, _ address: RepositoryAddress) async throws -> CardRecord? {
        let id = try await world.repositories.resolve(address, action: .readRepository, by: .operator).id
        return try await world.hub.metadata.read { try $0.catalogueEntries([id], hasDetails: true).first?.card }
    }

    @Test func aPushIsReadByAJobAndAtOnceByWhoeverLooks() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        let address = try await world.repository("model/ada/tiny", .public).address
        let first = try PushedTree(["README.md": Self.card, "config.json": Self.config, "a.onnx": "x"])
        try await world.push(first, of: address, by: ada)
        let before = try await world.hub.catalogue.describe(address, revision: nil, by: .anonymous)
        #expect(try await kept(world, address)?.commit == nil)
        await world.hub.jobs.runDue()
        let after = try await world.hub.catalogue.describe(address, revision: nil, by: .anonymous)
        #expect(try await kept(world, address)?.commit == first.commit)
        #expect(before.counts == after.counts && after.counts.usedStorage > 0)
        let expected = [
            "transformers", "onnx", "bert", "text-classification", "one", "two words", "en", "de", "dataset:ada/data",
            "arxiv:1910.01108", "arxiv:2106.09685", "base_model:ada/base", "base_model:finetune:ada/base",
            "license:apache-2.0", "region:us",
        ]
        for description in [before, after] {
            let facts = try #require(description.facts)
            #expect(facts.tags == expected)
            #expect(facts.pipelineTag == "text-classification" && facts.libraryName == "transformers")
            #expect(facts.card?["license"] == "apache-2.0")
            let config = try #require(facts.details.first { $0.name == "config" }?.value)
            #expect(config == ["architectures": ["BertForMaskedLM"], "model_type": "bert"])
        }
        for tag in expected + ["@pipeline_tag:text-classification"] {
            #expect(try await found(world, tags: [tag], by: .anonymous) == ["tiny"], "\(tag)")
        }
        let second = try PushedTree(["README.md": "---\ntags: [three]\n---\n"], parent: first.commit)
        try await world.push(second, from: first.commit, of: address, by: ada)
        await world.hub.jobs.runDue()
        #expect(try await found(world, tags: ["one"], by: .anonymous) == [])
        #expect(try await found(world, tags: ["three"], by: .anonymous) == ["tiny"])
        let old = try await world.hub.catalogue.describe(address, revision: first.commit, by: .anonymous)
        #expect(old.facts?.tags == expected)
    }

    @Test func otherBranchesAndBrokenCardsChangeNothing() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        let address = try await world.repository("model/ada/tiny", .public).address
        let main = try PushedTree(["README.md": "---\ntags: [main]\n---\n"])
        try await world.push(main, of: address, by: ada)
        await world.hub.jobs.runDue()
        let side = try PushedTree(["README.md": "---\ntags: [side]\n---\n"])
        try await world.push(side, to: "refs/heads/side", of: address, by: ada)
        await world.hub.jobs.runDue()
        #expect(try await found(world, tags: ["side"], by: ada) == [])
        try await world.repositories.setHead(address, target: "refs/heads/side", by: .operator)
        await world.hub.jobs.runDue()
        #expect(try await found(world, tags: ["side"], by: ada) == ["tiny"])
        #expect(try await found(world, tags: ["main"], by: ada) == [])
        let broken = try PushedTree(["README.md": "---\ntags: [\n---\n", "x.gguf": "x"], parent: side.commit)
        try await world.push(broken, to: "refs/heads/side", from: side.commit, of: address, by: ada)
        await world.hub.jobs.runDue()
        let entry = try await world.hub.catalogue.describe(address, revision: nil, by: ada)
        #expect(entry.facts?.card == nil && entry.facts?.tags == ["gguf", "region:us"])
        #expect(try await kept(world, address).map { $0.card == nil } == true)
        try await world.repositories.setHead(address, target: "refs/heads/none", by: .operator)
        await world.hub.jobs.runDue()
        #expect(try await found(world, tags: ["gguf"], by: ada) == [])
        #expect(try await world.hub.catalogue.describe(address, revision: nil, by: ada).facts == nil)
    }

    @Test func weightsAreCountedByTheirHeaders() async throws {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        let address = try await world.repository("model/ada/tiny", .public).address
        func shard(_ count: Int) -> String {
            let header = #"{"w":{"dtype":"F16","shape":[2,\#(count)],"data_offsets":[0,8]}}"#
            let length = (0..<8).map { UInt8(truncatingIfNeeded: header.utf8.count >> (8 * $0)) }
            return String(decoding: length, as: UTF8.self) + header + "12345678"
        }
        let index = #"{"weight_map":{"a":"model-1.safetensors","b":"model-2.safetensors","c":"model-1.safetensors"}}"#
        let tree = try PushedTree([
            "model.safetensors.index.json": index, "model-1.safetensors": shard(5), "model-2.safetensors": shard(7),
        ])
        try await world.push(tree, of: address, by: ada)
        await world.hub.jobs.runDue()
        let facts = try #require(try await world.hub.catalogue.describe(address, revision: nil, by: ada).facts)
        let counts: JSONValue = ["parameters": ["F16": 24], "total": 24]
        #expect(facts.details.first { $0.name == "safetensors" }?.value == counts)
        var query = CatalogueQuery(type: .model)
        for (range, isThere) in [(0...24, true), (25...30, false), (24...24, true)] as [(ClosedRange<Int64>, Bool)] {
            query.parameters = range
            let page = try await world.hub.catalogue.list(query, .brief, by: ada)
            #expect(page.entries.isEmpty != isThere, "\(range)")
        }
        let missing = try PushedTree(
            ["model.safetensors.index.json": index, "model-1.safetensors": shard(5)],
            parent: tree.commit
        )
        try await world.push(missing, from: tree.commit, of: address, by: ada)
        await world.hub.jobs.runDue()
        let broken = try #require(try await world.hub.catalogue.describe(address, revision: nil, by: ada).facts)
        #expect(!broken.details.contains { $0.name == "safetensors" })
        #expect(broken.tags.contains("safetensors"))
    }

    @Test func agreesWithResolve() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.user("bob")
        try await world.organization("acme", ["ada": .read])
        for address in ["model/ada/own", "model/acme/ours", "model/bob/hidden"] { try await world.repository(address) }
        try await world.repository("model/bob/shown", .public)
        let closed = try await world.repository("model/bob/closed", .public)
        let granted = try await world.repository("model/bob/granted")
        try await world.repositories.grant(granted.address, userName: "ada", role: .read, by: .operator)
        try await world.hub.metadata.transaction { try $0.setDisabled(repositoryID: closed.id, true) }
        let all = try await world.repositories.list(RepositoryListing(type: .model), by: .operator)
        let eve = try await world.user("eve", isAdmin: true)
        let actors = try await [
            .anonymous, .operator, eve, world.tokenActor("eve", .read), world.tokenActor("eve", .write),
            world.tokenActor("ada", .admin), world.tokenActor("ada", .read), world.tokenActor("bob", .read),
            world.tokenActor("ada", .write, .namespace("acme")), world.tokenActor("bob", .read, .namespace("ada")),
        ]
        for actor in actors {
            var expected: [String] = []
            for repository in all.reversed() {
                let isSeen =
                    (try? await world.repositories.resolve(repository.address, action: .readRepository, by: actor))
                    != nil
                if isSeen { expected.append(repository.name) }
            }
            #expect(try await found(world, by: actor) == expected, "\(actor)")
            let part = all.filter { $0.address.id.contains("ow") && expected.contains($0.name) }.map(\.name)
            #expect(try await found(world, search: ["ow"], by: actor) == part.reversed(), "\(actor)")
        }
    }

    @Test func pagesFollowOneAnother() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        for number in 0..<23 {
            try await world.repository("dataset/ada/d-\(number)", number % 2 == 0 ? .public : .private)
        }
        for limit in [1, 2, 5, 22, 23, 24] {
            var (query, names) = (CatalogueQuery(type: .dataset), [String]())
            (query.limit, query.order) = (limit, .created)
            var pages = 0
            repeat {
                let page = try await world.hub.catalogue.list(query, pages % 2 == 0 ? .cards : .brief, by: ada)
                names += page.entries.map(\.repository.name)
                query.after = page.next
                pages += 1
            } while query.after != nil
            #expect(names == (0..<23).reversed().map { "d-\($0)" }, "\(limit)")
            #expect(pages == (23 + limit - 1) / limit, "\(limit)")
        }
    }

    @Test func hostileQueriesFindNothing() async throws {
        let world = try await World()
        try await world.user("ada")
        try await world.repository("model/ada/tiny", .public)
        for text in [
            "\u{0}", "ti\u{0}", "\"", "*", "%", "tiny*", "NEAR(a b)", "ti ny", "é",
            String(repeating: "a", count: 10_000),
        ] {
            #expect(try await found(world, search: [text], by: .anonymous) == [], "\(text)")
            #expect(try await found(world, tags: [text], by: .anonymous) == [], "\(text)")
        }
        #expect(try await found(world, search: ["TIN", ""], by: .anonymous) == ["tiny"])
        await expectError(.invalid) { _ = try await found(world, search: ["a", "b", "c", "d", "e"], by: .anonymous) }
        await expectError(.invalid) { _ = try await found(world, tags: (0..<17).map(String.init), by: .anonymous) }
        var query = CatalogueQuery(type: .model)
        for author in ["nobody", "a\u{0}", "", "ada/tiny"] {
            query.author = author
            let page = try await world.hub.catalogue.list(query, .brief, by: .anonymous)
            #expect(page.entries.isEmpty && page.next == nil, "\(author)")
        }
    }

    @Test func downloadsAreCountedOncePerClientAndSomeMinutes() async throws {
        let world = try await World()
        let ada = try await world.user("ada")
        let tiny = try await world.repository("model/ada/tiny", .public)
        let downloads = world.hub.catalogue.downloads
        func count() async throws -> [Int64] {
            await downloads.flush()
            let entry = try await world.hub.metadata.read {
                try $0.catalogueEntries([tiny.id], hasDetails: false).first
            }
            return [entry?.counts.downloads ?? -1, entry?.counts.downloadsAllTime ?? -1]
        }
        for _ in 0..<50 { downloads.note(tiny.id, by: .anonymous, from: "192.0.2.1") }
        #expect(try await count() == [1, 1])
        downloads.note(tiny.id, by: .anonymous, from: "192.0.2.2")
        downloads.note(tiny.id, by: ada, from: "192.0.2.1")
        downloads.note(tiny.id, by: ada, from: "192.0.2.3")
        #expect(try await count() == [3, 3])
        world.clock.advance(seconds: 601)
        downloads.note(tiny.id, by: ada, from: "192.0.2.1")
        #expect(try await count() == [4, 4])
        try await world.repositories.delete(tiny.address, by: ada)
        world.clock.advance(seconds: 601)
        downloads.note(tiny.id, by: ada, from: "192.0.2.1")
        #expect(try await count() == [-1, -1])
    }
}
