import GitCore
import GranaryTesting
import OpenSSLKit
import Testing

@Suite struct CommitGraphTests {
    private func compare(_ graph: CommitGraph, _ history: RandomHistory) async throws {
        let listed = try await history.git(["log", "--all", "--format=%H %T %ct %P"])
        let lines = String(decoding: listed, as: UTF8.self).split(separator: "\n")
        #expect(graph.count == lines.count)
        for line in lines {
            let words = line.split(separator: " ").map(String.init)
            let oid = try #require(ObjectID(hex: words[0]))
            let position = try #require(graph.position(of: oid))
            #expect(graph.oid(at: position) == oid)
            let commit = try graph.commit(at: position)
            #expect(commit.tree.hex == words[1])
            #expect(String(commit.time) == words[2])
            #expect(commit.parents.map { graph.oid(at: $0).hex } == Array(words[3...]))
            let highest = try commit.parents.map { try graph.commit(at: $0).generation }.max() ?? 0
            #expect(commit.generation == highest + 1)
        }
        #expect(graph.position(of: .zero) == nil)
    }

    @Test func readsWhatGitWrites() async throws {
        let history = try await RandomHistory(seed: 61, commits: 200)
        try await history.git(["commit-graph", "write", "--reachable"])
        let graph = try CommitGraph(path: history.directory.path("objects/info/commit-graph"))
        try await compare(graph, history)
    }

    @Test(arguments: [62, 63] as [UInt64])
    func gitReadsWhatWeWrite(_ seed: UInt64) async throws {
        let history = try await RandomHistory(seed: seed, commits: 200)
        let pack = try await history.packed()
        let before = try await history.git(["log", "--all", "--topo-order", "--format=%H %P %T %ct"])
        let table = CommitTable(try ObjectReader(PackSet([pack])))
        let tips = try await history.oids(["rev-list", "--all"])
        let path = history.directory.path("objects/info/commit-graph")
        let count = try CommitGraphWriter.write(tips, table: table, path: path)
        #expect(count == tips.count)
        try await history.git(["commit-graph", "verify"])
        try await history.git(["fsck"])
        #expect(try await history.git(["log", "--all", "--topo-order", "--format=%H %P %T %ct"]) == before)
        try await compare(try CommitGraph(path: path), history)
    }

    @Test func answersDamageWithErrors() async throws {
        let history = try await RandomHistory(seed: 64, commits: 60)
        try await history.git(["commit-graph", "write", "--reachable"])
        let path = history.directory.path("objects/info/commit-graph")
        let original = try #require(try Directories.readFile(path, limit: 1 << 24))
        var random = SeededRandom(6)
        var refused = 0
        for _ in 0..<600 {
            var bytes = random.mutation(of: Array(original.dropLast(20)), spice: [0, 0xff, 0x80, 0x70])
            let sha1 = try SHA1Stream()
            try bytes.withUnsafeBytes { try sha1.update($0) }
            bytes += try sha1.finalize()
            do {
                let graph = try CommitGraph(path: try history.directory.write("damaged", bytes))
                for position in 0..<graph.count { _ = try graph.commit(at: position) }
                _ = graph.position(of: graph.oid(at: 0))
            } catch is ReachabilityError {
                refused += 1
            }
        }
        #expect(refused > 60)
    }
}
