import ObjectStore
import Testing

@Suite struct StagingIDTests {
    private let digits = "0123456789abcdef0123456789abcdef"

    @Test func readsWhatItWrites() throws {
        #expect(try #require(StagingID(digits)).text == digits)
        #expect(try #require(StagingID(bytes: Array(0..<16))).text == "000102030405060708090a0b0c0d0e0f")
    }

    @Test func refusesOtherSpellings() {
        for text in ["", digits.uppercased(), String(digits.dropLast()), digits + "0", "../" + digits.dropLast(3)] {
            #expect(StagingID(text) == nil)
        }
        #expect(StagingID(bytes: [1, 2, 3]) == nil)
    }
}
