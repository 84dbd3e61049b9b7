import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing

/// Garbage collection beside uploads that have published their bytes and have no row yet.
@Suite struct LFSCollectionRaceTests {
    private struct Scene {
        let world: World
        let store: HookedObjectStore
        let address: RepositoryAddress
        let ada: Actor
        let blob: Blob

        init() async throws {
            nonisolated(unsafe) var made: HookedObjectStore?
            world = try await World.withKey(
                hasGit: true,
                objects: { files in
                    let store = HookedObjectStore(files)
                    made = store
                    return store
                }
            )
            store = try #require(made)
            ada = try await world.user("ada")
            address = try await world.create("model/ada/tiny", by: ada).address
            blob = try Blob("some large file")
            // Files are as old as the machine's clock says; the hub's is far ahead of it.
            world.clock.advance(seconds: 20 * 365 * 86_400)
        }

        func collect(keep: Int64) async throws -> LFSCollectionReport {
            var plan = LFSCollectionPlan()
            (plan.graceSeconds, plan.quarantineSeconds) = (0, keep)
            return try await world.lfs.collect(plan, by: .operator)
        }

        func row() async throws -> LFSObjectRecord? {
            let repository = try await world.repositories.resolve(address, action: .readRepository, by: .operator)
            return try await world.hub.metadata.read { [blob] in
                try $0.lfsObject(repositoryID: repository.id, oid: blob.oid.hex)
            }
        }
    }

    private static let century: Int64 = 100 * 365 * 86_400

    @Test func bytesInQuarantineComeBack() async throws {
        let scene = try await Scene()
        scene.store.afterPut {
            let report = try await scene.collect(keep: Self.century)
            #expect(report.quarantined.objects == 1)
            #expect(try await scene.store.size(of: scene.blob.oid) == nil)
        }
        try await scene.world.upload(scene.blob, to: scene.address, by: scene.ada)
        #expect(try await scene.store.size(of: scene.blob.oid) == 15)
        #expect(
            try await scene.world.download(scene.blob.object, from: scene.address, by: scene.ada) == scene.blob.bytes
        )
    }

    /// With nothing kept, what was sent is gone: then it is not acknowledged either, and can be sent again.
    @Test(arguments: [1, 3]) func deletedBytesAreNotAcknowledged(collections: Int) async throws {
        let scene = try await Scene()
        scene.store.afterPut {
            var purged = 0
            for _ in 0..<collections {
                purged += try await scene.collect(keep: 0).purged
                scene.world.clock.advance(seconds: 60)
            }
            #expect(purged == 1)
        }
        await expectStatus(503) {
            try await scene.world.upload(scene.blob, to: scene.address, by: scene.ada)
        }
        #expect(try await scene.row() == nil)
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada) == LFSUsage())
        try await scene.world.upload(scene.blob, to: scene.address, by: scene.ada)
        #expect(
            try await scene.world.download(scene.blob.object, from: scene.address, by: scene.ada) == scene.blob.bytes
        )
    }

    /// A collection that is killed between moving the bytes and looking once more; the next one would delete them.
    @Test func theNextCollectionMendsWhatAKilledOneLeft() async throws {
        let scene = try await Scene()
        let (oid, world) = (scene.blob.oid, scene.world)
        scene.store.afterPut {
            let now = world.clock.now
            let isNoted = try await world.hub.metadata.transaction {
                try $0.condemnLFSObject(oid: oid.hex, size: 15, at: now)
            }
            #expect(isNoted)
        }
        try await world.upload(scene.blob, to: scene.address, by: scene.ada)
        #expect(try await scene.store.quarantine(oid))
        // A branch leads to it.
        try await world.push(try PushedTree(["a": scene.blob.pointer]), of: scene.address, by: scene.ada)
        world.clock.advance(seconds: 60)
        let report = try await scene.collect(keep: 0)
        #expect(report.rows.objects == 0 && report.purged == 0, "\(report)")
        #expect(try await scene.store.size(of: oid) == 15)
        #expect(try await world.hub.metadata.read { try !$0.isLFSObjectCondemned(oid.hex) })
    }

    /// A row that is copied while the bytes are on their way back is as good as the one that it came from.
    @Test func aCopyBringsBytesBackToo() async throws {
        let scene = try await Scene()
        let (oid, world) = (scene.blob.oid, scene.world)
        try await world.upload(scene.blob, to: scene.address, by: scene.ada)
        let source = try await world.repositories.resolve(scene.address, action: .readRepository, by: .operator)
        let target = try await world.create("model/ada/copy", by: scene.ada)
        try await world.hub.metadata.transaction { records in
            try records.forgetLFSObject(repositoryID: source.id, oid: oid.hex)
            #expect(try records.condemnLFSObject(oid: oid.hex, size: 15, at: world.clock.now))
            try records.insertLFSObject(
                LFSObjectRecord(repositoryID: source.id, oid: oid.hex, size: 15, createdAt: world.clock.now)
            )
        }
        #expect(try await scene.store.quarantine(oid))
        let copied = try await world.lfs.copy([oid], from: source, to: target, by: scene.ada)
        #expect(copied == [oid])
        #expect(try await scene.store.size(of: oid) == 15)
    }
}
