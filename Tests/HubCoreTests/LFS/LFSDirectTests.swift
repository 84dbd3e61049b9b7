import Access
import GranaryTesting
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing

/// Uploads that clients send to the store themselves.
@Suite struct LFSDirectTests {
    /// A repository of ada on a store that takes uploads directly.
    private struct Scene {
        let world: World
        let store: StagingObjectStore
        let address: RepositoryAddress
        let ada: Actor
        let blob: Blob

        init() async throws {
            nonisolated(unsafe) var made: StagingObjectStore?
            world = try await World.withKey(objects: { files in
                let store = StagingObjectStore(files)
                made = store
                return store
            })
            store = try #require(made)
            ada = try await world.user("ada")
            address = try await world.create("model/ada/tiny", by: ada).address
            blob = try Blob("some large file")
        }

        /// Asks where to send an object, and where to ask about it.
        func offer(
            _ object: LFSObject? = nil,
            to address: RepositoryAddress? = nil,
            by actor: Actor? = nil
        ) async throws -> (put: LFSAction, verify: SignedAction) {
            let outcome = try await world.outcome(
                .upload,
                object ?? blob.object,
                at: address ?? self.address,
                by: actor ?? ada
            )
            guard case .upload(let put, let verify) = outcome else {
                throw LFSFailure(status: 500, "no action but \(outcome)")
            }
            return (put, try World.signed(try #require(verify)))
        }

        func verify(_ question: SignedAction, _ object: LFSObject? = nil) async throws {
            try await world.lfs.verify(try await world.lfs.admit(question), object ?? blob.object)
        }
    }

    @Test func theQuestionMakesWhatWasSentTheRepositorys() async throws {
        let scene = try await Scene()
        let (put, verify) = try await scene.offer()
        #expect(put.href.hasPrefix("https://store.example/"))
        #expect(put.header.map(\.name) == ["x-amz-checksum-sha256"])
        try scene.store.send(scene.blob.bytes, to: put.href)
        #expect(
            try await scene.world.outcome(.download, scene.blob.object, at: scene.address, by: scene.ada).code == 404
        )
        // The second time after a lost answer.
        for _ in 0..<2 { try await scene.verify(verify) }
        #expect(try await scene.world.outcome(.upload, scene.blob.object, at: scene.address, by: scene.ada) == .present)
        guard
            case .download(let get) = try await scene.world.outcome(
                .download,
                scene.blob.object,
                at: scene.address,
                by: scene.ada
            )
        else { throw LFSFailure(status: 500, "no action") }
        #expect(get.href == "https://store.example/lfs/\(scene.blob.oid)")
    }

    @Test func whoSkipsTheUploadGetsNothing() async throws {
        let scene = try await Scene()
        let (put, verify) = try await scene.offer()
        try scene.store.send(scene.blob.bytes, to: put.href)
        try await scene.verify(verify)
        let eve = try await scene.world.user("eve")
        let own = try await scene.world.create("model/eve/probe", by: eve).address
        // The bytes of the one are in the store, those of the other nowhere: eve cannot tell.
        for object in [scene.blob.object, try Blob("nobody's file").object] {
            let (_, question) = try await scene.offer(object, to: own, by: eve)
            await expectStatus(404) { try await scene.verify(question, object) }
            #expect(try await scene.world.outcome(.download, object, at: own, by: eve).code == 404)
        }
        #expect(try await scene.world.lfs.usage(of: own, by: eve) == LFSUsage(objects: 0, bytes: 0))
    }

    @Test func aQuestionIsForOnePlaceOneObjectAndOneRepository() async throws {
        let scene = try await Scene()
        let (first, second) = (try await scene.offer(), try await scene.offer())
        #expect(first.put.href != second.put.href)
        try scene.store.send(scene.blob.bytes, to: first.put.href)
        await expectStatus(404) { try await scene.verify(second.verify) }
        let other = try Blob("another file")
        let (_, question) = try await scene.offer(other.object)
        await expectStatus(404) { try await scene.verify(question, other.object) }
        await expectStatus(403) { try await scene.verify(question, scene.blob.object) }
        let wrongSize = try #require(LFSObject(oid: scene.blob.oid, size: 3))
        await expectStatus(404) { try await scene.verify(first.verify, wrongSize) }
        try await scene.verify(first.verify)
    }

    @Test func thePlaceCannotBeAltered() async throws {
        let scene = try await Scene()
        let outcome = try await scene.world.outcome(.upload, scene.blob.object, at: scene.address, by: scene.ada)
        guard case .upload(_, let verify?) = outcome else { throw LFSFailure(status: 500, "no action") }
        let another = try StagingID.random().text
        let altered = verify.href.replacing(/staging=[0-9a-f]+/, with: "staging=\(another)")
        #expect(altered != verify.href)
        await expectStatus(403) { _ = try await scene.world.lfs.admit(try World.signed(altered)) }
    }

    @Test func wrongBytesAreNotTaken() async throws {
        let scene = try await Scene()
        let (put, verify) = try await scene.offer()
        for text in ["some large filE", "some large", ""] {
            try scene.store.send(Array(text.utf8), to: put.href)
            await expectStatus(404) { try await scene.verify(verify) }
        }
        #expect(try await scene.world.objects.size(of: scene.blob.oid) == nil)
        try scene.store.send(scene.blob.bytes, to: put.href)
        try await scene.verify(verify)
    }

    @Test func theQuestionMayBeAskedLongAfterTheUploadMayBegin() async throws {
        let scene = try await Scene()
        let (put, verify) = try await scene.offer()
        #expect(put.expiresIn == 3_600)
        scene.world.clock.advance(seconds: 3_600 + 899)
        try scene.store.send(scene.blob.bytes, to: put.href)
        try await scene.verify(verify)
        scene.world.clock.advance(seconds: 1)
        await expectStatus(403) { try await scene.verify(verify) }
    }

    @Test func rightAndQuotaAreLookedAtInTheEnd() async throws {
        let scene = try await Scene()
        let (put, verify) = try await scene.offer()
        try scene.store.send(scene.blob.bytes, to: put.href)
        try await scene.world.lfs.setQuota(of: scene.address, bytes: 5, by: .operator)
        await expectStatus(507) { try await scene.verify(verify) }
        #expect(try await scene.world.objects.size(of: scene.blob.oid) == nil)
        try await scene.world.lfs.setQuota(of: scene.address, bytes: nil, by: .operator)
        let writer = try await scene.world.user("writer")
        try await scene.world.repositories.grant(scene.address, userName: "writer", role: .write, by: scene.ada)
        let (second, question) = try await scene.offer(by: writer)
        try scene.store.send(scene.blob.bytes, to: second.href)
        try await scene.world.repositories.grant(scene.address, userName: "writer", role: nil, by: scene.ada)
        await expectStatus(403) { try await scene.verify(question) }
        try await scene.verify(verify)
    }

    @Test func whatAnAdministratorRemovedCanBeSentAgain() async throws {
        let scene = try await Scene()
        for _ in 0..<2 {
            let (put, verify) = try await scene.offer()
            try scene.store.send(scene.blob.bytes, to: put.href)
            try await scene.verify(verify)
            #expect(try await scene.world.objects.size(of: scene.blob.oid) == 15)
            _ = try await scene.world.lfs.delete(scene.blob.oid, from: scene.address, by: .operator)
            // The question of before is about what was taken away.
            #expect(try await scene.world.objects.size(of: scene.blob.oid) == nil)
        }
    }
}
