import Access
import GranaryTesting
import HubCore
import Metadata
import ObjectStore
import Testing

/// Garbage collection by itself, on a clock that stands still until it is told to go on.
@Suite struct LFSCollectionScheduleTests {
    private static let day: Int64 = 86_400
    private static let longAgo: Int64 = 20 * 365 * day

    /// A repository with an object that nothing refers to.
    private struct Scene {
        let world: World
        let gone: Blob

        init(_ world: World) async throws {
            self.world = world
            let ada = try await world.user("ada")
            let address = try await world.create("model/ada/one", by: ada).address
            gone = try Blob("gone")
            try await world.upload(gone, to: address, by: ada)
            // The runner puts the work in the table.
            let runner = Task { [world] in await world.hub.jobs.run() }
            for _ in 0..<500 where try await job() == nil { try await Task.sleep(for: .milliseconds(10)) }
            runner.cancel()
            await runner.value
        }

        /// The collection that waits.
        func job() async throws -> JobRecord? {
            let jobs = try await world.hub.metadata.read { try $0.jobs(failed: false, after: nil, limit: 100) }
            return jobs.first { $0.kind == "lfs.collection" }
        }

        var isThere: Bool {
            get async throws { try await world.objects.size(of: gone.oid) != nil }
        }
    }

    @Test func comesOnceADayAtNoFixedHour() async throws {
        let scene = try await Scene(try await World.withKey(hasGit: true))
        let clock = scene.world.clock
        for _ in 0..<3 {
            let job = try #require(try await scene.job())
            let wait = job.runAt.seconds - clock.now.seconds
            #expect((Self.day * 9 / 10...Self.day).contains(wait), "\(wait)")
            await scene.world.hub.jobs.runDue()
            #expect(try await scene.job()?.id == job.id, "nothing is due yet")
            clock.advance(seconds: Self.day)
            await scene.world.hub.jobs.runDue()
            #expect(try await scene.job()?.id != job.id, "it was done, and the next one waits")
        }
        #expect(try await scene.isThere, "what is young stays")
    }

    @Test func takesWhatNothingRefersTo() async throws {
        let scene = try await Scene(try await World.withKey(hasGit: true))
        scene.world.clock.advance(seconds: Self.longAgo)
        await scene.world.hub.jobs.runDue()
        #expect(try await !scene.isThere)
        #expect(try await scene.world.objects.restore(scene.gone.oid), "it is in quarantine")
    }

    @Test func triesAgainWhenTheStoreIsAway() async throws {
        var faulty: FaultyObjectStore?
        let world = try await World.withKey(
            hasGit: true,
            objects: { store in
                let layer = FaultyObjectStore(store)
                faulty = layer
                return layer
            }
        )
        let scene = try await Scene(world)
        world.clock.advance(seconds: Self.longAgo)
        try #require(faulty).fail(.list)
        await world.hub.jobs.runDue()
        let job = try #require(try await scene.job())
        #expect(job.attempts == 1 && job.lease == nil)
        #expect(job.runAt.seconds - world.clock.now.seconds < 60)
        #expect(try await scene.isThere)
        world.clock.advance(seconds: 60)
        await world.hub.jobs.runDue()
        #expect(try await !scene.isThere)
        #expect(try await scene.job()?.attempts == 0)
    }
}
