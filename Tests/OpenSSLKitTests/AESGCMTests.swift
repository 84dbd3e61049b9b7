import OpenSSLKit
import Testing

@Suite struct AESGCMTests {
    private let key = [UInt8](repeating: 0, count: 32)
    private let nonce = [UInt8](repeating: 0, count: 12)

    /// The vectors of the mode's own specification.
    @Test func agreesWithTheSpecification() throws {
        let empty = try AESGCM.seal([], key: key, nonce: nonce, for: [])
        #expect(Hex.encode(Array(empty.dropFirst(12))) == "530f8afbc74536b9a963b4f1c4cb738b")
        let block = try AESGCM.seal([UInt8](repeating: 0, count: 16), key: key, nonce: nonce, for: [])
        #expect(
            Hex.encode(Array(block.dropFirst(12))) == "cea7403d4d606b6e074ec5d3baf39d18"
                + "d0d1c8a799996bf0265b98b5d48ab919"
        )
    }

    @Test(arguments: [0, 1, 15, 16, 17, 5_000])
    func opensWhatItSealed(count: Int) throws {
        let plain = (0..<count).map { UInt8(truncatingIfNeeded: $0) }
        let sealed = try AESGCM.seal(plain, key: key, nonce: nonce, for: Array("owner".utf8))
        #expect(try AESGCM.open(sealed, key: key, for: Array("owner".utf8)) == plain)
    }

    @Test func noticesEveryChange() throws {
        let sealed = try AESGCM.seal(Array("secret".utf8), key: key, nonce: nonce, for: Array("owner".utf8))
        for index in sealed.indices {
            var changed = sealed
            changed[index] ^= 1
            #expect(throws: AESGCM.NotAuthentic.self) {
                try AESGCM.open(changed, key: key, for: Array("owner".utf8))
            }
        }
        #expect(throws: AESGCM.NotAuthentic.self) { try AESGCM.open(sealed, key: key, for: Array("other".utf8)) }
        #expect(throws: AESGCM.NotAuthentic.self) { try AESGCM.open([], key: key, for: []) }
        let other = [UInt8](repeating: 1, count: 32)
        #expect(throws: AESGCM.NotAuthentic.self) { try AESGCM.open(sealed, key: other, for: Array("owner".utf8)) }
    }

    @Test func refusesKeysOfAnotherLength() {
        #expect(throws: OpenSSLError.self) { try AESGCM.seal([], key: [1, 2, 3], nonce: nonce, for: []) }
        #expect(throws: OpenSSLError.self) { try AESGCM.seal([], key: key, nonce: [1], for: []) }
        #expect(throws: OpenSSLError.self) { try AESGCM.open(nonce + key, key: [], for: []) }
    }
}
