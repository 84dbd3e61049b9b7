import OpenSSLKit
import Testing

@Suite struct DigestTests {
    /// FIPS 180-4 examples and the empty message.
    @Test(arguments: [
        ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
        ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
        ("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq", "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
    ])
    func hashesAsFIPS180SaysWithSHA1(message: String, digest: String) throws {
        let stream = try SHA1Stream()
        // A stream can be used again, and pieces do not matter.
        for pieceLength in [1, 3, 64] {
            try feed(Array(message.utf8), pieceLength: pieceLength) { try stream.update($0) }
            #expect(Hex.encode(try stream.finalize()) == digest)
        }
    }

    @Test(arguments: [
        ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
        ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
        (
            "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
        ),
    ])
    func hashesAsFIPS180SaysWithSHA256(message: String, digest: String) throws {
        #expect(Hex.encode(try SHA256.digest(Array(message.utf8))) == digest)
        let stream = try SHA256Stream()
        for pieceLength in [1, 3, 64] {
            try feed(Array(message.utf8), pieceLength: pieceLength) { try stream.update($0) }
            #expect(Hex.encode(try stream.finalize()) == digest)
        }
    }

    /// RFC 4231, test cases 1, 2 and 6; and an empty key.
    @Test(arguments: [
        (
            [UInt8](repeating: 0x0b, count: 20), "Hi There",
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"
        ),
        (
            Array("Jefe".utf8), "what do ya want for nothing?",
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
        ),
        (
            [UInt8](repeating: 0xaa, count: 131), "Test Using Larger Than Block-Size Key - Hash Key First",
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"
        ),
        ([], "", "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad"),
    ])
    func authenticatesAsRFC4231Says(key: [UInt8], message: String, code: String) throws {
        #expect(Hex.encode(try HMACSHA256.authenticationCode(for: Array(message.utf8), key: key)) == code)
    }

    private func feed(
        _ message: [UInt8],
        pieceLength: Int,
        _ update: (UnsafeRawBufferPointer) throws -> Void
    ) throws {
        try message.withUnsafeBytes { whole in
            for start in stride(from: 0, to: whole.count, by: pieceLength) {
                try update(UnsafeRawBufferPointer(rebasing: whole[start..<min(start + pieceLength, whole.count)]))
            }
            try update(UnsafeRawBufferPointer(start: nil, count: 0))
        }
    }
}
