import GranaryTesting
import Testing

@Suite("Many people at once", .serialized, .sharedServer)
struct Concurrency {
    @Test func eightParallelClonesAreEqual() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 600, seed: 71))
        try await source("push", "--quiet", story.url(), "main")
        let expected = try await source.objects()
        let equal = try await withThrowingTaskGroup(of: Bool.self) { group in
            for index in 0..<8 {
                group.addTask {
                    let wire = Wire.all[index % Wire.all.count]
                    let clone = try await story.git(wire).clone(story.url(wire), "clone")
                    try await clone("fsck", "--strict", "--no-progress")
                    return try await clone.objects() == expected
                }
            }
            return try await group.reduce(into: 0) { $0 += $1 ? 1 : 0 } == 8
        }
        #expect(equal)
    }

    @Test func eightParallelPushesToOneBranchHaveOneWinner() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let clones = try await rivals(story, count: 8)
        let results = try await parallelPushes(clones, ["push", "origin", "main"])
        let winners = results.indices.filter { results[$0].succeeded }
        #expect(winners.count == 1, "\(results)")
        let winner = try #require(winners.first)
        #expect(try await story.remoteRefs()["refs/heads/main"] == clones[winner].id("main"))
        for result in results where !result.succeeded {
            #expect(result.errorText.contains("rejected"), "\(result)")
        }
        try await story.verify()
    }

    @Test func everybodyWhoRebasesAndTriesAgainGetsIn() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let clones = try await rivals(story, count: 5)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for clone in clones {
                group.addTask {
                    for _ in 0..<30 where try await clone.attempt("push", "--quiet", "origin", "main").status != 0 {
                        try await clone("pull", "--quiet", "--rebase", "origin", "main")
                    }
                }
            }
            try await group.waitForAll()
        }
        let fresh = try await story.git().clone(story.url(), "fresh")
        #expect(try await fresh.count() == 3 + clones.count)
        try await story.verify()
    }

    /// A ref cannot be a file and a directory at once, whichever of two pushes looked first.
    @Test func ofTwoRefsThatStandInEachOthersWayOneIsMade() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let tip = try await work.id("main")
        let pack = try HostilePack([GitObject]()).bytes
        for round in 0..<12 {
            let names = ["refs/heads/way-\(round)", "refs/heads/way-\(round)/in"]
            let reports = try await withThrowingTaskGroup(of: PushReport.self) { group in
                for name in names {
                    group.addTask { try await story.push(PushRequest(creating: name, at: tip, pack: pack)) }
                }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            #expect(reports.flatMap(\.accepted).count == 1, "\(reports)")
            #expect(reports.flatMap(\.refused.keys).count == 1, "\(reports)")
        }
        try await story.verify()
    }

    @Test func eightParallelPushesToEightBranchesAllArrive() async throws {
        let story = try await Story.begin()
        _ = try await story.seeded()
        let clones = try await rivals(story, count: 8)
        let results = try await withThrowingTaskGroup(of: CommandResult.self) { group in
            for (index, clone) in clones.enumerated() {
                group.addTask { try await clone.attempt("push", "origin", "main:refs/heads/topic-\(index)") }
            }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        for result in results { #expect(result.succeeded, "\(result)") }
        let refs = try await story.remoteRefs()
        for (index, clone) in clones.enumerated() {
            #expect(try await refs["refs/heads/topic-\(index)"] == clone.id("main"))
        }
        try await story.verify()
    }

    @Test func clonesDuringPushesSeeOneStateOrTheOther() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 400, seed: 72))
        try await source("push", "--quiet", story.url(), "main~200:refs/heads/main")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for step in stride(from: 190, through: 0, by: -10) {
                    try await source("push", "--quiet", story.url(), "main~\(step):refs/heads/main")
                }
            }
            for index in 0..<2 {
                group.addTask {
                    let wire = index == 0 ? Wire.standard : .standardSSH
                    for round in 0..<6 {
                        let clone = try await story.git(wire).clone(story.url(wire), "clone-\(round)", "--no-checkout")
                        try await clone("fsck", "--strict", "--no-progress")
                        let count = try await clone.count()
                        #expect(count >= 200 && count % 10 == 0)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await story.verify(equals: source)
    }

    @Test func manySmallPushesStayReadable() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        for index in 0..<40 {
            try await work.commit("small \(index)", ["file": "\(index)\n"])
            try await work("push", "--quiet", "origin", "main")
        }
        let clone = try await story.git().clone(story.url(), "clone")
        #expect(try await clone.count() == 43)
        try await story.verify(equals: work)
    }

    /// Clones with one commit of their own each.
    private func rivals(_ story: Story, count: Int) async throws -> [GitClient] {
        var clones: [GitClient] = []
        for index in 0..<count {
            let clone = try await story.git().clone(story.url(), "rival")
            try await clone.commit("rival \(index)", ["rival-\(index).txt": "\(index)\n"])
            clones.append(clone)
        }
        return clones
    }

    private func parallelPushes(_ clones: [GitClient], _ arguments: [String]) async throws -> [CommandResult] {
        try await withThrowingTaskGroup(of: (Int, CommandResult).self) { group in
            for (index, clone) in clones.enumerated() { group.addTask { (index, try await clone.run(arguments)) } }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
