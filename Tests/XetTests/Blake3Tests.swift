import Foundation
import Testing
import Xet

struct Blake3Tests {
    struct Cases: Decodable {
        struct Case: Decodable { let length: Int, plain, keyed: String }
        let cases: [Case]
    }

    private let key = XetHash(raw: Array(0..<32)).map { Blake3(key: $0) }

    private func input(_ length: Int) -> [UInt8] { (0..<length).map { UInt8($0 % 251) } }

    private func cases() throws -> [Cases.Case] {
        try JSONDecoder().decode(Cases.self, from: fixture("blake3.json")).cases
    }

    @Test
    func hashesWholeInputs() throws {
        let keyed = try #require(key)
        for example in try cases() {
            let input = input(example.length)
            #expect(try Blake3.plain.hash(input).raw == bytes(hex: example.plain), "\(example.length)")
            #expect(try keyed.hash(input).raw == bytes(hex: example.keyed), "\(example.length)")
        }
    }

    @Test(arguments: [1, 64, 700, 1024, 1025, 5000, 16_384, 40_000, 300_000])
    func hashesPiecesOfAnySize(_ most: Int) throws {
        let keyed = try #require(key)
        for example in try cases() where example.length < 2_000 || most > 100 {
            var stream = keyed.stream()
            input(example.length).inPieces(seed: UInt64(most), upTo: most) { stream.update($0) }
            #expect(try stream.finalize().raw == bytes(hex: example.keyed), "\(example.length)")
        }
    }

    @Test
    func goesOnAfterAResult() {
        var stream = Blake3.plain.stream()
        let input = input(50_000)
        for start in stride(from: 0, to: 50_000, by: 500) {
            #expect(stream.finalize() == Blake3.plain.hash(Array(input[..<start])))
            input[start..<(start + 500)].withUnsafeBytes { stream.update($0) }
        }
    }

    @Test
    func hashesHashesLikeTheirBytes() throws {
        let hash = try #require(XetHash(raw: Array(7..<39)))
        #expect(HashUse.chunk.hash(hash) == HashUse.chunk.hash(hash.raw))
        var stream = HashUse.chunk.stream()
        stream.update(hash)
        #expect(stream.finalize() == HashUse.chunk.hash(hash.raw))
    }

    @Test
    func keysChunkHashesForDedupReplies() throws {
        let vector = try Vectors.all.get().dedup_hmac
        let key = try #require(XetHash(raw: bytes(hex: vector.key)))
        #expect(try Blake3(key: key).hash(hash(vector.chunk)) == hash(vector.keyed))
    }
}
