import ObjectStore
import Testing

@Suite struct ObjectKeyTests {
    private let hex = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    @Test func readsWhatItWrites() throws {
        let key = try #require(ObjectKey(hex: hex))
        #expect(key.hex == hex)
        #expect(ObjectKey(bytes: key.bytes) == key)
    }

    @Test func refusesOtherSpellings() {
        for text in [
            "", hex.uppercased(), String(hex.dropLast()), hex + "0", String(hex.dropLast()) + "g", "../" + hex,
        ] {
            #expect(ObjectKey(hex: text) == nil)
        }
        #expect(ObjectKey(bytes: [1, 2, 3]) == nil)
    }

    @Test func isOrderedLikeItsText() throws {
        let keys = try ["00", "0f", "10", "ff"].map { start in
            try #require(ObjectKey(hex: start + String(repeating: "0", count: 62)))
        }
        #expect(keys.sorted() == keys)
    }
}
