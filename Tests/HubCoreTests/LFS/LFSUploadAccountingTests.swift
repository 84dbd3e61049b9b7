import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing

/// What uploads that never end, or end badly, cost.
@Suite struct LFSUploadAccountingTests {
    private static func world() async throws -> (World, RepositoryAddress, Actor) {
        let world = try await World.withKey { $0.lfsMultipartBytes = 10 }
        let ada = try await world.user("ada")
        return (world, try await world.create("model/ada/tiny", by: ada).address, ada)
    }

    private func parts(
        _ world: World,
        _ objects: [LFSObject],
        _ address: RepositoryAddress,
        by actor: Actor
    ) async throws -> BatchAnswer {
        try await world.batch(.upload, objects, at: address, by: actor, transfers: ["basic", "multipart"])
    }

    private func completion(_ answer: BatchAnswer) throws -> String {
        guard case .upload(let action, _) = try #require(answer.entries.first).outcome else { return "" }
        return action.href
    }

    private func openUploads(_ world: World, _ address: RepositoryAddress) async throws -> Int {
        let id = try await world.repositories.resolve(address, action: .readRepository, by: .operator).id
        return try await world.hub.metadata.read { try $0.lfsUploadCount(repositoryID: id) }
    }

    @Test func whoAsksAgainGoesOnWithTheSameUpload() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        let blob = try Blob("some large file")
        for _ in 0..<5 { _ = try await parts(world, [blob.object], address, by: ada) }
        #expect(try await openUploads(world, address) == 1)
        // Whoever else sends it has an upload of their own, as the first to be done ends it.
        _ = try await parts(world, [blob.object], address, by: bob)
        #expect(try await openUploads(world, address) == 2)
        // One that is soon over is of no use.
        world.clock.advance(seconds: 6 * 86_400 + 1)
        _ = try await parts(world, [blob.object], address, by: ada)
        #expect(try await openUploads(world, address) == 3)
    }

    @Test func openUploadsCountForTheQuota() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.lfs.setQuota(of: address, bytes: 40, by: .operator)
        let objects = try (0..<3).map { try Blob("some large file \($0)").object }
        let first = try await parts(world, objects, address, by: ada)
        #expect(first.entries.map(\.outcome.code) == [nil, nil, 507])
        #expect(try await openUploads(world, address) == 2)
        // Long after the links have expired the parts still lie there, and count.
        world.clock.advance(seconds: 100_000)
        #expect(try await parts(world, [objects[2]], address, by: ada).entries.map(\.outcome.code) == [507])
        // Who goes on with an open upload is not asked for its room twice.
        let again = try await parts(world, Array(objects[..<2]), address, by: ada)
        #expect(again.entries.map(\.outcome.code) == [nil, nil])
        #expect(try await openUploads(world, address) == 2)
        world.clock.advance(seconds: 7 * 86_400)
        #expect(try await parts(world, [objects[2]], address, by: ada).entries.map(\.outcome.code) == [nil])
    }

    @Test func onlyLargeObjectsThatFitGoInParts() async throws {
        let (world, address, ada) = try await Self.world()
        try await world.lfs.setQuota(of: address, bytes: 20, by: .operator)
        let (small, large) = (try Blob("small").object, try Blob("some very large file, too large").object)
        let answer = try await parts(world, [small, large], address, by: ada)
        #expect(answer.transfer == .basic)
        #expect(answer.entries.map(\.outcome.code) == [nil, 507])
        #expect(try await openUploads(world, address) == 0)
        let both = try await parts(world, [small, try Blob("some large one").object], address, by: ada)
        #expect(both.transfer == .multipart)
        #expect(try await openUploads(world, address) == 1)
    }

    /// The bytes of an upload that is refused in the end are nobody's.
    @Test func refusedBytesGoOutOfSight() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        let (lost, kept) = (try Blob("lost"), try Blob("kept"))
        try await world.upload(kept, to: address, by: ada)
        let other = try await world.create("model/ada/other", by: ada).address
        try await world.repositories.grant(other, userName: "bob", role: .write, by: ada)
        for blob in [lost, kept] {
            guard case .upload(let put, _) = try await world.outcome(.upload, blob.object, at: other, by: bob) else {
                continue
            }
            let admitted = try await world.lfs.admit(try World.signed(put))
            try await world.repositories.grant(other, userName: "bob", role: nil, by: ada)
            await expectError(.notFound) {
                _ = try await world.lfs.upload(admitted, contentLength: nil, bytes: Pieces(blob.bytes))
            }
            try await world.repositories.grant(other, userName: "bob", role: .write, by: ada)
        }
        #expect(try await world.objects.size(of: lost.oid) == nil)
        #expect(try await world.objects.size(of: kept.oid) == 4)
        #expect(try await world.download(kept.object, from: address, by: ada) == kept.bytes)
        // Sent by somebody who may, they are there again.
        try await world.upload(lost, to: address, by: ada)
        #expect(try await world.download(lost.object, from: address, by: ada) == lost.bytes)
    }

    /// A link is good for no more than the token is that it was made with.
    @Test func linksFollowTheTokensRestriction() async throws {
        let (world, address, _) = try await Self.world()
        try await world.organization("acme", ["ada": .admin])
        let token = try await world.tokenActor("ada", .write, .namespace("ada"))
        let blob = try Blob("small")
        guard case .upload(let put, _) = try await world.outcome(.upload, blob.object, at: address, by: token) else {
            throw LFSFailure(status: 500, "no action")
        }
        _ = try await world.lfs.admit(try World.signed(put))
        let moved = RepositoryAddress(type: .model, namespace: "acme", name: "tiny")
        _ = try await world.repositories.move(address, to: moved, by: .operator)
        await expectStatus(403) { _ = try await world.lfs.admit(try World.signed(put)) }
    }
}
