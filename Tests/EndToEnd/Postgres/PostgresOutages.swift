import GranaryTesting
import Synchronization
import Testing

@Suite(
    "A PostgreSQL server that fails",
    .serialized,
    .ownServers,
    .enabled(if: PostgresTestServer.shared != nil, "GRANARY_TEST_POSTGRES is not set")
)
struct PostgresOutages {
    /// How the server fails under load.
    enum Failure: String, CaseIterable, Sendable {
        case stops, crashes, cutsConnections
    }

    /// What was acknowledged is there afterwards, and no ref goes back.
    @Test(arguments: Failure.allCases)
    func noAcknowledgedPushIsLost(failure: Failure) async throws {
        try await PostgresTestServer.withOwn { database in
            let story = try await Story.onPostgres(database)
            let pushers = Pushers(story)
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<3 { group.addTask { try await pushers.run(number) } }
                for _ in 0..<3 {
                    try await Task.sleep(for: .milliseconds(700))
                    switch failure {
                    case .stops: try await database.stop()
                    case .crashes: try await database.kill()
                    case .cutsConnections: try await database.cutConnections(to: try #require(story.server.database))
                    }
                    try await Task.sleep(for: .milliseconds(300))
                    if failure != .cutsConnections { try await database.restart() }
                }
                try await Task.sleep(for: .milliseconds(500))
                pushers.end()
                try await group.waitForAll()
            }
            try await pushers.check()
            try await story.verify()
            #expect(try await story.server.stop() == 0)
        }
    }

    @Test func anOutageIsToldAndEnds() async throws {
        try await PostgresTestServer.withOwn { database in
            let story = try await Story.onPostgres(database)
            let work = try await story.seeded()
            try await database.stop()
            let answer = try await story.server.curl("GET", "/api/whoami-v2", headers: [story.owner.bearer])
            #expect(answer.status == 503, "\(answer.status)")
            #expect(answer["retry-after"] != nil)
            #expect(!(try await work.attempt("ls-remote", "origin").succeeded))
            #expect(story.server.isRunning)
            try await database.restart()
            let isBack = try await eventually(within: .seconds(30)) {
                try await work.attempt("ls-remote", "origin").succeeded
            }
            #expect(isBack)
            #expect(story.server.log.contains("the database can be reached again"))
            #expect(try await story.server.stop() == 0)
        }
    }
}

/// People who push one commit after the other, each to a branch of their own, and note what was acknowledged.
private final class Pushers: Sendable {
    private let story: Story
    private let isOver = Atomic(false)
    /// For each branch the acknowledged commit, and commits that were pushed without an answer after it.
    private let last = Mutex<[String: (acknowledged: String?, unknown: [String], count: Int)]>([:])

    init(_ story: Story) {
        self.story = story
    }

    func end() { isOver.store(true, ordering: .relaxed) }

    func run(_ number: Int) async throws {
        let branch = "refs/heads/branch-\(number)"
        let work = try await story.git().newRepository("pusher-\(number)")
        while !isOver.load(ordering: .relaxed) {
            let commit = try await work.commit("commit")
            let isAcknowledged = try await work.attempt("push", "--quiet", story.url(), "HEAD:\(branch)").succeeded
            last.withLock { last in
                var entry = last[branch] ?? (nil, [], 0)
                entry = isAcknowledged ? (commit, [], entry.count + 1) : (entry.0, entry.1 + [commit], entry.2)
                last[branch] = entry
            }
        }
    }

    func check() async throws {
        let refs = try await story.remoteRefs()
        for (branch, entry) in last.withLock({ $0 }) {
            let possible = [entry.acknowledged].compactMap { $0 } + entry.unknown
            let isThere = refs[branch].map(possible.contains) ?? (entry.acknowledged == nil)
            #expect(isThere, "\(branch) is at \(refs[branch] ?? "nothing"), acknowledged \(possible)")
            print(
                "PostgreSQL outages: \(entry.count) pushes to \(branch) acknowledged, \(entry.unknown.count) last not"
            )
        }
        #expect(last.withLock { $0.values.map(\.count).reduce(0, +) } > 0)
    }
}
