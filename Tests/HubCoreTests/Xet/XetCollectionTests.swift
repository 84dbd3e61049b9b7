import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing
import Xet

/// Garbage collection of chunked files and xorbs, also while clients are at work.
@Suite struct XetCollectionTests {
    struct Scene {
        let xet: XetScene
        let store: HookedObjectStore
        var world: World { xet.world }

        init() async throws {
            nonisolated(unsafe) var made: HookedObjectStore?
            xet = try await XetScene(
                hasGit: true,
                objects: { files in
                    let store = HookedObjectStore(files)
                    made = store
                    return store
                }
            )
            store = try #require(made)
            // Files are as old as the machine's clock says; the hub's is far ahead of it.
            world.clock.advance(seconds: 20 * 365 * 86_400)
        }

        func caller() async throws -> XetAccess.Caller { try await world.writer(xet.address, xet.ada) }

        func isReadable() async throws -> Bool {
            do {
                return try await world.assemble(xet.file.hash, by: try await caller()) == xet.file.content
            } catch let failure as XetFailure where failure.status == 404 {
                return false
            }
        }

        func knowsXorb() async throws -> Bool {
            try await world.xet.storedLength(of: xet.xorb.hash, for: try await caller()) != nil
        }

        /// Lets git refer to the file.
        func push() async throws {
            try await world.push(try PushedTree(["f": xet.file.blob().pointer]), of: xet.address, by: xet.ada)
        }
    }

    private static let day: Int64 = 86_400

    @Test func whatIsReferredToStays() async throws {
        let scene = try await Scene()
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: try await scene.caller())
        try await scene.push()
        scene.world.clock.advance(seconds: 400 * Self.day)
        let report = try await scene.world.collect()
        #expect((report.rows.objects, report.chunkedFiles, report.xorbs, report.quarantined.objects) == (0, 0, 0, 0))
        #expect(try await scene.isReadable())
    }

    /// First the row, which can be brought back; then the file; then, after its own time, the xorb; then its bytes.
    @Test func whatNothingRefersToGoesStepByStep() async throws {
        let scene = try await Scene()
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: try await scene.caller())
        scene.world.clock.advance(seconds: 10)
        var report = try await scene.world.collect()
        #expect((report.rows.objects, report.chunkedFiles, report.xorbs) == (1, 0, 0))
        #expect(try await !scene.isReadable())
        #expect(try await scene.world.lfs.undoCollection(by: .operator).objects == 1)
        #expect(try await scene.isReadable())
        scene.world.clock.advance(seconds: 10)
        // Nothing is kept to be brought back.
        _ = try await scene.world.collect { $0.quarantineSeconds = 0 }
        scene.world.clock.advance(seconds: 10)
        report = try await scene.world.collect {
            $0.quarantineSeconds = 0
            $0.chunkGraceSeconds = 28 * Self.day
        }
        scene.world.clock.advance(seconds: 10)
        _ = try await scene.world.collect {
            $0.quarantineSeconds = 0
            $0.chunkGraceSeconds = 28 * Self.day
        }
        #expect(try await scene.knowsXorb())
        #expect(try await scene.world.stored() == 1)
        // A client still builds on it.
        let file = try CraftedFile([(scene.xet.xorb, 2..<3)])
        try await scene.world.xet.register(try UploadShard([file]), by: try await scene.caller())
        scene.world.clock.advance(seconds: 10)
        // As so little of the xorb is in use, it is written anew first, and the old one kept for a day.
        for _ in 0..<5 {
            _ = try await scene.world.collect { $0.quarantineSeconds = 0 }
            scene.world.clock.advance(seconds: Self.day)
        }
        #expect(try await !scene.knowsXorb())
        #expect(try await scene.world.stored() == 0)
    }

    @Test func xorbsInUseHaveTheirTime() async throws {
        let scene = try await Scene()
        try await scene.world.send(scene.xet.xorb, by: try await scene.caller())
        for _ in 0..<3 {
            scene.world.clock.advance(seconds: 27 * Self.day)
            // Whoever sends it again is told that it is here, and counts on that.
            #expect(try await !scene.world.send(scene.xet.xorb, by: try await scene.caller()))
            let report = try await scene.world.collect { $0.chunkGraceSeconds = 28 * Self.day }
            #expect(report.xorbs == 0)
        }
        scene.world.clock.advance(seconds: 27 * Self.day)
        try await scene.world.register([scene.xet.file], [], by: try await scene.caller())
        scene.world.clock.advance(seconds: 27 * Self.day)
        #expect(try await scene.world.collect { $0.chunkGraceSeconds = 28 * Self.day }.xorbs == 0)
    }

    @Test func aDryRunChangesNothing() async throws {
        let scene = try await Scene()
        try await scene.world.send(scene.xet.xorb, by: try await scene.caller())
        scene.world.clock.advance(seconds: 10)
        let report = try await scene.world.collect { $0.isDryRun = true }
        #expect(report.xorbs == 1)
        #expect(try await scene.knowsXorb())
    }

    // MARK: Races

    /// The bytes are published, and nobody knows of them yet, when a collection comes by.
    @Test func bytesThatWereSetAsideComeBack() async throws {
        let scene = try await Scene()
        scene.store.afterPut {
            let report = try await scene.world.collect()
            #expect(report.quarantined.objects == 1)
        }
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: try await scene.caller())
        #expect(try await scene.isReadable())
    }

    @Test func bytesThatWereDeletedAreNotAcknowledged() async throws {
        let scene = try await Scene()
        let caller = try await scene.caller()
        scene.store.afterPut {
            for _ in 0..<2 {
                _ = try await scene.world.collect { $0.quarantineSeconds = 0 }
                scene.world.clock.advance(seconds: 10)
            }
            #expect(try await scene.world.stored() == 0)
        }
        await expectRefusal(503) { try await scene.world.send(scene.xet.xorb, by: caller) }
        #expect(try await !scene.knowsXorb())
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: caller)
        #expect(try await scene.isReadable())
    }

    /// Everything is proven, and before it is written the xorb goes.
    @Test(arguments: [false, true]) func aXorbThatGoesBeforeItsFileIsWritten(isListed: Bool) async throws {
        let scene = try await Scene()
        let (world, caller) = (scene.world, try await scene.caller())
        try await world.send(scene.xet.xorb, by: caller)
        scene.world.clock.advance(seconds: 10)
        let shard = try UploadShard([scene.xet.file], isListed ? [scene.xet.xorb] : [])
        await expectRefusal(400) {
            try await world.xet.register(shard, by: caller) { progress in
                guard progress == .committing else { return }
                let report = try await world.collect()
                #expect(report.xorbs == 1)
            }
        }
        #expect(try await !scene.isReadable())
        #expect(try await world.lfs.usage(of: scene.xet.address, by: scene.xet.ada) == LFSUsage())
        try await world.register([scene.xet.file], [scene.xet.xorb], by: caller)
        #expect(try await scene.isReadable())
    }

    /// It comes back in another form: where chunks were is no longer where they are.
    @Test func aXorbThatComesBackInAnotherForm() async throws {
        let scene = try await Scene()
        let caller = try await scene.caller()
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: caller)
        #expect(try await scene.isReadable())
        let old = try #require(
            try await scene.world.xet.reconstruction(of: scene.xet.file.hash, 0..<9_000, for: caller)?.fetches.first
        )
        for _ in 0..<4 {
            scene.world.clock.advance(seconds: 10)
            _ = try await scene.world.collect { $0.quarantineSeconds = 0 }
        }
        #expect(try await scene.world.stored() == 0)
        let stored = try CraftedXorb(storing: scene.xet.xorb.chunks)
        try await scene.world.register([scene.xet.file], [stored], by: caller)
        #expect(try await scene.isReadable())
        let blob = try scene.xet.file.blob()
        #expect(
            try await scene.world.download(blob.object, from: scene.xet.address, by: scene.xet.ada) == blob.bytes
        )
        // A link from before is for bytes of the other form.
        let range = try #require(old.ranges.first)
        await expectRefusal(403) { _ = try await scene.world.fetched(old, range.storedBytes) }
    }

    /// A collection that was killed between moving the bytes and looking once more.
    @Test func whatAKilledCollectionHasSetAsideIsRead() async throws {
        let scene = try await Scene()
        try await scene.world.register([scene.xet.file], [scene.xet.xorb], by: try await scene.caller())
        let object = try #require(try await scene.store.list(after: nil, limit: 1).first)
        #expect(try await scene.store.quarantine(object.key))
        #expect(try await scene.world.stored() == 0)
        #expect(try await scene.isReadable())
    }
}
