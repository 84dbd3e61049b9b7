import GitCore
import GranaryTesting
import NIOCore
import Testing

/// Whatever is wanted, had, cut and left out: a client has the same objects afterwards as one of stock git.
@Suite struct StockComparisonTests {
    private static let filters = [
        "blob:none", "blob:limit=900", "blob:limit=0", "tree:0", "tree:1", "tree:3", "object:type=commit",
        "object:type=tree", "object:type=blob", "object:type=tag", "combine:blob:none+tree:2",
    ]

    /// One of the many ways to ask.
    private func arguments(_ random: inout SeededRandom, _ workshop: FetchWorkshop) -> (wants: [String], rest: [String])
    {
        var wants: [ObjectID]
        switch random.below(4) {
        case 0, 1: wants = workshop.refs.map(\.oid)
        case 2: wants = workshop.refs.map(\.oid).filter { _ in random.below(2) == 0 }
        default: wants = [workshop.commits[random.below(workshop.commits.count)]]
        }
        if wants.isEmpty { wants = [workshop.commits[0]] }
        var rest = ["no-progress"]
        if random.below(3) != 0 { rest.append("ofs-delta") }
        if random.below(2) == 0 { rest.append("thin-pack") }
        if random.below(2) == 0 { rest.append("include-tag") }
        var unique: [ObjectID] = []
        for want in wants where !unique.contains(want) { unique.append(want) }
        return (unique.map { "want \($0)" }, rest)
    }

    private func agree(_ arguments: [String], _ workshop: FetchWorkshop, client objects: [UInt8] = []) async throws
        -> [UInt8]
    {
        let request = FetchWorkshop.request(arguments)
        let ours = try await workshop.ours(request, isShared: false)
        let theirs = try await workshop.theirs(request)
        for _ in 0..<2 {
            let shared = try await workshop.ours(request, isShared: true)
            #expect(shared.lines == ours.lines && shared.pack == ours.pack, "\(arguments)")
        }
        // Stock git opens the section for every client with a boundary, also when there is nothing to say.
        func said(_ answer: FetchAnswer) -> [String] { answer.lines.filter { $0 != "shallow-info" }.sorted() }
        #expect(said(ours) == said(theirs), "\(arguments)")
        var (one, other) = (try await FetchClient(), try await FetchClient())
        _ = try await one.take(objects)
        _ = try await other.take(objects)
        let (left, right) = (try await one.take(ours.pack), try await other.take(theirs.pack))
        #expect(right.subtracting(left).isEmpty, "\(arguments)")
        // Stock git filters a tree that is wanted by name when it has met it in a commit before.
        let wants = Set(arguments.filter { $0.hasPrefix("want ") }.compactMap { ObjectID(hex: $0.dropFirst(5)) })
        #expect(left.subtracting(right).subtracting(wants).isEmpty, "\(arguments)")
        return ours.pack
    }

    @Test(arguments: FetchWorkshop.Storage.allCases)
    func clonesLikeStockGit(_ storage: FetchWorkshop.Storage) async throws {
        for seed in [101, 102] as [UInt64] {
            let workshop = try await FetchWorkshop(seed: seed, storage)
            var random = SeededRandom(seed)
            for round in 0..<14 {
                var (wants, rest) = arguments(&random, workshop)
                if round.isMultiple(of: 2) { rest.append("filter " + Self.filters[random.below(Self.filters.count)]) }
                if random.below(4) == 0 { rest.append("deepen \(1 + random.below(9))") }
                _ = try await agree(rest + wants, workshop)
                wants = workshop.refs.map { "want \($0.oid)" }
                if round == 0 { _ = try await agree(["ofs-delta"] + Array(Set(wants)), workshop) }
            }
        }
    }

    @Test(arguments: FetchWorkshop.Storage.allCases)
    func fetchesLikeStockGit(_ storage: FetchWorkshop.Storage) async throws {
        for seed in [103, 104] as [UInt64] {
            let workshop = try await FetchWorkshop(seed: seed, storage)
            var random = SeededRandom(seed)
            for round in 0..<8 {
                let haves = (0...random.below(3)).map { _ in
                    workshop.commits[random.below(workshop.commits.count)].hex
                }
                let pack = try await workshop.history.git(
                    ["pack-objects", "--revs", "--stdout", "-q"],
                    input: Array(haves.joined(separator: "\n").utf8)
                )
                var (wants, rest) = arguments(&random, workshop)
                if round == 0 { rest.append("filter " + Self.filters[random.below(Self.filters.count)]) }
                _ = try await agree(rest + wants + haves.map { "have \($0)" }, workshop, client: pack)
            }
        }
    }

    @Test(arguments: FetchWorkshop.Storage.allCases)
    func deepensLikeStockGit(_ storage: FetchWorkshop.Storage) async throws {
        let workshop = try await FetchWorkshop(seed: 105, storage)
        var random = SeededRandom(105)
        for _ in 0..<6 {
            let want = workshop.commits[random.below(workshop.commits.count / 2)]
            let first = ["ofs-delta", "want \(want)", "deepen \(1 + random.below(4))"]
            let pack = try await agree(first, workshop)
            let shallows = try await workshop.theirs(FetchWorkshop.request(first)).lines.filter {
                $0.hasPrefix("shallow ")
            }
            var (wants, rest) = arguments(&random, workshop)
            if random.below(2) == 0 { wants = ["want \(want)"] }
            if random.below(3) != 0 { rest.append("deepen \(1 + random.below(12))") }
            _ = try await agree(rest + shallows + wants + ["have \(want)"], workshop, client: pack)
        }
    }
}
