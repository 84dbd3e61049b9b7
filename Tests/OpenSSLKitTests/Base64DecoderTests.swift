import Foundation
import OpenSSLKit
import Testing

/// Base64 in pieces means what it means as a whole.
@Suite struct Base64DecoderTests {
    private func decode(_ text: String, pieces: Int) throws -> [UInt8] {
        var decoder = Base64Decoder()
        var bytes: [UInt8] = []
        var rest = Array(text.utf8)[...]
        while !rest.isEmpty {
            let piece = Array(rest.prefix(pieces))
            rest = rest.dropFirst(piece.count)
            try piece.withUnsafeBytes { try decoder.decode($0) { bytes += $0 } }
        }
        return try bytes + decoder.finish()
    }

    @Test(arguments: [1, 2, 3, 4, 5, 7, 64, 1_000])
    func piecesOfAnySize(pieces: Int) throws {
        for count in [0, 1, 2, 3, 4, 5, 100, 255, 256, 257] {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 167 &+ 13) }
            let text = Data(bytes).base64EncodedString()
            #expect(try decode(text, pieces: pieces) == bytes)
            let end = Array(text.utf8.suffix(2))
            #expect(Base64Decoder.size(ofText: Int64(text.utf8.count), endingIn: end) == Int64(count))
        }
    }

    @Test(arguments: [
        "A", "AA", "AAA", "A===", "=", "AA=A", "AA==A", "AA===", "AB==", "AAB=", "A A=", "AA-_", "AAA\n", "ÄA==",
    ])
    func whatIsNoBase64(text: String) {
        for pieces in [1, 2, 3, 100] {
            #expect(throws: Base64Decoder.Malformed.self) { try decode(text, pieces: pieces) }
        }
    }
}
