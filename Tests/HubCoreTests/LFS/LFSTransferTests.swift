import Access
import HubCore
import LFS
import Metadata
import NIOCore
import ObjectStore
import Testing

@Suite struct LFSTransferTests {
    private static func world() async throws -> (World, RepositoryAddress, Actor) {
        let world = try await World.withKey()
        let ada = try await world.user("ada")
        let address = try await world.create("model/ada/tiny", by: ada).address
        return (world, address, ada)
    }

    @Test(arguments: ["", "a", "some large file"])
    func bringsBytesThereAndBack(text: String) async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob(text)
        try await world.upload(blob, to: address, by: ada)
        #expect(try await world.outcome(.upload, blob.object, at: address, by: ada) == .present)
        #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
        let usage = try await world.lfs.usage(of: address, by: ada)
        #expect(usage == LFSUsage(objects: 1, bytes: blob.object.size))
    }

    @Test func readsARangeOfAPlainFile() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("0123456789")
        try await world.upload(blob, to: address, by: ada)
        let download = try await world.lfs.object(address, blob.oid, by: ada, followsRename: false)
        #expect(download.size == 10)
        #expect(download.localFile?.size == 10)
        #expect(try await World.bytes(try await download.read(2..<5)) == Array("234".utf8))
    }

    @Test(arguments: ["some large fil", "some large filE", "some large file!"])
    func refusesOtherBytes(text: String) async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        guard case .upload(let put, _) = try await world.outcome(.upload, blob.object, at: address, by: ada) else {
            throw LFSFailure(status: 500, "no action")
        }
        let action = try await world.lfs.admit(try World.signed(put))
        await expectStatus(400) {
            _ = try await world.lfs.upload(action, contentLength: nil, bytes: Pieces(Array(text.utf8)))
        }
        #expect(try await world.outcome(.download, blob.object, at: address, by: ada).code == 404)
        #expect(try await world.objects.size(of: blob.oid) == nil)
    }

    @Test func refusesARequestOfAnotherLengthBeforeItReadsIt() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        guard case .upload(let put, let verify) = try await world.outcome(.upload, blob.object, at: address, by: ada)
        else { throw LFSFailure(status: 500, "no action") }
        let action = try await world.lfs.admit(try World.signed(put))
        await expectStatus(400) {
            _ = try await world.lfs.upload(action, contentLength: 3, bytes: Pieces(blob.bytes))
        }
        let question = try await world.lfs.admit(try World.signed(try #require(verify)))
        await expectStatus(404) { try await world.lfs.verify(question, blob.object) }
    }

    @Test func answersForSizesThatCannotBe() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        try await world.upload(blob, to: address, by: ada)
        let other = try #require(LFSObject(oid: blob.oid, size: 3))
        #expect(try await world.outcome(.upload, other, at: address, by: ada).code == 422)
        #expect(try await world.outcome(.download, other, at: address, by: ada).code == 422)
    }

    @Test func eightClientsAtOnceStoreOneObject() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob([UInt8](repeating: 9, count: 5_000))
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<8 { group.addTask { try await world.upload(blob, to: address, by: ada) } }
            try await group.waitForAll()
        }
        #expect(try await world.lfs.usage(of: address, by: ada) == LFSUsage(objects: 1, bytes: 5_000))
        #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
    }

    @Test func answersManyObjectsAndTheSameOneTwice() async throws {
        let (world, address, ada) = try await Self.world()
        let blobs = try (0..<300).map { try Blob("object \($0)") }
        for blob in blobs.prefix(3) { try await world.upload(blob, to: address, by: ada) }
        let asked = blobs.map(\.object) + [blobs[0].object]
        let answer = try await world.batch(.download, asked, at: address, by: ada)
        #expect(answer.entries.count == 301)
        #expect(answer.entries.count { $0.outcome.code == 404 } == 297)
    }

    @Test func anObjectThatWasRemovedIsGoneAndCanBeSentAgain() async throws {
        let (world, address, ada) = try await Self.world()
        let blob = try Blob("some large file")
        try await world.upload(blob, to: address, by: ada)
        await expectError(.forbidden) { _ = try await world.lfs.delete(blob.oid, from: nil, by: ada) }
        #expect(try await world.lfs.delete(blob.oid, from: address, by: .operator) == [address])
        #expect(try await world.outcome(.download, blob.object, at: address, by: ada).code == 410)
        #expect(try await world.objects.size(of: blob.oid) == nil)
        try await world.upload(blob, to: address, by: ada)
        #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
    }

    @Test func sendsLargeObjectsInPartsToClientsThatCan() async throws {
        let world = try await World.withKey { $0.lfsMultipartBytes = 10 }
        let ada = try await world.user("ada")
        let address = try await world.create("model/ada/tiny", by: ada).address
        let blob = try Blob("some large file")
        let plain = try await world.batch(.upload, [blob.object], at: address, by: ada)
        #expect(plain.transfer == .basic)
        let answer = try await world.batch(
            .upload,
            [blob.object],
            at: address,
            by: ada,
            transfers: ["basic", "multipart"]
        )
        #expect(answer.transfer == .multipart)
        guard case .upload(let action, _) = try #require(answer.entries.first).outcome else {
            throw LFSFailure(status: 500, "no action")
        }
        let part = try #require(action.header.last)
        let etag = try await world.lfs.upload(
            try await world.lfs.admit(try World.signed(part.value)),
            contentLength: blob.object.size,
            bytes: Pieces(blob.bytes)
        )
        let completion = try await world.lfs.admit(try World.signed(action))
        let body = "{\"oid\":\"\(blob.oid)\",\"parts\":[{\"partNumber\":1,\"etag\":\"\(etag ?? "")\"}]}"
        let list = try MultipartCompletion(body: .init(string: body))
        for _ in 0..<2 { try await world.lfs.complete(completion, list) }
        #expect(try await world.download(blob.object, from: address, by: ada) == blob.bytes)
    }

    @Test func copiesWhatTheActorMayRead() async throws {
        let (world, address, ada) = try await Self.world()
        let bob = try await world.user("bob")
        let (source, target) = (
            try await world.repositories.resolve(address, action: .readRepository, by: ada),
            try await world.create("model/bob/copy", by: bob)
        )
        let (blob, other) = (try Blob("some large file"), try Blob("nobody's"))
        try await world.upload(blob, to: address, by: ada)
        await expectError(.notFound) {
            _ = try await world.lfs.copy([blob.oid], from: source, to: target, by: bob)
        }
        try await world.repositories.grant(address, userName: "bob", role: .read, by: ada)
        let copied = try await world.lfs.copy([blob.oid, other.oid], from: source, to: target, by: bob)
        #expect(copied == [blob.oid])
        #expect(try await world.download(blob.object, from: target.address, by: bob) == blob.bytes)
    }
}
