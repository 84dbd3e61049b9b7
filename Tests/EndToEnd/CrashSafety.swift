import GranaryTesting
import Testing

@Suite("A server that is killed", .serialized, .ownServers)
struct CrashSafety {
    private static let seed: UInt64 = 20_260_101
    private static let rounds = 100

    /// One branch and the person who pushes it.
    private struct Pusher {
        let branch: String
        let work: GitClient
        /// Every commit that was pushed, in order: each is the parent of the next.
        var commits: [String] = []
        /// The index of the commit that the server showed last; -1 for none.
        var seen = -1
    }

    @Test func noAcknowledgedPushIsLost() async throws {
        print("crash safety: seed \(Self.seed), \(Self.rounds) kills during \(2 * Self.rounds) pushes")
        var random = SeededRandom(Self.seed)
        let server = try await GranaryServer.start()
        let alice = try await server.addPerson("alice")
        let repository = try await server.addRepository("model", "alice", "crash")
        let story = Story(server: server, owner: alice, repository: repository)
        var pushers: [Pusher] = []
        for (branch, wire) in [("main", Wire.standard), ("other", .standardSSH)] {
            let work = try await story.git(wire).newRepository("work")
            try await work("remote", "add", "origin", story.url(wire))
            pushers.append(Pusher(branch: branch, work: work))
        }
        var acknowledged = 0
        for round in 0..<Self.rounds {
            for index in pushers.indices {
                let size = Int.random(in: 0...300_000, using: &random)
                try pushers[index].work.write("file-\(round % 5)", random.bytes(size))
                pushers[index].commits.append(try await pushers[index].work.commit("round \(round)"))
            }
            let delay = Duration.milliseconds(Int.random(in: 0...350, using: &random))
            let results = try await push(pushers, thenKill: server, after: delay)
            try await server.start()
            let refs = try await story.remoteRefs()
            for index in pushers.indices {
                acknowledged += results[index] ? 1 : 0
                try check(&pushers[index], isAcknowledged: results[index], refs: refs, round: round)
            }
            if round % 20 == 19 {
                let stored = try await server.storedGit(repository, ["fsck", "--strict", "--full", "--no-dangling"])
                #expect(stored.succeeded, "round \(round): \(stored)")
                let own = try await server.run(["fsck"])
                #expect(own.succeeded, "round \(round): \(own)")
            }
        }
        print("crash safety: \(acknowledged) pushes were acknowledged")
        #expect(
            acknowledged > 0 && acknowledged < 2 * Self.rounds,
            "\(acknowledged) acknowledged: the moments are badly chosen"
        )
        for pusher in pushers { try await pusher.work("push", "origin", "HEAD:\(pusher.branch)") }
        try await story.verify()
        #expect(try await server.run(["fsck"]).succeeded)
        #expect(try await server.stop() == 0)
    }

    private func push(_ pushers: [Pusher], thenKill server: GranaryServer, after delay: Duration) async throws -> [Bool]
    {
        try await withThrowingTaskGroup(of: (Int, Bool).self) { group in
            for (index, pusher) in pushers.enumerated() {
                group.addTask {
                    (
                        index,
                        try await pusher.work.attempt("push", "--quiet", "origin", "HEAD:refs/heads/\(pusher.branch)")
                            .succeeded
                    )
                }
            }
            try await Task.sleep(for: delay)
            await server.kill()
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }

    /// An acknowledged push is there; one that broke off is there or not; nothing goes back.
    private func check(_ pusher: inout Pusher, isAcknowledged: Bool, refs: [String: String], round: Int) throws {
        let found = refs["refs/heads/\(pusher.branch)"]
        let index = found.map { pusher.commits.firstIndex(of: $0) ?? -2 } ?? -1
        #expect(index >= pusher.seen, "round \(round): an acknowledged push is lost")
        if isAcknowledged {
            #expect(index == pusher.commits.count - 1, "round \(round): the acknowledged push is lost")
        }
        pusher.seen = index
    }
}
