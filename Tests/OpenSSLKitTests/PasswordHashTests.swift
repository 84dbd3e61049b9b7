import OpenSSLKit
import Testing

@Suite struct PasswordHashTests {
    private static let cheap = PasswordHash.Parameters(logarithm: 4, blockSize: 8, parallelization: 1)

    @Test(arguments: ["correct horse", "", "pässwörd", "with\u{0}zero", String(repeating: "x", count: 1000)])
    func knowsItsOwnPasswordOnly(password: String) throws {
        let stored = try PasswordHash.hash(Array(password.utf8), parameters: Self.cheap)
        #expect(try PasswordHash.verify(Array(password.utf8), against: stored))
        #expect(try !PasswordHash.verify(Array((password + "x").utf8), against: stored))
        #expect(stored.hasPrefix("$scrypt$ln=4,r=8,p=1$"))
    }

    @Test func saltsEachHash() throws {
        let password = Array("correct horse".utf8)
        let first = try PasswordHash.hash(password, parameters: Self.cheap)
        #expect(try PasswordHash.hash(password, parameters: Self.cheap) != first)
    }

    /// RFC 7914 section 12, second vector: N = 1024, r = 8, p = 16, password "password", salt "NaCl".
    @Test func hashesAsRFC7914Says() throws {
        let key = """
            fdbabe1c9d3472007856e7190d01e9fe7c6ad7cbc8237830e77376634b373162\
            2eaf30d92e22a3886ff109279d9830dac727afb94a83ee6d8360cbdfa2cc0640
            """
        let bytes = try #require(Hex.decode(key))
        let stored = "$scrypt$ln=10,r=8,p=16$TmFDbA$" + Base64.encode(bytes, padded: false)
        #expect(try PasswordHash.verify(Array("password".utf8), against: stored))
    }

    /// The standard cost must not run into libcrypto's own bound on memory.
    @Test func takesTheStandardCost() throws {
        let stored = try PasswordHash.hash(Array("correct horse".utf8))
        #expect(stored.hasPrefix("$scrypt$ln=15,r=8,p=1$"))
        #expect(try PasswordHash.verify(Array("correct horse".utf8), against: stored))
    }

    @Test(arguments: [
        "", "$", "plain", "$scrypt$", "$scrypt$ln=4,r=8,p=1$AAAA$", "$scrypt$ln=4,r=8$AAAA$AAAA",
        "$bcrypt$ln=4,r=8,p=1$AAAA$AAAA",
        "$scrypt$ln=4,r=8,p=1$AA!A$AAAA", "$scrypt$ln=40,r=8,p=1$AAAA$AAAA", "$scrypt$ln=-1,r=8,p=1$AAAA$AAAA",
        "$scrypt$ln=20,r=32,p=1$AAAA$AAAA", "$scrypt$ln=99999999999999999999,r=8,p=1$AAAA$AAAA",
        "$scrypt$r=8,ln=4,p=1$AAAA$AAAA",
    ])
    func refusesOtherTextsAndAbsurdCosts(stored: String) {
        #expect(throws: PasswordHash.Malformed.self) { try PasswordHash.verify([1], against: stored) }
    }
}
