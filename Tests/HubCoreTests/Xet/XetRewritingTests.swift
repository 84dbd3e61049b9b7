import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing
import Xet

/// Xorbs of which most is in no file any more are written anew.
@Suite struct XetRewritingTests {
    private static let day: Int64 = 86_400

    /// Two files of one xorb; git refers to the smaller one alone.
    private struct Scene {
        let base: XetCollectionTests.Scene
        let small: CraftedFile
        var world: World { base.world }

        init(_ chunks: [Range<Int>] = [2..<3, 5..<6, 2..<3]) async throws {
            base = try await XetCollectionTests.Scene()
            small = try CraftedFile(chunks.map { (base.xet.xorb, $0) })
            try await world.register([base.xet.file, small], [base.xet.xorb], by: try await base.caller())
            try await world.push(
                try PushedTree(["small": small.blob().pointer]),
                of: base.xet.address,
                by: base.xet.ada
            )
            world.clock.advance(seconds: 10)
        }

        func isSmallReadable() async throws -> Bool {
            let blob = try small.blob()
            let whole = try await world.download(blob.object, from: base.xet.address, by: base.xet.ada)
            return try await world.assemble(small.hash, by: try await base.caller()) == small.content
                && whole == small.content
        }

        /// Collects until the larger file is gone: first its row, then what could bring it back, then the file.
        func collect(_ configure: (inout LFSCollectionPlan) -> Void = { _ in }) async throws -> [LFSCollectionReport] {
            var reports: [LFSCollectionReport] = []
            for _ in 0..<3 {
                reports.append(
                    try await world.collect {
                        $0.quarantineSeconds = 0
                        configure(&$0)
                    }
                )
                world.clock.advance(seconds: 10)
            }
            return reports
        }

        func bytes() async throws -> [Int64] { try await world.objects.list(after: nil, limit: 10).map(\.size) }
    }

    @Test func whatIsInUseStays() async throws {
        let scene = try await Scene()
        let caller = try await scene.base.caller()
        let old = try #require(
            try await scene.world.xet.reconstruction(of: scene.small.hash, 0..<UInt64.max, for: caller)
        )
        let reports = try await scene.collect()
        #expect(reports.reduce(0) { $0 + $1.rewritten.objects } == 1)
        let xorb = scene.base.xet.xorb
        let live = [2, 5].reduce(0) { $0 + (xorb.index.storedBytes(of: $1..<$1 + 1)?.count ?? 0) }
        #expect(reports.reduce(0) { $0 + $1.rewritten.bytes } == Int64(xorb.bytes.count - live))
        #expect(try await scene.isSmallReadable())
        // Whoever was reading goes on.
        let fetch = try #require(old.fetches.first)
        for range in fetch.ranges { _ = try await scene.world.fetched(fetch, range.storedBytes) }
        #expect(try await scene.bytes().count == 2)
        scene.world.clock.advance(seconds: 2 * Self.day)
        for _ in 0..<2 {
            _ = try await scene.collect()
            scene.world.clock.advance(seconds: 10)
        }
        #expect(try await scene.bytes() == [Int64(live)])
        #expect(try await scene.isSmallReadable())
        // Chunks of the new xorb are built upon, those that are gone are not.
        let new = try CraftedXorb(storing: [xorb.chunks[2], xorb.chunks[5]])
        #expect(try await scene.world.xet.storedLength(of: new.hash, for: try await scene.base.caller()) == live)
        #expect(try await !scene.base.knowsXorb())
        await expectRefusal(400) {
            try await scene.world.xet.register(try UploadShard([scene.base.xet.file]), by: caller)
        }
        try await scene.world.register([scene.base.xet.file], [xorb], by: caller)
        #expect(try await scene.base.isReadable())
    }

    @Test func whatIsMostlyInUseIsLeftAlone() async throws {
        let scene = try await Scene([0..<4, 5..<9])
        #expect(try await scene.collect().allSatisfy { $0.rewritten.objects == 0 })
        #expect(try await scene.isSmallReadable())
        #expect(try await scene.base.knowsXorb())
    }

    /// A client may have been told of the chunks, and build on them.
    @Test func whatWasUsedLatelyIsLeftAlone() async throws {
        let scene = try await Scene()
        let reports = try await scene.collect { $0.chunkGraceSeconds = 28 * Self.day }
        #expect(reports.allSatisfy { $0.rewritten.objects == 0 })
        scene.world.clock.advance(seconds: 29 * Self.day)
        let later = try await scene.collect { $0.chunkGraceSeconds = 28 * Self.day }
        #expect(later.reduce(0) { $0 + $1.rewritten.objects } == 1)
        #expect(try await scene.isSmallReadable())
    }

    @Test func aDryRunChangesNothing() async throws {
        let scene = try await Scene()
        _ = try await scene.collect { $0.chunkGraceSeconds = 28 * Self.day }
        let before = try await scene.bytes()
        let report = try await scene.world.collect { $0.isDryRun = true }
        #expect(report.rewritten.objects == 1 && report.rewritten.bytes > 0)
        #expect(try await scene.bytes() == before)
        #expect(try await scene.world.collect().rewritten == report.rewritten)
    }

    /// While the new xorb is written somebody registers a file of the old one.
    @Test func whoComesInBetweenGoesFirst() async throws {
        let scene = try await Scene()
        let (world, xorb, caller) = (scene.world, scene.base.xet.xorb, try await scene.base.caller())
        _ = try await scene.collect { $0.chunkGraceSeconds = 28 * Self.day }
        let other = try CraftedFile([(xorb, 7..<8), (xorb, 2..<3)])
        scene.base.store.afterPut { try await world.xet.register(try UploadShard([other]), by: caller) }
        let report = try await world.collect { $0.graceSeconds = 10 * Self.day }
        #expect(report.rewritten.objects == 0)
        #expect(try await scene.isSmallReadable())
        #expect(try await world.assemble(other.hash, by: caller) == other.content)
        #expect(try await scene.bytes().count == 1)
        world.clock.advance(seconds: 10)
        #expect(try await world.collect { $0.graceSeconds = 10 * Self.day }.rewritten.objects == 1)
        #expect(try await scene.isSmallReadable())
        #expect(try await world.assemble(other.hash, by: caller) == other.content)
    }

    /// A whole file served as its own xorb and is nobody's any more; a little of it lives on in another file.
    @Test func aWholeFileGoesAndItsChunksStay() async throws {
        let xet = try await XetScene(hasGit: true, { $0.xetChunkedFrom = 1 })
        let world = xet.world
        world.clock.advance(seconds: 20 * 365 * Self.day)
        let blob = try Blob(noise(2_000_000, 5))
        try await world.upload(blob, to: xet.address, by: xet.ada)
        await world.hub.jobs.runDue()
        let xorb = try XetChunkingTests.cut(blob.bytes)
        let file = try CraftedFile([(xorb, 1..<3), (xorb, 0..<1)])
        let caller = try await world.writer(xet.address, xet.ada)
        try await world.xet.register(try UploadShard([file]), by: caller)
        try await world.push(try PushedTree(["f": file.blob().pointer]), of: xet.address, by: xet.ada)
        world.clock.advance(seconds: 10)
        var rewritten: Int64 = 0
        for _ in 0..<8 {
            rewritten += try await world.collect { $0.quarantineSeconds = 0 }.rewritten.objects
            world.clock.advance(seconds: Self.day)
        }
        #expect(rewritten == 1)
        #expect(try await world.assemble(file.hash, by: try await world.writer(xet.address, xet.ada)) == file.content)
        let live = try #require(xorb.index.storedBytes(of: 0..<3)).count
        #expect(try await world.objects.list(after: nil, limit: 10).map(\.size) == [Int64(live)])
    }
}
