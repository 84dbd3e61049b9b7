import Foundation
import HubAPI
import NIOCore
import Testing

@Suite struct InflatedBodyTests {
    private static let haves = "H4sIAAAAAAACAzMwMDbKSCxLVTAgEnAZkKjDkGQdRlwAPWHPi5YAAAA="
    private static let twoMembers = "H4sIAAAAAAACA8vPS1UAAElhrCMEAAAAH4sIAAAAAAACAyspzwcAZorKEQMAAAA="
    /// 200,000 zero bytes in 229.
    private static let bomb =
        "H4sIAAAAAAACA+3BMQEAAADCoPVPbQZ/oAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA"
        + "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAACA1wB7WOBc"
        + "QA0DAA=="

    @Test(arguments: [1, 7, 1_000])
    func inflatesPiecesOfAnySize(size: Int) async throws {
        let text = try await inflate(Self.haves, pieces: size)
        #expect(text.count == 150)
        #expect(String(decoding: text.prefix(9), as: UTF8.self) == "0032have ")
    }

    @Test func readsAllMembers() async throws {
        #expect(String(decoding: try await inflate(Self.twoMembers, pieces: 5), as: UTF8.self) == "one two")
    }

    @Test func takesNoBodyForAnEmptyOne() async throws {
        #expect(try await inflate("", pieces: 1).isEmpty)
    }

    @Test func inflatesMoreThanOneBuffer() async throws {
        let limits = InflationLimits(bytes: 200_000)
        #expect(try await inflate(Self.bomb, pieces: 50, limits: limits) == Array(repeating: 0, count: 200_000))
    }

    @Test func stopsAtTheLimit() async {
        await #expect(throws: BodyError.tooLarge(limit: 199_999)) {
            try await inflate(Self.bomb, pieces: 50, limits: InflationLimits(bytes: 199_999))
        }
    }

    @Test func stopsAtTheRatio() async {
        await #expect(throws: BodyError.expandsTooMuch) {
            try await inflate(
                Self.bomb,
                pieces: 50,
                limits: InflationLimits(bytes: .max, ratio: 100, freeBytes: 10_000)
            )
        }
    }

    @Test(arguments: ["bm90IGd6aXA=", "H4sIAAAAAAACAzMwMDbKSCxLVTAgEnAZkKjDkGQdRlwAPWHP", "H4s="])
    func refusesWhatIsNotWholeGzip(encoded: String) async {
        await #expect(throws: BodyError.notGzip) { try await inflate(encoded, pieces: 10) }
    }

    @Test func refusesADamagedChecksum() async throws {
        var bytes = Array(try #require(Data(base64Encoded: Self.haves)))
        bytes[bytes.count - 6] ^= 1
        await #expect(throws: BodyError.notGzip) { try await inflate(bytes, pieces: 10) }
    }

    @Test func refusesWhatFollowsTheEnd() async throws {
        let bytes = Array(try #require(Data(base64Encoded: Self.haves))) + Array("trailing".utf8)
        await #expect(throws: BodyError.notGzip) { try await inflate(bytes, pieces: 10) }
    }

    @Test func boundsPlainBodies() async throws {
        let body = BoundedBody(pieces(of: Array("12345678".utf8), size: 3), limit: 8)
        var count = 0
        for try await piece in body { count += piece.readableBytes }
        #expect(count == 8)
        await #expect(throws: BodyError.tooLarge(limit: 7)) {
            for try await _ in BoundedBody(pieces(of: Array("12345678".utf8), size: 3), limit: 7) {}
        }
    }

    private func inflate(
        _ encoded: String,
        pieces size: Int,
        limits: InflationLimits = InflationLimits(bytes: 1 << 20)
    ) async throws -> [UInt8] {
        try await inflate(Array(try #require(Data(base64Encoded: encoded))), pieces: size, limits: limits)
    }

    private func inflate(
        _ bytes: [UInt8],
        pieces size: Int,
        limits: InflationLimits = InflationLimits(bytes: 1 << 20)
    ) async throws -> [UInt8] {
        var inflated: [UInt8] = []
        for try await piece in InflatedBody(pieces(of: bytes, size: size), limits: limits) {
            inflated.append(contentsOf: piece.readableBytesView)
        }
        return inflated
    }

    private func pieces(of bytes: [UInt8], size: Int) -> AsyncThrowingStream<ByteBuffer, any Error> {
        AsyncThrowingStream { stream in
            for start in stride(from: 0, to: bytes.count, by: size) {
                stream.yield(ByteBuffer(bytes: bytes[start..<min(start + size, bytes.count)]))
            }
            stream.finish()
        }
    }
}
