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
            let base = try await XetCollectionTests.Scene()
            self.base = base
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

    /// A whole file in two stretches, and a file that is made of all of the first.
    private struct WholeFile {
        let scene: XetCollectionTests.Scene
        let blob: Blob
        let first: CraftedXorb
        let second: CraftedXorb
        let file: CraftedFile
        var world: World { scene.world }

        init() async throws {
            scene = try await XetCollectionTests.Scene()
            blob = try Blob(noise(2_000_000, 6))
            try await scene.world.upload(blob, to: scene.xet.address, by: scene.xet.ada)
            let all = try XetChunkingTests.cut(blob.bytes).chunks
            first = try CraftedXorb(storing: Array(all[..<5]))
            second = try CraftedXorb(storing: Array(all[5...]))
            file = try CraftedFile([(first, 0..<5)])
            let caller = try await scene.caller()
            let whole = try CraftedFile([(first, 0..<5), (second, 0..<second.chunks.count)])
            let terms = try whole.shard.terms.map {
                try #require(FileTerm(xorb: $0.xorb, chunks: $0.chunks, rawLength: Int($0.rawLength)))
            }
            let now = scene.world.clock.now
            let known = XetFileRecord(
                hash: whole.hash.description,
                oid: blob.oid.hex,
                size: Int64(blob.bytes.count),
                terms: FileTerm.packed(terms),
                createdAt: now
            )
            let records = [record(of: first, at: 0), record(of: second, at: Int64(first.index.rawLength))]
            try await scene.world.hub.metadata.transaction { store in
                for record in records {
                    try store.insertXorb(record)
                    try store.admitXorb(record.hash, to: caller.scope)
                }
                try store.insertXetFile(known, xorbs: Set(records.map(\.hash)))
            }
            try await scene.world.xet.register(try UploadShard([file]), by: caller)
            let tree = try PushedTree(["f": file.blob().pointer])
            try await scene.world.push(tree, of: scene.xet.address, by: scene.xet.ada)
        }

        func record(of xorb: CraftedXorb, at offset: Int64) -> XorbRecord {
            XorbRecord(
                hash: xorb.hash.description,
                oid: blob.oid.hex,
                rawOffset: offset,
                storedBytes: Int64(xorb.index.storedLength),
                rawBytes: Int64(xorb.index.rawLength),
                chunks: Int64(xorb.index.count),
                chunkIndex: xorb.index.packed,
                createdAt: scene.world.clock.now,
                usedAt: scene.world.clock.now
            )
        }

        func isReadable() async throws -> Bool {
            let whole = try file.blob()
            let plain = try await world.download(whole.object, from: scene.xet.address, by: scene.xet.ada)
            return try await world.assemble(file.hash, by: try await scene.caller()) == file.content
                && plain == file.content
        }
    }

    /// Of a whole file that is nobody's a stretch is in use from end to end: its hash stays, its bytes move.
    @Test func aStretchThatIsInUseAsAWholeMoves() async throws {
        let whole = try await WholeFile()
        #expect(try await whole.isReadable())
        whole.world.clock.advance(seconds: 10)
        var rewritten: Int64 = 0
        for _ in 0..<8 {
            rewritten += try await whole.world.collect { $0.quarantineSeconds = 0 }.rewritten.objects
            #expect(try await whole.isReadable())
            whole.world.clock.advance(seconds: Self.day)
        }
        #expect(rewritten == 1)
        #expect(
            try await whole.world.objects.list(after: nil, limit: 10).map(\.size) == [Int64(whole.first.bytes.count)]
        )
    }

    /// The collection runs in another process: what this one remembers of the xorb is where it was.
    @Test func whatHasMovedIsFound() async throws {
        let whole = try await WholeFile()
        let world = whole.world
        #expect(try await whole.isReadable())
        let caller = try await whole.scene.caller()
        let old = try #require(try await world.xet.reconstruction(of: whole.file.hash, 0..<UInt64.max, for: caller))
        let moved = try Blob(whole.first.bytes)
        try await world.objects.put(moved.oid, size: moved.object.size, bytes: Body(moved.bytes))
        let record = whole.record(of: whole.first, at: 0)
        let isMoved = try await world.hub.metadata.transaction {
            try $0.moveXorb(record, to: moved.oid.hex, unusedSince: Timestamp(microseconds: .max))
        }
        #expect(isMoved)
        #expect(try await world.objects.delete(whole.blob.oid))
        // Whoever has a link goes on with it.
        let fetch = try #require(old.fetches.first)
        let range = try #require(fetch.ranges.first)
        #expect(try await world.fetched(fetch, range.storedBytes) == whole.first.bytes)
        #expect(try await whole.isReadable())
    }
}
