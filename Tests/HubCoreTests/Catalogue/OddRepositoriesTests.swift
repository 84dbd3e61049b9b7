import Access
import GitCore
import GranaryTesting
import HubCore
import JSON
import Metadata
import Testing

/// Repositories made to hurt whoever reads what they say.
@Suite struct OddRepositoriesTests {
    private func read(_ tree: PushedTree) async throws -> (world: World, facts: CardFacts, entry: CatalogueEntry) {
        let world = try await World(hasGit: true)
        let ada = try await world.user("ada")
        let address = try await world.repository("model/ada/tiny", .public).address
        try await world.push(tree, of: address, by: ada)
        let facts = try #require(try await world.hub.catalogue.describe(address, revision: nil, by: ada).facts)
        await world.hub.jobs.runDue()
        let page = try await world.hub.catalogue.list(CatalogueQuery(type: .model), .cards, by: ada)
        let jobs = try await world.hub.metadata.read { try $0.jobs(failed: false, after: nil, limit: 10) }
        #expect(jobs.filter { $0.kind == Records.cardJob } == [])
        return (world, facts, try #require(page.entries.first))
    }

    @Test func wordsThatNoTagMayBeAreLeftOut() async throws {
        let long = String(repeating: "x", count: 300)
        let card = """
            ---
            pipeline_tag: "a\\0b"
            library_name: \(long)
            language: ["\\0", {a: b}, [c], en, 12, 1.5]
            tags: ["\\x01", "", ok, ok, \(long)]
            license: "\\0"
            "\\0key": "\\0value"
            ---
            """
        let (_, facts, entry) = try await read(try PushedTree(["README.md": card]))
        #expect(facts.tags == ["ok", "en", "12", "1.5", "region:us"])
        #expect(facts.pipelineTag == nil && facts.libraryName == nil)
        let kept = try #require(entry.card.flatMap(CardFacts.init))
        #expect(kept.tags == facts.tags && kept.card == facts.card)
        #expect(kept.card?["\u{0}key"] == "\u{0}value")
    }

    @Test func manyTagsAreCut() async throws {
        let tags = (0..<2_000).map { "  - t\($0)\n" }.joined()
        let (world, facts, _) = try await read(try PushedTree(["README.md": "---\ntags:\n\(tags)---\n"]))
        #expect(facts.tags.count == 500)
        var query = CatalogueQuery(type: .model)
        query.tags = ["t499"]
        #expect(try await world.hub.catalogue.list(query, .brief, by: .anonymous).entries.count == 1)
        query.tags = ["t500"]
        #expect(try await world.hub.catalogue.list(query, .brief, by: .anonymous).entries.isEmpty)
    }

    @Test func configurationsMayBeAnything() async throws {
        for text in [
            "[]", "{", "1", #"{"architectures":{"a":1},"model_type":[1]}"#, #"{"architectures":[1,null]}"#, "",
        ] {
            let (_, facts, _) = try await read(
                try PushedTree(["config.json": text, "tokenizer_config.json": text + " "])
            )
            #expect(facts.tags == ["region:us"] && facts.details.isEmpty, "\(text)")
        }
    }

    /// A few trees whose files, were they listed, would be ten billion directories.
    @Test(.timeLimit(.minutes(20))) func treesInsideTreesAreNotWalkedForEver() async throws {
        var builder = PackBuilder()
        let blob = try builder.add(.blob, Array("x".utf8))
        var tree = try builder.add(.tree, Array("100644 a.onnx\0".utf8) + blob.bytes)
        for _ in 0..<10 {
            let entries = (0..<10).flatMap { Array("40000 d\($0)\0".utf8) + tree.bytes }
            tree = try builder.add(.tree, entries)
        }
        let (_, facts, _) = try await read(try PushedTree(root: tree, in: &builder))
        #expect(facts.tags.contains("region:us"))
    }
}

extension PushedTree {
    /// A commit of a tree that was made by hand.
    fileprivate init(root: ObjectID, in builder: inout PackBuilder) throws {
        let person = "A U Thor <author@example.com> 1700000000 +0000"
        let text = "tree \(root)\nauthor \(person)\ncommitter \(person)\n\nmade by hand\n"
        commit = try builder.add(.commit, Array(text.utf8)).hex
        pack = try builder.finish()
    }
}
