import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Testing
import Xet

/// Large files that came whole: their chunks are found later, as a client would have cut them.
@Suite struct XetChunkingTests {
    private struct Scene {
        let world: World
        let ada: Actor
        let address: RepositoryAddress
        let blob: Blob

        init(_ content: [UInt8], from length: Int64 = 1) async throws {
            world = try await World.withKey { $0.xetChunkedFrom = length }
            ada = try await world.user("ada")
            address = try await world.create("model/ada/one", by: ada).address
            blob = try Blob(content)
            try await world.upload(blob, to: address, by: ada)
        }

        /// The hash of the chunked form.
        func hash() async throws -> XetHash? {
            let repository = try await world.repositories.resolve(address, action: .readRepository, by: ada)
            let hashes = try await world.hub.metadata.read { [blob] in
                try $0.xetHashes(oids: [blob.oid.hex], repositoryID: repository.id)
            }
            return hashes[blob.oid.hex].flatMap { XetHash($0) }
        }
    }

    /// The content as a client cuts it.
    static func cut(_ content: [UInt8]) throws -> CraftedXorb {
        var chunker = Chunker()
        var chunks: [[UInt8]] = []
        content.withUnsafeBytes { all in
            var start = 0
            while let length = chunker.advance(UnsafeRawBufferPointer(rebasing: all[start...])) {
                chunks.append(Array(all[start..<start + length]))
                start += length
            }
            if start < content.count { chunks.append(Array(all[start...])) }
        }
        return try CraftedXorb(storing: chunks)
    }

    static let contents: [String: [UInt8]] = [
        "a byte": [1], "less than a chunk": noise(8_191, 1), "the shortest chunk": noise(8_192, 2),
        "noise": noise(400_000, 3), "zeros": [UInt8](repeating: 0, count: 400_000),
        "text": Array(repeating: Array("all work and no play ".utf8), count: 9_000).flatMap(\.self),
    ]

    @Test(arguments: contents.keys.sorted())
    func aWholeFileIsCutAsAClientCutsIt(name: String) async throws {
        let content = try #require(Self.contents[name])
        let scene = try await Scene(content)
        #expect(try await scene.hash() == nil)
        await scene.world.hub.jobs.runDue()
        let xorb = try Self.cut(content)
        let file = try CraftedFile([(xorb, 0..<xorb.chunks.count)])
        #expect(try await scene.hash() == file.hash)
        let caller = try await scene.world.writer(scene.address, scene.ada)
        #expect(try await scene.world.assemble(file.hash, by: caller) == content)
        // Its chunks serve others, without being sent: as they are, and turned round.
        #expect(try await scene.world.xet.storedLength(of: xorb.hash, for: caller) == xorb.bytes.count)
        #expect(try await !scene.world.send(xorb, by: caller))
        let first = try #require(xorb.index.entries.first)
        #expect(try await scene.world.xet.reply(toQueryFor: first.hash, by: caller) != nil)
        let twice = try CraftedFile([(xorb, 0..<xorb.chunks.count), (xorb, 0..<1)])
        try await scene.world.xet.register(try UploadShard([twice], [xorb]), by: caller)
        #expect(try await scene.world.assemble(twice.hash, by: caller) == twice.content)
        #expect(try await scene.world.stored() == 1)
    }

    /// Ranges of what serves as a xorb get their headers as they are read.
    @Test func rangesOfAWholeFile() async throws {
        let content = noise(600_000, 7)
        let scene = try await Scene(content)
        await scene.world.hub.jobs.runDue()
        let hash = try #require(try await scene.hash())
        let caller = try await scene.world.reader(scene.address, scene.ada)
        for start in stride(from: 0, to: content.count, by: 41_017) {
            for end in stride(from: start + 1, to: content.count, by: 97_001) {
                let bytes = try await scene.world.assemble(hash, UInt64(start)..<UInt64(end), by: caller)
                #expect(bytes == Array(content[start..<end]))
            }
        }
        // Not within chunks, as there is no telling what header would be wanted.
        let found = try #require(try await scene.world.xet.reconstruction(of: hash, 0..<9, for: caller))
        let fetch = try #require(found.fetches.first)
        await expectRefusal(416) { _ = try await scene.world.fetched(fetch, 0..<9) }
    }

    @Test func smallFilesAndNobodysAreLeftAlone() async throws {
        let small = try await Scene([1, 2, 3], from: 4)
        await small.world.hub.jobs.runDue()
        #expect(try await small.hash() == nil)
        let off = try await Scene([1, 2, 3], from: 0)
        await off.world.hub.jobs.runDue()
        #expect(try await off.hash() == nil)
        let gone = try await Scene([1, 2, 3])
        _ = try await gone.world.lfs.delete(gone.blob.oid, from: nil, by: .operator)
        await gone.world.hub.jobs.runDue()
        let file = try await gone.world.hub.metadata.read { [blob = gone.blob] in try $0.xetFile(oid: blob.oid.hex) }
        #expect(file?.hash == nil)
    }

    /// A xorb that a client has sent of the same chunks is used, and the whole file as well.
    @Test func aXorbThatIsThereAlready() async throws {
        let content = noise(300_000, 8)
        let scene = try await Scene(content)
        let caller = try await scene.world.writer(scene.address, scene.ada)
        let xorb = try Self.cut(content)
        let file = try CraftedFile([(xorb, 0..<xorb.chunks.count)])
        try await scene.world.register([file], [xorb], by: caller)
        await scene.world.hub.jobs.runDue()
        #expect(try await scene.hash() == file.hash)
        #expect(try await scene.world.assemble(file.hash, by: caller) == content)
        #expect(try await scene.world.download(scene.blob.object, from: scene.address, by: scene.ada) == content)
    }

    // MARK: Removal by an administrator

    @Test func aRemovedFileIsNoXorbEither() async throws {
        let content = noise(300_000, 9)
        let scene = try await Scene(content)
        await scene.world.hub.jobs.runDue()
        let hash = try #require(try await scene.hash())
        let caller = try await scene.world.writer(scene.address, scene.ada)
        let xorb = try Self.cut(content)
        _ = try await scene.world.lfs.delete(scene.blob.oid, from: nil, by: .operator)
        await expectRefusal(404) { _ = try await scene.world.assemble(hash, by: caller) }
        #expect(try await scene.world.xet.storedLength(of: xorb.hash, for: caller) == nil)
        let first = try #require(xorb.index.entries.first)
        #expect(try await scene.world.xet.reply(toQueryFor: first.hash, by: caller) == nil)
        #expect(try await scene.world.stored() == 0)
        // It can be sent again.
        let file = try CraftedFile([(xorb, 0..<xorb.chunks.count)])
        try await scene.world.register([file], [xorb], by: caller)
        #expect(try await scene.world.assemble(hash, by: caller) == content)
    }

    @Test func whatWasBuiltOnARemovedFileStays() async throws {
        let content = noise(300_000, 10)
        let scene = try await Scene(content)
        await scene.world.hub.jobs.runDue()
        let caller = try await scene.world.writer(scene.address, scene.ada)
        let xorb = try Self.cut(content)
        let file = try CraftedFile([(xorb, 1..<2)])
        try await scene.world.xet.register(try UploadShard([file]), by: caller)
        _ = try await scene.world.lfs.delete(scene.blob.oid, from: nil, by: .operator)
        scene.world.clock.advance(seconds: 20 * 365 * 86_400)
        let later = try await scene.world.writer(scene.address, scene.ada)
        #expect(try await scene.world.assemble(file.hash, by: later) == file.content)
        await expectStatus(410) {
            let outcome = try await scene.world.outcome(
                .download,
                scene.blob.object,
                at: scene.address,
                by: scene.ada
            )
            throw LFSFailure(status: outcome.code ?? 0, "")
        }
    }
}
