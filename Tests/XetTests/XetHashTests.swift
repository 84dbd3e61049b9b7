import Testing
import Xet

struct XetHashTests {
    @Test
    func printsGroupsOfEightBytesAsNumbers() throws {
        let vector = try Vectors.all.get().hash_text
        let raw = try bytes(hex: vector.raw)
        let parsed = try #require(XetHash(raw: raw))
        #expect(parsed.description == vector.text)
        #expect(try hash(vector.text) == parsed)
        #expect(parsed.raw == raw)
    }

    @Test(arguments: [
        "", "0", String(repeating: "0", count: 63), String(repeating: "0", count: 65),
        String(repeating: "A", count: 64), String(repeating: "g", count: 64), " " + String(repeating: "0", count: 63),
        "0x" + String(repeating: "0", count: 62), String(repeating: "0", count: 62) + "\u{e9}",
    ])
    func refusesOtherTexts(_ text: String) {
        #expect(XetHash(text) == nil)
    }

    @Test(arguments: [0, 1, 31, 33])
    func refusesOtherLengths(_ count: Int) {
        #expect(XetHash(raw: [UInt8](repeating: 1, count: count)) == nil)
    }

    @Test
    func reversesGroupsOfDigests() throws {
        let vector = try Vectors.all.get().hello_shard_upload
        let digest = try bytes(hex: vector.sha256)
        let field = try #require(XetHash(sha256: digest))
        #expect(try field.raw == bytes(hex: vector.sha256_field))
        #expect(field.sha256 == digest)
        #expect(field.description == vector.sha256)
    }

    @Test
    func ordersLikeTexts() throws {
        var numbers = SeededNumbers(5)
        let hashes = try (0..<200).map { _ in try #require(XetHash(raw: numbers.bytes(32))) }
        #expect(hashes.sorted().map(\.description) == hashes.map(\.description).sorted())
    }
}
