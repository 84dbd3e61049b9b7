import Access
import HubCore
import Metadata
import Testing
import Xet

/// Queries for chunks: a client learns of what its scope has, and of nothing else.
@Suite struct XetDeduplicationTests {
    /// A chunk whose hash clients ask for wherever it is.
    static let candidate: [UInt8] = {
        var number: UInt64 = 0
        while true {
            number += 1
            let chunk = Array("candidate \(number)".utf8)
            if chunk.withUnsafeBytes({ HashUse.chunk.hash($0) }).isDedupCandidate { return chunk }
        }
    }()

    private static func hash(_ chunk: [UInt8]) -> XetHash { chunk.withUnsafeBytes { HashUse.chunk.hash($0) } }

    /// What a reply says: which xorbs, and the hashes of their chunks, keyed.
    private struct Reply {
        let xorbs: [ShardXorb]
        let key: XetHash
        let created: UInt64
        let expires: UInt64

        init(_ bytes: [UInt8]) throws {
            let shard = try UploadShard(reading: bytes)
            #expect(shard.files.isEmpty)
            xorbs = shard.xorbs
            let footer = Array(bytes.suffix(200))
            func number(_ offset: Int) -> UInt64 {
                footer[offset..<offset + 8].reversed().reduce(0) { $0 << 8 | UInt64($1) }
            }
            key = try #require(XetHash(raw: Array(footer[72..<104])))
            created = number(104)
            expires = number(112)
            #expect(number(0) == 1)
            #expect(number(192) == UInt64(bytes.count - 200))
        }
    }

    private static func scene(
        _ setting: XetDeduplication = .organization
    ) async throws -> (XetScene, CraftedXorb, CraftedFile) {
        let scene = try await XetScene { $0.xetDeduplication = setting }
        let xorb = try CraftedXorb(chunks([9_000, 9_001], seed: 3) + [Self.candidate] + chunks([9_002], seed: 4))
        let file = try CraftedFile([(xorb, 1..<4)])
        return (scene, xorb, file)
    }

    @Test func aReplyNamesTheXorbWithKeyedHashes() async throws {
        let (scene, xorb, file) = try await Self.scene()
        try await scene.world.register([file], [xorb], by: scene.caller)
        // The candidate, and the first chunk of the file; no other.
        for (index, isKnown) in [(0, false), (1, true), (2, true), (3, false)] {
            let bytes = try await scene.world.xet.reply(toQueryFor: xorb.index.entries[index].hash, by: scene.caller)
            #expect((bytes != nil) == isKnown, "chunk \(index)")
            guard let bytes else { continue }
            let reply = try Reply(bytes)
            #expect(reply.key != .zero)
            #expect(Int64(reply.created) == scene.world.clock.now.seconds)
            #expect(reply.expires > reply.created)
            #expect(reply.xorbs.map(\.hash) == [xorb.hash])
            let keyed = xorb.index.entries.map { Blake3(key: reply.key).hash($0.hash) }
            #expect(reply.xorbs[0].chunks.map(\.hash) == keyed)
            #expect(reply.xorbs[0].chunks.map(\.rawLength) == xorb.chunks.map { UInt32($0.count) })
        }
        #expect(try await scene.world.xet.reply(toQueryFor: .zero, by: scene.caller) == nil)
    }

    @Test func theKeyChangesWithTheDay() async throws {
        let (scene, xorb, file) = try await Self.scene()
        try await scene.world.register([file], [xorb], by: scene.caller)
        let chunk = Self.hash(Self.candidate)
        let first = try Reply(try #require(try await scene.world.xet.reply(toQueryFor: chunk, by: scene.caller)))
        scene.world.clock.advance(seconds: 86_400)
        let second = try Reply(try #require(try await scene.world.xet.reply(toQueryFor: chunk, by: scene.caller)))
        #expect(first.key != second.key)
    }

    /// Nothing is known before it is registered, and what was sent and not registered is not told.
    @Test func whatIsOnlySentIsNotTold() async throws {
        let (scene, xorb, _) = try await Self.scene()
        try await scene.world.send(xorb, by: scene.caller)
        let chunk = Self.hash(Self.candidate)
        #expect(try await scene.world.xet.reply(toQueryFor: chunk, by: scene.caller) == nil)
        try await scene.world.xet.register(try UploadShard([], [xorb]), by: scene.caller)
        #expect(try await scene.world.xet.reply(toQueryFor: chunk, by: scene.caller) != nil)
    }

    @Test(arguments: XetDeduplication.allCases)
    func scopesAreApart(setting: XetDeduplication) async throws {
        let (scene, xorb, file) = try await Self.scene(setting)
        try await scene.world.register([file], [xorb], by: scene.caller)
        let bob = try await scene.world.user("bob")
        let same = try await scene.world.create("model/ada/two", by: scene.ada).address
        let other = try await scene.world.create("model/bob/three", by: bob).address
        let chunk = Self.hash(Self.candidate)
        for (address, actor, isWithin) in [(same, scene.ada, setting != .off), (other, bob, setting == .hub)] {
            let caller = try await scene.world.writer(address, actor)
            let reply = try await scene.world.xet.reply(toQueryFor: chunk, by: caller)
            #expect((reply != nil) == isWithin)
        }
    }

    /// A namespace has private repositories beside public ones: who only reads one of them learns nothing of the others.
    @Test func readersAreToldNothing() async throws {
        let (scene, xorb, file) = try await Self.scene()
        try await scene.world.register([file], [xorb], by: scene.caller)
        let open = try await scene.world.create("model/ada/open", .public, by: scene.ada).address
        let reader = try await scene.world.reader(open, .anonymous)
        #expect(try await scene.world.xet.reply(toQueryFor: Self.hash(Self.candidate), by: reader) == nil)
        #expect(try await scene.world.xet.storedLength(of: xorb.hash, for: reader) == nil)
    }

    /// The hash of a xorb of one chunk is the chunk's: with it a client could prove to have what it never had.
    @Test func aReplyGivesNoChunkAway() async throws {
        let (scene, xorb, _) = try await Self.scene()
        let (secret, more) = (
            try CraftedXorb(chunks([20_000], seed: 5)), try CraftedXorb(chunks([9_000, 9_000], seed: 6))
        )
        #expect(secret.hash == secret.index.entries[0].hash)
        let file = try CraftedFile([(xorb, 1..<4), (secret, 0..<1), (more, 0..<2)])
        try await scene.world.register([file], [xorb, secret, more], by: scene.caller)
        let bytes = try await scene.world.xet.reply(toQueryFor: Self.hash(Self.candidate), by: scene.caller)
        #expect(try Reply(try #require(bytes)).xorbs.map(\.hash) == [xorb.hash, more.hash])
        // Who asks for the chunk itself has it.
        let own = try CraftedFile([(secret, 0..<1)])
        try await scene.world.register([own], [], by: scene.caller)
        #expect(try await scene.world.xet.reply(toQueryFor: secret.hash, by: scene.caller) != nil)
    }

    /// Flags cost a record each, so a client cannot have one for each of a million tiny chunks.
    @Test func flagsAreBounded() async throws {
        let scene = try await XetScene()
        let xorb = try CraftedXorb((0..<2_000).map { noise(16, UInt64($0) + 1) })
        try await scene.world.send(xorb, by: scene.caller)
        var listed = xorb.listed
        for index in listed.chunks.indices { listed.chunks[index].flags = 1 << 31 }
        try await scene.world.xet.register(UploadShard(files: [], xorbs: [listed]), by: scene.caller)
        var known = 0
        for entry in xorb.index.entries
        where try await scene.world.xet.reply(toQueryFor: entry.hash, by: scene.caller) != nil { known += 1 }
        #expect((1...64).contains(known))
    }
}
