import Access
import GranaryTesting
import HubCore
import Metadata
import Synchronization
import Testing

@Suite struct JobsTests {
    private final class Log: Sendable {
        private let lines = Mutex<[String]>([])
        func note(_ line: String) { lines.withLock { $0.append(line) } }
        var all: [String] { lines.withLock { $0 } }
    }

    private struct NoLuck: Error {}

    private func enqueue(_ world: World, key: String = "a") async throws {
        let now = world.clock.now
        let id = try RecordID.next(world.clock)
        try await world.hub.metadata.transaction {
            try $0.enqueue(JobRequest(kind: "test", key: key, at: now), id: id, at: now)
        }
    }

    private func failures(_ world: World) async throws -> [JobRecord] {
        try await world.hub.metadata.read { try $0.jobs(failed: true, after: nil, limit: 10) }
    }

    private func waiting(_ world: World) async throws -> [JobRecord] {
        try await world.hub.metadata.read { try $0.jobs(failed: false, after: nil, limit: 10) }
    }

    @Test func runsWhatIsDueAndForgetsIt() async throws {
        let (world, log) = (try await World(), Log())
        let jobs = world.jobs([JobKind("test") { log.note($0.key) }])
        for key in ["a", "b", "a"] { try await enqueue(world, key: key) }
        await jobs.runDue()
        #expect(log.all.sorted() == ["a", "b"])
        #expect(try await waiting(world).isEmpty)
    }

    @Test func triesAgainLaterAndGivesUpWithTheReason() async throws {
        let (world, log) = (try await World(), Log())
        let jobs = world.jobs([
            JobKind("test", maximumAttempts: 3) { job in
                log.note("\(job.attempts)")
                throw HubError(.unavailable(retryAfterSeconds: 1), "The moon is full.")
            }
        ])
        try await enqueue(world)
        for _ in 0..<3 {
            await jobs.runDue()
            await jobs.runDue()
            world.clock.advance(seconds: 60)
        }
        #expect(log.all == ["1", "2", "3"])
        let failed = try #require(try await failures(world).first)
        #expect(failed.lastError == "The moon is full.")
        #expect(failed.attempts == 3)
    }

    @Test func saysNothingOfErrorsThatAreNotForeseen() async throws {
        let world = try await World()
        let jobs = world.jobs([JobKind("test", maximumAttempts: 1) { _ in throw NoLuck() }])
        try await enqueue(world)
        await jobs.runDue()
        #expect(try await failures(world).first?.lastError == "Something went wrong in the hub.")
    }

    @Test func breaksOffWhatTakesTooLong() async throws {
        let world = try await World()
        let jobs = world.jobs([
            JobKind("test", maximumAttempts: 1, seconds: 1) { _ in try await Task.sleep(for: .seconds(3_600)) }
        ])
        try await enqueue(world)
        await jobs.runDue()
        #expect(try await failures(world).first?.lastError == "It took more than 1 s.")
    }

    @Test func runsAgainAndAgainWhatIsNotAskedFor() async throws {
        let (world, log) = (try await World(), Log())
        let kind = JobKind("test", maximumAttempts: 1, every: 1_000) { job in
            log.note(job.key)
            if log.all.count == 2 { throw NoLuck() }
        }
        let jobs = world.jobs([kind])
        // The runner sees to it that the work is in the table.
        for _ in 0..<2 {
            let runner = Task { await jobs.run() }
            for _ in 0..<500 where try await waiting(world).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
            runner.cancel()
            await runner.value
        }
        #expect(try await waiting(world).count == 1)
        for round in 0..<4 {
            #expect(log.all.count == round)
            world.clock.advance(seconds: 899)
            await jobs.runDue()
            #expect(log.all.count == round)
            world.clock.advance(seconds: 102)
            await jobs.runDue()
            #expect(log.all.count == round + 1)
        }
        // Where it is not wanted any more it is gone.
        let without = world.jobs([JobKind("test") { _ in }])
        let runner = Task { await without.run() }
        for _ in 0..<500 where try await !waiting(world).isEmpty { try await Task.sleep(for: .milliseconds(10)) }
        runner.cancel()
        await runner.value
        #expect(try await waiting(world).isEmpty)
    }

    @Test func runsByItselfAndLetsGoOfWhatRunsWhenItStops() async throws {
        let (world, log) = (try await World(), Log())
        let jobs = world.jobs([
            JobKind("test") { job in
                log.note(job.key)
                if job.key == "slow" { try await Task.sleep(for: .seconds(3_600)) }
            }
        ])
        try await enqueue(world, key: "quick")
        try await enqueue(world, key: "slow")
        let runner = Task { await jobs.run() }
        jobs.wake()
        for _ in 0..<500 where log.all.count < 2 { try await Task.sleep(for: .milliseconds(10)) }
        #expect(log.all.sorted() == ["quick", "slow"])
        runner.cancel()
        await runner.value
        let left = try await waiting(world)
        #expect(left.map(\.key) == ["slow"])
        #expect(left.first?.lease == nil && left.first?.attempts == 0)
    }
}

extension World {
    /// A runner of these kinds on this world's database.
    func jobs(_ kinds: [JobKind]) -> Jobs {
        let system = HubEnvironment.system()
        return Jobs(
            metadata: hub.metadata,
            environment: HubEnvironment(
                now: { [clock] in clock.now },
                newID: { [clock] in try RecordID.next(clock) },
                randomBytes: system.randomBytes
            ),
            logger: hub.logger,
            kinds: kinds
        )
    }
}

extension RecordID {
    /// An id for the clock's next moment.
    fileprivate static func next(_ clock: Clock) throws -> RecordID {
        let random = try HubEnvironment.system().randomBytes(RecordID.randomByteCount)
        return try #require(RecordID(microseconds: clock.tick(), random: random))
    }
}
