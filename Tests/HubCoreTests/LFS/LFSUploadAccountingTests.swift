import Access
import HubCore
import LFS
import Metadata
import NIOCore
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

    @Test func whoAsksTwiceAtOnceHasOneUpload() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        let links = try await withThrowingTaskGroup(of: String.self) { group in
            for _ in 0..<8 {
                group.addTask { try completion(try await parts(world, [blob.object], address, by: ada)) }
            }
            return try await group.reduce(into: Set<String>()) { $0.insert($1) }
        }
        #expect(links.count == 1)
        #expect(try await openUploads(world, address) == 1)
    }

    /// The parts of several people lie in the store several times, so they count several times.
    @Test func everyOpenUploadCounts() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        try await world.lfs.setQuota(of: address, bytes: 40, by: .operator)
        let blob = try Blob("some large file")
        for (actor, code) in [(ada, nil), (bob, nil), (ada, nil)] as [(Actor, Int?)] {
            let answer = try await parts(world, [blob.object], address, by: actor)
            #expect(answer.entries.map(\.outcome.code) == [code])
        }
        let other = try Blob("another large file").object
        #expect(try await parts(world, [other], address, by: ada).entries.map(\.outcome.code) == [507])
        #expect(try await world.outcome(.upload, other, at: address, by: ada).code == 507)
        // Five at once do not get in together where there is room for one more.
        let small = try Blob("0123456789").object
        try await world.lfs.setQuota(of: address, bytes: 30 + 2 * 15, by: .operator)
        #expect(try await world.outcome(.upload, small, at: address, by: ada).code == nil)
        let carol = try await world.user("carol")
        try await world.repositories.grant(address, userName: "carol", role: .write, by: ada)
        let dave = try await world.user("dave")
        try await world.repositories.grant(address, userName: "dave", role: .write, by: ada)
        let codes = try await withThrowingTaskGroup(of: Int?.self) { group in
            for actor in [carol, dave] {
                group.addTask { try await parts(world, [blob.object], address, by: actor).entries[0].outcome.code }
            }
            return try await group.reduce(into: [Int?]()) { $0.append($1) }
        }
        #expect(codes.count { $0 == nil } == 1, "\(codes)")
        #expect(codes.count { $0 == 507 } == 1, "\(codes)")
        #expect(try await openUploads(world, address) == 3)
    }

    /// What ends an upload in parts needs no second room beside that of its parts.
    @Test func anUploadInPartsFitsExactly() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        try await world.lfs.setQuota(of: address, bytes: 15, by: .operator)
        let answer = try await parts(world, [blob.object], address, by: ada)
        // Long after what was reserved at first.
        world.clock.advance(seconds: 3_000)
        try await send(blob, answer, world)
        #expect(try await world.lfs.usage(of: address, by: ada) == LFSUsage(objects: 1, bytes: 15, quota: 15))
        #expect(try await openUploads(world, address) == 0)
        #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
    }

    /// Sends the parts and completes the upload; before that, does something else.
    private func send(
        _ blob: Blob,
        _ answer: BatchAnswer,
        _ world: World,
        then act: () async throws -> Void = {}
    ) async throws {
        guard case .upload(let action, _) = try #require(answer.entries.first).outcome else { return }
        let part = try #require(action.header.last)
        let etag = try await world.lfs.upload(
            try await world.lfs.admit(try World.signed(part.value)),
            contentLength: blob.object.size,
            bytes: Pieces(blob.bytes)
        )
        let completion = try await world.lfs.admit(try World.signed(action))
        let body = "{\"oid\":\"\(blob.oid)\",\"parts\":[{\"partNumber\":1,\"etag\":\"\(etag ?? "")\"}]}"
        try await act()
        try await world.lfs.complete(completion, try MultipartCompletion(body: .init(string: body)))
    }

    @Test func aRefusedCompletionLeavesNothing() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        try await world.repositories.grant(address, userName: "bob", role: .write, by: ada)
        let blob = try Blob("some large file")
        let answer = try await parts(world, [blob.object], address, by: bob)
        await expectError(.notFound) {
            try await send(blob, answer, world) {
                try await world.repositories.grant(address, userName: "bob", role: nil, by: ada)
            }
        }
        #expect(try await openUploads(world, address) == 0)
        #expect(try await world.objects.size(of: blob.oid) == nil)
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

    /// Nor when the repository moves away while the bytes arrive.
    @Test func uploadsEndWithinTheTokensRestriction() async throws {
        let (world, address, _) = try await Self.world()
        try await world.organization("acme", ["ada": .admin])
        let token = try await world.tokenActor("ada", .write, .namespace("ada"))
        let blob = try Blob("small")
        guard case .upload(let put, _) = try await world.outcome(.upload, blob.object, at: address, by: token) else {
            throw LFSFailure(status: 500, "no action")
        }
        let admitted = try await world.lfs.admit(try World.signed(put))
        let moved = RepositoryAddress(type: .model, namespace: "acme", name: "tiny")
        _ = try await world.repositories.move(address, to: moved, by: .operator)
        await expectError(.notFound) {
            _ = try await world.lfs.upload(admitted, contentLength: nil, bytes: Pieces(blob.bytes))
        }
        #expect(try await world.objects.size(of: blob.oid) == nil)
    }
}
