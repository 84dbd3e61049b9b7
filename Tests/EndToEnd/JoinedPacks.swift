import Foundation
import GranaryTesting
import Testing

@Suite("Packs that are joined", .serialized, .sharedServer)
struct JoinedPacks {
    /// What `granary repo maintain --json` says about one repository.
    private struct Report: Decodable {
        let packsAfter: Int
        let commitsWithBitmap: Int
        let objectsPutAside: Int
        let objectsDropped: Int
        let packsRemoved: Int
    }

    private func maintain(_ story: Story, _ options: String...) async throws -> Report {
        let command = ["repo", "maintain", story.repository.address, "--json"] + options
        let result = try await story.server.run(command).required()
        return try #require(try JSONDecoder().decode([Report].self, from: Data(result.standardOutput)).first)
    }

    /// Makes all files in a directory with an ending look as if they were written earlier.
    private func age(_ directory: String, _ ending: String, by seconds: TimeInterval) throws {
        for name in try FileManager.default.contentsOfDirectory(atPath: directory) where name.hasSuffix(ending) {
            try FileManager.default.setAttributes(
                [.modificationDate: Date(timeIntervalSinceNow: -seconds)],
                ofItemAtPath: "\(directory)/\(name)"
            )
        }
    }

    @Test(arguments: [[], ["--full"]])
    func pushesAndClonesGoOnMeanwhile(options: [String]) async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 400, seed: 81))
        try await source("push", "--quiet", story.url(), "main~100:refs/heads/main")
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for step in stride(from: 95, through: 0, by: -5) {
                    try await source("push", "--quiet", story.url(), "main~\(step):refs/heads/main")
                }
            }
            group.addTask {
                for _ in 0..<8 {
                    let command = ["repo", "maintain", story.repository.address] + options
                    try await story.server.run(command).required()
                }
            }
            for wire in [Wire.standard, .standardSSH] {
                group.addTask {
                    for round in 0..<6 {
                        let clone = try await story.git(wire).clone(story.url(wire), "clone-\(round)", "--no-checkout")
                        try await clone("fsck", "--strict", "--no-progress")
                        #expect(try await clone.count() >= 300)
                    }
                }
            }
            try await group.waitForAll()
        }
        try await story.verify(equals: source)
        let report = try await maintain(story, "--full")
        #expect(report.packsAfter == 1)
        try await story.verifyPacks()
    }

    /// Nobody asks for it: pushes do.
    @Test func theServerJoinsThemByItself() async throws {
        let story = try await Story.begin()
        let source = try await story.git().imported("source", .history(commits: 300, seed: 82))
        for step in stride(from: 240, through: 0, by: -10) {
            try await source("push", "--quiet", story.url(), "main~\(step):refs/heads/main")
        }
        let areFew = try await eventually(within: .seconds(60)) { story.server.packCount(of: story.repository) <= 8 }
        #expect(areFew, "\(story.server.packCount(of: story.repository)) packs")
        try await story.verify(equals: source)
        // Commits that came after the bitmaps have none.
        try await story.verifyPacks(areComplete: false)
        _ = try await maintain(story, "--full")
        try await story.verifyPacks()
    }

    @Test func whatNoRefLeadsToGoesAfterItsGrace() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        let lost = try await work.commit("lost", ["lost.txt": "lost\n"])
        try await work("push", "--quiet", "origin", "main")
        try await work("reset", "--quiet", "--hard", "main~1")
        try await work("push", "--quiet", "--force", "origin", "main")
        let packs = story.repository.storedPath + "/objects/pack"
        func isStored() async throws -> Bool {
            try await story.server.storedGit(story.repository, ["cat-file", "-e", lost]).succeeded
        }

        #expect(try await maintain(story, "--full").objectsPutAside == 3)
        #expect(try await maintain(story, "--full", "--grace", "1d").objectsDropped == 0)
        #expect(try await isStored())
        try age(packs, ".unreachable", by: 2 * 86_400)
        #expect(try await maintain(story, "--full").objectsDropped == 0)
        #expect(try await maintain(story, "--full", "--grace", "1d").objectsDropped == 3)
        #expect(try await !isStored())
        try await story.verify(equals: work)
        try await story.verifyPacks()
    }

    @Test func whatWasJoinedGoesAfterItsReaders() async throws {
        let story = try await Story.begin()
        let work = try await story.seeded()
        try await work.commit("fourth", ["more.txt": "more\n"])
        try await work("push", "--quiet", "origin", "main")
        let retired = story.repository.storedPath + "/retired"
        #expect(try await maintain(story, "--full").packsAfter == 1)
        #expect(try await maintain(story).packsRemoved == 0)
        #expect(try FileManager.default.contentsOfDirectory(atPath: retired).count == 6)
        try age(retired, ".idx", by: 3 * 3_600)
        #expect(try await maintain(story).packsRemoved == 2)
        #expect(try FileManager.default.contentsOfDirectory(atPath: retired).isEmpty)
        try await story.verify(equals: work)
    }

    @Test func aGraceIsOnlyForFullRuns() async throws {
        let story = try await Story.begin()
        let result = try await story.server.run(["repo", "maintain", story.repository.address, "--grace", "1d"])
        #expect(result.status == 2)
        #expect(result.errorText.contains("--full"), "\(result)")
    }
}
