import Access
import HubCore
import LFS
import Metadata
import ObjectStore
import Synchronization
import Testing
import Xet

/// Shards: nothing in them is believed, and all of their files become readable or none.
@Suite struct XetRegistrationTests {
    @Test func aFileIsReadableByEveryWay() async throws {
        let scene = try await XetScene()
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        let blob = try scene.file.blob()
        #expect(try await scene.world.assemble(scene.file.hash, by: scene.caller) == blob.bytes)
        #expect(try await scene.world.download(blob.object, from: scene.address, by: scene.ada) == blob.bytes)
        #expect(try await scene.world.xet.size(of: scene.file.hash, for: scene.caller) == blob.object.size)
        let usage = try await scene.world.lfs.usage(of: scene.address, by: scene.ada)
        #expect((usage.objects, usage.bytes) == (1, blob.object.size))
        // Once more changes nothing.
        try await scene.world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: scene.caller)
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada) == usage)
    }

    /// A file that git does not point to has no SHA-256 in its shard: it is computed all the same.
    @Test func aFileWithoutSHA256IsProvenTheSame() async throws {
        let scene = try await XetScene()
        var file = scene.file
        file.shard.sha256 = nil
        try await scene.world.register([file], [scene.xorb], by: scene.caller)
        let blob = try scene.file.blob()
        #expect(try await scene.world.download(blob.object, from: scene.address, by: scene.ada) == blob.bytes)
    }

    /// What a lying client may say about a file.
    static let lies: [String: @Sendable (inout ShardFile) -> Void] = [
        "file hash": { $0.hash = .zero },
        "no terms": { $0.terms = [] },
        "SHA-256": { $0.sha256?[0] ^= 1 },
        "SHA-256 of nothing": { $0.sha256 = [UInt8](repeating: 0, count: 32) },
        "length": { $0.terms[0].rawLength += 1 },
        "verification": { $0.terms[1].verification = $0.terms[0].verification },
        "no verification": { file in for index in file.terms.indices { file.terms[index].verification = nil } },
        "one chunk less": { $0.terms[0].chunks = 0..<4 },
        "chunks behind the end": { $0.terms[1].chunks = 6..<10 },
        "chunks far behind the end": { $0.terms[1].chunks = Int(UInt32.max - 1)..<Int(UInt32.max) },
        "another order": { $0.terms.swapAt(0, 1) },
        "a term less": { $0.terms.removeLast() },
        "a term more": { $0.terms.append($0.terms[0]) },
        "another xorb": { $0.terms[0].xorb = $0.hash },
        "the zero xorb": { $0.terms[0].xorb = .zero },
    ]

    @Test(arguments: lies.keys.sorted())
    func aLieSpoilsTheWholeShard(lie: String) async throws {
        let scene = try await XetScene()
        let other = try CraftedFile([(scene.xorb, 0..<2)])
        var file = scene.file
        let tell = try #require(Self.lies[lie])
        tell(&file.shard)
        try await scene.world.send(scene.xorb, by: scene.caller)
        let shard = UploadShard(files: [other.shard, file.shard], xorbs: [scene.xorb.listed])
        await expectRefusal(400) { try await scene.world.xet.register(shard, by: scene.caller) }
        for hash in [other.hash, scene.file.hash, file.hash] {
            await expectRefusal(404) { _ = try await scene.world.assemble(hash, by: scene.caller) }
        }
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada).objects == 0)
        // The truth still goes.
        try await scene.world.xet.register(try UploadShard([other, scene.file]), by: scene.caller)
    }

    @Test func chunksOfAXorbAreCompared() async throws {
        let scene = try await XetScene()
        try await scene.world.send(scene.xorb, by: scene.caller)
        var wrong = [scene.xorb.listed, scene.xorb.listed, scene.xorb.listed, scene.xorb.listed]
        wrong[0].chunks.removeLast()
        wrong[1].chunks[3].rawLength -= 1
        wrong[2].chunks[0].hash = wrong[2].chunks[1].hash
        wrong[3].hash = wrong[3].chunks[0].hash
        for xorb in wrong {
            let shard = UploadShard(files: [scene.file.shard], xorbs: [xorb])
            await expectRefusal(400) { try await scene.world.xet.register(shard, by: scene.caller) }
        }
        await expectRefusal(404) { _ = try await scene.world.assemble(scene.file.hash, by: scene.caller) }
    }

    /// The same content in other chunks is another file of the protocol, and the same object.
    @Test func twoCutsOfOneContent() async throws {
        let scene = try await XetScene()
        let one = try CraftedXorb([noise(20_000, 4)])
        let two = try CraftedXorb([Array(noise(20_000, 4)[..<9_000]), Array(noise(20_000, 4)[9_000...])])
        let (first, second) = (try CraftedFile([(one, 0..<1)]), try CraftedFile([(two, 0..<2)]))
        try await scene.world.register([first, second], [one, two], by: scene.caller)
        for file in [first, second] {
            #expect(try await scene.world.assemble(file.hash, by: scene.caller) == noise(20_000, 4))
        }
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada).objects == 1)
    }

    /// Whoever knows hashes, and not the content, gets nothing: by any setting, across what the setting separates.
    @Test(arguments: XetDeduplication.allCases)
    func xorbsOfAnotherScopeAreUnknown(setting: XetDeduplication) async throws {
        let scene = try await XetScene { $0.xetDeduplication = setting }
        try await scene.world.register([scene.file], [scene.xorb], by: scene.caller)
        let bob = try await scene.world.user("bob")
        let same = try await scene.world.create("model/ada/two", by: scene.ada).address
        let other = try await scene.world.create("model/bob/three", by: bob).address
        let near = try await scene.world.writer(same, scene.ada)
        let far = try await scene.world.writer(other, bob)
        for (caller, isWithin) in [(near, setting != .off), (far, setting == .hub)] {
            let known = try await scene.world.xet.storedLength(of: scene.xorb.hash, for: caller)
            #expect((known != nil) == isWithin)
            // Not readable before it was registered there.
            await expectRefusal(404) { _ = try await scene.world.assemble(scene.file.hash, by: caller) }
            #expect(try await scene.world.xet.size(of: scene.file.hash, for: caller) == nil)
            if isWithin {
                try await scene.world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: caller)
            } else {
                await expectRefusal(400) {
                    try await scene.world.xet.register(try UploadShard([scene.file]), by: caller)
                }
                await expectRefusal(400) {
                    try await scene.world.xet.register(try UploadShard([], [scene.xorb]), by: caller)
                }
                await expectRefusal(404) { _ = try await scene.world.assemble(scene.file.hash, by: caller) }
                #expect(try await scene.world.send(scene.xorb, by: caller))
                try await scene.world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: caller)
            }
            #expect(try await scene.world.assemble(scene.file.hash, by: caller) == scene.file.content)
        }
    }

    @Test func quotasHoldForChunks() async throws {
        let scene = try await XetScene()
        let size = Int64(scene.file.content.count)
        try await scene.world.lfs.setQuota(of: scene.address, bytes: size - 1, by: .operator)
        try await scene.world.send(scene.xorb, by: scene.caller)
        let shard = try UploadShard([scene.file], [scene.xorb])
        await expectRefusal(507) { try await scene.world.xet.register(shard, by: scene.caller) }
        await expectRefusal(404) { _ = try await scene.world.assemble(scene.file.hash, by: scene.caller) }
        try await scene.world.lfs.setQuota(of: scene.address, bytes: size, by: .operator)
        try await scene.world.xet.register(shard, by: scene.caller)
        // Full now.
        let more = try CraftedXorb([[1]])
        await expectRefusal(507) { try await scene.world.send(more, by: scene.caller) }
    }

    /// What was sent and is in no file takes room as well, or the disk could be filled with it.
    @Test(arguments: [false, true]) func whatIsOnlySentCounts(isNamespace: Bool) async throws {
        let scene = try await XetScene()
        let size = Int64(scene.file.content.count)
        if isNamespace {
            try await scene.world.lfs.setQuota(ofNamespace: "ada", bytes: size, by: .operator)
        } else {
            try await scene.world.lfs.setQuota(of: scene.address, bytes: size, by: .operator)
        }
        try await scene.world.send(scene.xorb, by: scene.caller)
        // Listed, and still in no file.
        try await scene.world.xet.register(try UploadShard([], [scene.xorb]), by: scene.caller)
        let room = Int(size) - scene.xorb.bytes.count
        let lengths = [room / 4, room / 4, room / 4, room - 3 * (room / 4) - 4 * ChunkHeader.length]
        let more = try CraftedXorb(chunks(lengths, seed: 8))
        let tooMuch = try CraftedXorb(chunks(lengths.dropLast() + [lengths[3] + 1], seed: 9))
        await expectRefusal(507) { try await scene.world.send(tooMuch, by: scene.caller) }
        // What is known is only asked for.
        #expect(try await !scene.world.send(scene.xorb, by: scene.caller))
        try await scene.world.send(more, by: scene.caller)
        await expectRefusal(507) { try await scene.world.send(try CraftedXorb([[1]]), by: scene.caller) }
        // Other xorbs than those of this file are in the way now, until they are collected.
        let shard = try UploadShard([scene.file], [scene.xorb])
        await expectRefusal(507) { try await scene.world.xet.register(shard, by: scene.caller) }
        scene.world.clock.advance(seconds: 20)
        _ = try await scene.world.collect()
        let caller = try await scene.world.writer(scene.address, scene.ada)
        try await scene.world.register([scene.file], [scene.xorb], by: caller)
        #expect(try await scene.world.assemble(scene.file.hash, by: caller) == scene.file.content)
    }

    /// Two files of the same xorb, and one that is there already: nothing counts twice.
    @Test func aQuotaThatIsJustEnough() async throws {
        let scene = try await XetScene()
        let (one, two) = (try CraftedFile([(scene.xorb, 0..<9)]), try CraftedFile([(scene.xorb, 0..<1)]))
        let size = Int64(one.content.count + two.content.count)
        try await scene.world.lfs.setQuota(of: scene.address, bytes: size, by: .operator)
        try await scene.world.register([one], [scene.xorb], by: scene.caller)
        try await scene.world.register([one, two], [scene.xorb], by: scene.caller)
        #expect(try await scene.world.lfs.usage(of: scene.address, by: scene.ada).bytes == size)
    }

    /// A few bytes can describe a file that takes hours to read: what does not fit is refused before.
    @Test func whatDoesNotFitIsNotRead() async throws {
        let scene = try await XetScene()
        let zeros = try CraftedXorb(Array(repeating: [UInt8](repeating: 0, count: 131_072), count: 512))
        try await scene.world.lfs.setQuota(of: scene.address, bytes: 1 << 30, by: .operator)
        try await scene.world.send(zeros, by: scene.caller)
        var tree = MerkleTree()
        for _ in 0..<1_000 { _ = tree.add(0..<512, of: zeros.index) }
        let term = ShardTerm(
            xorb: zeros.hash,
            chunks: 0..<512,
            rawLength: 64 << 20,
            verification: zeros.index.verificationHash(of: 0..<512)
        )
        let file = ShardFile(hash: tree.fileHash, terms: Array(repeating: term, count: 1_000), sha256: nil)
        await expectRefusal(507) {
            try await scene.world.xet.register(UploadShard(files: [file], xorbs: []), by: scene.caller) { progress in
                Issue.record("\(progress)")
            }
        }
    }

    /// A term of eight thousand chunks of one byte costs as much as one of 64 MiB.
    @Test func filesOfTinyChunksAreRefused() async throws {
        let scene = try await XetScene()
        let tiny = try CraftedXorb(storing: (0..<200).map { [UInt8($0)] })
        let file = try CraftedFile([(tiny, 0..<200)])
        try await scene.world.send(tiny, by: scene.caller)
        await expectRefusal(400) {
            try await scene.world.xet.register(try UploadShard([file], [tiny]), by: scene.caller)
        }
        // As files of their own, as many small ones are, they are welcome.
        let files = try (0..<200).map { try CraftedFile([(tiny, $0..<$0 + 1)]) }
        try await scene.world.xet.register(try UploadShard(files, [tiny]), by: scene.caller)
        #expect(try await scene.world.assemble(files[7].hash, by: scene.caller) == [7])
    }

    private static func countedScene() async throws -> (XetScene, ReadCountingStore) {
        nonisolated(unsafe) var made: ReadCountingStore?
        let scene = try await XetScene(
            objects: { files in
                let store = ReadCountingStore(files)
                made = store
                return store
            }
        )
        return (scene, try #require(made))
    }

    /// A wrong SHA-256 is found by reading the whole file; that is done once, however often the shard comes.
    @Test func aRefusedFileIsReadOnce() async throws {
        let (scene, store) = try await Self.countedScene()
        var file = scene.file
        file.shard.sha256?[0] ^= 1
        try await scene.world.send(scene.xorb, by: scene.caller)
        let wrong = try UploadShard([file])
        await expectRefusal(400) { try await scene.world.xet.register(wrong, by: scene.caller) }
        let reads = store.reads
        #expect(reads > 0)
        for _ in 0..<3 {
            await expectRefusal(400) { try await scene.world.xet.register(wrong, by: scene.caller) }
        }
        try await scene.world.xet.register(try UploadShard([scene.file]), by: scene.caller)
        #expect(store.reads == reads)
        #expect(try await scene.world.assemble(scene.file.hash, by: scene.caller) == scene.file.content)
    }

    /// What was read long ago may be other bytes now.
    @Test func whatWasFoundIsForgotten() async throws {
        let (scene, store) = try await Self.countedScene()
        var file = scene.file
        file.shard.sha256?[0] ^= 1
        let wrong = try UploadShard([file])
        try await scene.world.send(scene.xorb, by: scene.caller)
        await expectRefusal(400) { try await scene.world.xet.register(wrong, by: scene.caller) }
        let reads = store.reads
        scene.world.clock.advance(seconds: 3_600)
        let caller = try await scene.world.writer(scene.address, scene.ada)
        await expectRefusal(400) { try await scene.world.xet.register(wrong, by: caller) }
        #expect(store.reads == 2 * reads)
    }
}

/// A store that counts how often it is read from.
private final class ReadCountingStore: LayeredObjectStore {
    let base: any ObjectStore
    private let count = Mutex(0)

    init(_ base: any ObjectStore) { self.base = base }

    var reads: Int { count.withLock { $0 } }

    func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        count.withLock { $0 += 1 }
        return try await base.read(key, range: range)
    }
}
