import GitCore
import GranaryTesting
import Testing

@Suite struct CommitLogTests {
    /// A commit as stock git tells it.
    private struct Told {
        var date: Int64
        var parents: [ObjectID]
    }

    private func told(_ history: RandomHistory) async throws -> [ObjectID: Told] {
        let lines = String(
            decoding: try await history.git(["rev-list", "--all", "--parents", "--timestamp"]),
            as: UTF8.self
        )
        var told: [ObjectID: Told] = [:]
        for line in lines.split(separator: "\n") {
            let words = line.split(separator: " ").map(String.init)
            let ids = try words.dropFirst().map { try #require(ObjectID(hex: $0)) }
            told[try #require(ids.first)] = Told(date: try #require(Int64(words[0])), parents: Array(ids.dropFirst()))
        }
        return told
    }

    /// Every commit comes when all its children have come, and before every older one that could have come instead.
    @Test(arguments: [UInt64(1), 2, 3]) func tellsHistoriesInGitsOrder(seed: UInt64) async throws {
        let workshop = try await MaintenanceWorkshop(seed: seed, pushes: 3)
        let told = try await told(workshop.history)
        for round in 0..<2 {
            // The second time some commits are in a commit-graph.
            if round == 1 { _ = try await workshop.maintain(MaintenanceOptions()) }
            let reader = try ObjectReader(try workshop.repository.packs.current())
            for tip in workshop.commits.suffix(10) {
                let log = try CommitLog(from: tip, skip: 0, limit: .max, reader)
                let reached = try await workshop.history.oids(["rev-list", tip.hex])
                #expect(log.total == reached.count && Set(log.commits) == Set(reached))
                var waiting: [ObjectID: Int] = [:]
                for commit in reached {
                    for parent in try #require(told[commit]).parents { waiting[parent, default: 0] += 1 }
                }
                var ready: Set = [tip]
                for commit in log.commits {
                    let chosen = try #require(told[commit])
                    try #require(ready.remove(commit) != nil, "\(commit) comes before one of its children")
                    #expect(ready.allSatisfy { (told[$0]?.date ?? .max) <= chosen.date })
                    for parent in chosen.parents {
                        waiting[parent, default: 0] -= 1
                        if waiting[parent] == 0 { ready.insert(parent) }
                    }
                }
                let page = try CommitLog(from: tip, skip: 5, limit: 7, reader)
                #expect(page.commits == Array(log.commits.dropFirst(5).prefix(7)) && page.total == log.total)
            }
        }
    }

    @Test func whatIsNoCommitHasNoHistory() async throws {
        let workshop = try await MaintenanceWorkshop(seed: 4, pushes: 1)
        let reader = try ObjectReader(try workshop.repository.packs.current())
        let tree = try #require(try await workshop.history.oids(["rev-parse", "main^{tree}"]).first)
        #expect(throws: PackError.missing(tree)) { try CommitLog(from: tree, skip: 0, limit: 1, reader) }
        #expect(throws: PackError.missing(.zero)) { try CommitLog(from: .zero, skip: 0, limit: 1, reader) }
    }
}
