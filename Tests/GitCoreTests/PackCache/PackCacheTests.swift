import GitCore
import GranaryTesting
import NIOCore
import Synchronization
import Testing

@Suite struct PackCacheTests {
    private func everything(_ workshop: FetchWorkshop, _ more: String...) -> ByteBuffer {
        let wants = Set(workshop.refs.map { "want \($0.oid)" }).sorted()
        return FetchWorkshop.request(["no-progress"] + more + wants)
    }

    @Test func equalRequestsGetOnePack() async throws {
        let workshop = try await FetchWorkshop(seed: 201, .pushes)
        let request = everything(workshop, "ofs-delta", "filter tree:2")
        let expected = try await workshop.ours(request, isShared: false).pack
        let packs = try await withThrowingTaskGroup(of: [UInt8].self) { group in
            for _ in 0..<8 { group.addTask { try await workshop.ours(request, isShared: true).pack } }
            return try await group.reduce(into: []) { $0.append($1) }
        }
        #expect(packs.allSatisfy { $0 == expected })
        let counts = workshop.cache.counts
        #expect(counts.misses == 1 && counts.hits == 7)
        #expect(counts.packs == 1 && counts.bytes == Int64(expected.count))
        #expect(counts.hitBytes >= 7 * Int64(expected.count))
    }

    @Test func anotherQuestionGetsAnotherPack() async throws {
        let workshop = try await FetchWorkshop(seed: 202, .pushes)
        let requests = [
            everything(workshop), everything(workshop, "ofs-delta"), everything(workshop, "filter blob:none"),
            everything(workshop, "filter tree:1"), everything(workshop, "deepen 1"), everything(workshop, "deepen 2"),
            everything(workshop, "have \(workshop.commits[20])"),
            everything(workshop, "thin-pack", "have \(workshop.commits[20])"),
            FetchWorkshop.request(["want \(workshop.commits[3])"]),
        ]
        for _ in 0..<2 {
            for request in requests {
                let shared = try await workshop.ours(request, isShared: true)
                #expect(try await shared.pack == workshop.ours(request, isShared: false).pack)
            }
        }
        #expect(workshop.cache.counts.misses == requests.count)
        #expect(workshop.cache.counts.hits == requests.count)
    }

    /// Whatever comes or goes, nothing old is served.
    @Test func aPushMakesThePackAnother() async throws {
        let workshop = try await FetchWorkshop(seed: 203, .pushes)
        let request = everything(workshop, "filter blob:none")
        _ = try await workshop.ours(request, isShared: true)
        try workshop.publishStray("a push")
        _ = try await workshop.ours(request, isShared: true)
        #expect(workshop.cache.counts.misses == 2 && workshop.cache.counts.hits == 0)
    }

    /// The first client reads nothing; others get the same pack meanwhile, and it gets all of it later.
    @Test func whoIsSlowIsInNobodysWay() async throws {
        let workshop = try await FetchWorkshop(seed: 204, .pushes)
        let request = everything(workshop, "ofs-delta", "filter blob:none")
        let slow = HeldSink()
        async let first: Void = workshop.serve(request, isShared: true, to: slow)
        await slow.waitForWriter()
        let second = try await workshop.ours(request, isShared: true)
        slow.release()
        try await first
        #expect(try FetchAnswer(slow.answered).pack == second.pack)
        #expect(workshop.cache.counts.misses == 1 && workshop.cache.counts.hits == 1)
    }

    /// The first client goes away; whoever asks next, or reads meanwhile, is served.
    @Test func whoHangsUpIsInNobodysWay() async throws {
        let workshop = try await FetchWorkshop(seed: 205, .pushes)
        let request = everything(workshop, "ofs-delta", "filter tree:3")
        let expected = try await workshop.ours(request, isShared: false).pack
        for _ in 0..<20 {
            let gone = Task { try await workshop.serve(request, isShared: true, to: BrokenSink()) }
            #expect(try await workshop.ours(request, isShared: true).pack == expected)
            await #expect(throws: BrokenSink.Broken.self) { try await gone.value }
        }
        let cancelled = Task { try await workshop.serve(request, isShared: true, to: HeldSink()) }
        cancelled.cancel()
        _ = await cancelled.result
        #expect(try await workshop.ours(request, isShared: true).pack == expected)
    }

    @Test func whatIsOldOrTooMuchGoes() async throws {
        let time = Mutex<Int64>(0)
        var limits = PackCache.Limits()
        limits.seconds = 60
        let probe = try await FetchWorkshop(seed: 206, .pushes)
        let stored = try probe.workshop.repository.packs.current().packs.reduce(0) { $0 + $1.size }
        limits.bytes = 4 * stored
        let workshop = try await FetchWorkshop(seed: 206, .pushes, cache: limits) { time.withLock { $0 } }
        for commit in workshop.commits.prefix(40) {
            let request = FetchWorkshop.request(["no-progress", "want \(commit)"])
            let shared = try await workshop.ours(request, isShared: true)
            #expect(try await shared.pack == workshop.ours(request, isShared: false).pack)
            time.withLock { $0 += 1_000_000_000 }
            #expect(workshop.cache.counts.bytes <= limits.bytes)
        }
        #expect(workshop.cache.counts.packs > 1)
        #expect(workshop.cache.counts.packs < 40)
        time.withLock { $0 += 100_000_000_000 }
        _ = try await workshop.ours(everything(workshop, "deepen 1"), isShared: true)
        #expect(workshop.cache.counts.packs == 1)
    }

    @Test(arguments: [0, 1_000] as [Int64])
    func whatDoesNotFitIsSentWithoutIt(bytes: Int64) async throws {
        var limits = PackCache.Limits()
        limits.bytes = bytes
        let workshop = try await FetchWorkshop(seed: 207, .pushes, cache: limits)
        let request = everything(workshop)
        let shared = try await workshop.ours(request, isShared: true)
        #expect(try await shared.pack == workshop.ours(request, isShared: false).pack)
        #expect(workshop.cache.counts.misses == 0 && workshop.cache.counts.packs == 0)
    }

    /// A stored pack that is sent as it is takes no room twice.
    @Test func aStoredPackIsNotKeptTwice() async throws {
        let workshop = try await FetchWorkshop(seed: 208, .onePush)
        let request = everything(workshop, "ofs-delta", "include-tag")
        let stored = try #require(try workshop.workshop.repository.packs.current().packs.first)
        let shared = try await workshop.ours(request, isShared: true)
        #expect(
            shared.pack
                == (try Directories.readFile(
                    workshop.workshop.repository.packs.path + "/\(stored.name).pack",
                    limit: 1 << 26
                ))
        )
        #expect(workshop.cache.counts.packs == 0 && workshop.cache.counts.bytes == 0)
    }
}

/// A client that reads the beginning of an answer, and nothing more until it is told to.
private final class HeldSink: ByteSink {
    private let duplex = Duplex()
    private let (gate, opening) = AsyncStream<Void>.makeStream()
    private let (writers, arrival) = AsyncStream<Void>.makeStream()

    func write(_ buffer: ByteBuffer) async throws {
        if answered.readableBytes > 0 {
            arrival.yield()
            for await _ in gate {}
            try Task.checkCancellation()
        }
        try await duplex.write(buffer)
    }

    func release() { opening.finish() }

    /// Returns when there is a write that is held.
    func waitForWriter() async {
        for await _ in writers { return }
    }

    var answered: ByteBuffer { duplex.answered }
}

/// A client that has gone after the beginning of an answer.
private final class BrokenSink: ByteSink {
    struct Broken: Error {}

    private let duplex = Duplex()

    func write(_ buffer: ByteBuffer) async throws {
        guard duplex.answered.readableBytes == 0 else { throw Broken() }
        try await duplex.write(buffer)
    }
}
