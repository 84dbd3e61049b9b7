import OpenSSLKit
import Testing

@Suite struct EncodingTests {
    @Test func writesAndReadsEveryByteInHex() {
        let bytes = (0...255).map { UInt8($0) }
        let text = Hex.encode(bytes)
        #expect(text.hasPrefix("000102") && text.hasSuffix("fdfeff"))
        #expect(Hex.decode(text) == bytes)
        #expect(Hex.decode(text.uppercased()) == bytes)
        #expect(Hex.decode("") == [])
    }

    @Test(arguments: ["0", "0g", "abc", " 00", "0x00", "é0"])
    func refusesWhatIsNotHex(text: String) {
        #expect(Hex.decode(text) == nil)
    }

    /// RFC 4648 section 10.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="), ("fooba", "Zm9vYmE="),
        ("foobar", "Zm9vYmFy"),
    ])
    func writesAndReadsBase64(plain: String, text: String) {
        let bytes = Array(plain.utf8)
        let bare = text.filter { $0 != "=" }
        #expect(Base64.encode(bytes) == text)
        #expect(Base64.encode(bytes, padded: false) == bare)
        #expect(Base64.encode(bytes, .urlSafe) == bare)
        #expect(Base64.decode(text) == bytes)
        #expect(Base64.decode(bare, .urlSafe) == bytes)
    }

    @Test func writesTheTwoOddDigitsOfEachAlphabet() {
        #expect(Base64.encode([0xfb, 0xef, 0xff]) == "++//")
        #expect(Base64.encode([0xfb, 0xef, 0xff], .urlSafe) == "--__")
        #expect(Base64.decode("--__") == nil)
        #expect(Base64.decode("++//", .urlSafe) == nil)
    }

    @Test(arguments: ["Z", "Zg", "Zg=", "Zh==", "Zm9=", "Zg==\n", "=", "====", "Zg==Zg==", "Z g="])
    func refusesOtherSpellings(text: String) {
        #expect(Base64.decode(text) == nil)
    }

    @Test func comparesWholeByteStrings() {
        #expect(constantTimeEqual([], []))
        #expect(constantTimeEqual([1, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2, 3], [1, 2, 4]))
        #expect(!constantTimeEqual([0, 2, 3], [1, 2, 3]))
        #expect(!constantTimeEqual([1, 2], [1, 2, 3]))
    }

    @Test func makesBytesThatDiffer() throws {
        #expect(try RandomBytes.generate(0) == [])
        #expect(try RandomBytes.generate(-1) == [])
        let first = try RandomBytes.generate(32)
        #expect(first.count == 32)
        #expect(try RandomBytes.generate(32) != first)
    }
}
