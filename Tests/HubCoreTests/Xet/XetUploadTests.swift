import HubCore
import LFS
import Metadata
import Testing
import Xet

/// Xorbs: taken when every chunk is proven, and not otherwise.
@Suite struct XetUploadTests {
    @Test(arguments: [1, 7, 4_096, 1 << 20])
    func takesAXorbHoweverItComes(piece: Int) async throws {
        let scene = try await XetScene()
        let xorb = piece == 1 ? try CraftedXorb([noise(3_000, 9), [7]]) : scene.xorb
        let bytes = Body(xorb.bytes, piece: piece)
        #expect(try await scene.world.xet.upload(xorb.hash, length: nil, bytes: bytes, by: scene.caller))
        #expect(try await scene.world.xet.storedLength(of: xorb.hash, for: scene.caller) == xorb.bytes.count)
        // Known now: not even read.
        let nothing = Body([])
        #expect(try await !scene.world.xet.upload(xorb.hash, length: nil, bytes: nothing, by: scene.caller))
    }

    @Test func takesTheLargestAndNothingLarger() async throws {
        let scene = try await XetScene()
        let chunk = noise(131_072, 3)
        let largest = try CraftedXorb(storing: Array(repeating: chunk, count: 512))
        try await scene.world.send(largest, by: scene.caller)
        let most = try CraftedXorb(storing: (0..<8_192).map { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
        try await scene.world.send(most, by: scene.caller)
        let longer = try CraftedXorb(storing: Array(repeating: chunk, count: 512) + [[1]])
        await expectRefusal(400) { try await scene.world.send(longer, by: scene.caller) }
        let more = try CraftedXorb(storing: (0..<8_193).map { [UInt8(truncatingIfNeeded: $0), UInt8($0 >> 8)] })
        await expectRefusal(400) { try await scene.world.send(more, by: scene.caller) }
        await expectRefusal(413) {
            _ = try await scene.world.xet.upload(longer.hash, length: 1 << 40, bytes: Body([]), by: scene.caller)
        }
        #expect(try await scene.world.stored() == 2)
    }

    /// Every way in which the bytes can be others than the hash says.
    @Test func refusesWhatIsNotTheXorb() async throws {
        let scene = try await XetScene()
        let other = try CraftedXorb(chunks([10_000], seed: 2))
        var wrong: [String: [UInt8]] = [
            "empty": [], "another": other.bytes, "twice": scene.xorb.bytes + scene.xorb.bytes,
            "more": scene.xorb.bytes + other.bytes, "junk": scene.xorb.bytes + [0],
            "zeros": [UInt8](repeating: 0, count: 8), "a footer": Array("XETBLOB".utf8) + [1],
            "only text": Array("XETBLOB".utf8),
        ]
        for count in [1, 7, 8, 9, 5_000, 9_007, 9_008, 9_010, scene.xorb.bytes.count - 1] {
            wrong["cut at \(count)"] = Array(scene.xorb.bytes.prefix(count))
        }
        for position in stride(from: 0, to: scene.xorb.bytes.count, by: 4_999) {
            var bytes = scene.xorb.bytes
            bytes[position] ^= 0x10
            wrong["flipped at \(position)"] = bytes
        }
        for (name, bytes) in wrong {
            await expectRefusal(400) {
                _ = try await scene.world.xet.upload(
                    scene.xorb.hash,
                    length: Int64(bytes.count),
                    bytes: Body(bytes),
                    by: scene.caller
                )
                Issue.record("\(name) was taken")
            }
        }
        #expect(try await scene.world.stored() == 0)
        #expect(try await scene.world.xet.storedLength(of: scene.xorb.hash, for: scene.caller) == nil)
    }

    /// Older clients put a footer behind the chunks; it is checked and not believed.
    @Test func readsFootersAndKeepsTheirHands() async throws {
        let scene = try await XetScene()
        let count = scene.xorb.chunks.count
        func footer(_ hash: XetHash, version: UInt8 = 1, padding: Int = 0) -> [UInt8] {
            let length = version == 1 ? 12 + count * 32 + 12 + count * 8 + 12 + 16 : 4 + count * 36 + 16
            return Array("XETBLOB".utf8) + [version] + hash.raw + [UInt8](repeating: 0, count: length + padding)
        }
        let wrong = [
            footer(.zero), footer(scene.xorb.hash, padding: 1), footer(scene.xorb.hash, version: 2),
            Array(footer(scene.xorb.hash).dropLast(1)), footer(scene.xorb.hash) + scene.xorb.bytes,
        ]
        for footer in wrong {
            let bytes = Body(scene.xorb.bytes + footer)
            await expectRefusal(400) {
                _ = try await scene.world.xet.upload(scene.xorb.hash, length: nil, bytes: bytes, by: scene.caller)
            }
        }
        let right = Body(scene.xorb.bytes + footer(scene.xorb.hash, padding: 4))
        #expect(try await scene.world.xet.upload(scene.xorb.hash, length: nil, bytes: right, by: scene.caller))
        #expect(
            try await scene.world.xet.storedLength(of: scene.xorb.hash, for: scene.caller) == scene.xorb.bytes.count
        )
        try await scene.world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: scene.caller)
        #expect(try await scene.world.assemble(scene.file.hash, by: scene.caller) == scene.file.content)
    }

    /// The first form stays; the other one goes out of sight at once.
    @Test func keepsOneFormOfAXorb() async throws {
        let scene = try await XetScene { $0.xetDeduplication = .off }
        let two = try await scene.world.create("model/ada/two", by: scene.ada).address
        let other = try await scene.world.writer(two, scene.ada)
        let stored = try CraftedXorb(storing: scene.xorb.chunks)
        #expect(stored.hash == scene.xorb.hash)
        #expect(try await scene.world.send(scene.xorb, by: scene.caller))
        // In another scope nobody says that it is known: it has to be sent, and is proven.
        #expect(try await scene.world.send(stored, by: other))
        #expect(try await scene.world.stored() == 1)
        for caller in [scene.caller, other] {
            #expect(
                try await scene.world.xet.storedLength(of: scene.xorb.hash, for: caller) == scene.xorb.bytes.count
            )
            try await scene.world.xet.register(try UploadShard([scene.file], [scene.xorb]), by: caller)
            #expect(try await scene.world.assemble(scene.file.hash, by: caller) == scene.file.content)
        }
    }

    @Test func aTokenForReadingSendsNothing() async throws {
        let scene = try await XetScene()
        let reader = try await scene.world.reader(scene.address, scene.ada)
        await expectRefusal(403) { try await scene.world.send(scene.xorb, by: reader) }
        await expectRefusal(403) { try await scene.world.xet.register(try UploadShard([]), by: reader) }
        #expect(try await scene.world.stored() == 0)
    }
}
