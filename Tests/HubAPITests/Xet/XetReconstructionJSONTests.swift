import HubAPI
import HubCore
import JSON
import NIOCore
import ObjectStore
import Testing
import Xet

/// Reconstructions as clients of both versions read them.
///
/// - Source: Xet protocol specification, "File reconstruction".
@Suite struct XetReconstructionJSONTests {
    private static func hash(_ number: UInt64) -> XetHash { XetHash(words: SIMD4(number, 2, 3, 4)) }

    /// Ten chunks of 1,000 bytes, stored as 108 each.
    private static func index(_ seed: UInt64) throws -> XorbIndex {
        var index = XorbIndex()
        for chunk in 0..<10 {
            try index.append(hash(seed &+ UInt64(chunk)), rawLength: 1_000, serializedLength: 108)
        }
        return index
    }

    /// Bytes 1,500 through 9,499 of two stretches of one xorb and one of another.
    private static func reconstruction() throws -> XetReconstruction {
        let (one, two) = (try index(100), try index(200))
        let terms = [(one, 2..<5), (two, 0..<4), (one, 7..<9)].map { index, chunks in
            FileTerm(xorb: index.hash, chunks: chunks, rawLength: 1_000 * chunks.count)
        }
        let selection = try #require(TermSelection(of: terms.compactMap(\.self), in: 1_500..<9_500))
        let plan = try ReconstructionPlan(selection, indexes: [one.hash: one, two.hash: two])
        let key = try SigningKey(master: [UInt8](repeating: 1, count: 32), purpose: "test")
        let oid = try #require(ObjectKey(bytes: [UInt8](repeating: 5, count: 32)))
        let fetches = try plan.fetches.map { fetch in
            let links = try fetch.ranges.map {
                try XetLink(fetch.xorb, at: oid, [$0.storedBytes], expiresAt: 99, signedBy: key)
            }
            let all = try XetLink(fetch.xorb, at: oid, fetch.ranges.map(\.storedBytes), expiresAt: 99, signedBy: key)
            return XetReconstruction.Fetch(xorb: fetch.xorb, ranges: fetch.ranges, link: all, links: links)
        }
        return XetReconstruction(plan: plan, fetches: fetches)
    }

    private static func answer(_ version: Int, base: String = "https://hub.example/xet/hub") throws -> JSONValue {
        let body = try reconstruction().json(version: version, base: base)
        return try JSONValue(parsing: Array(body.readableBytesView), limits: JSONLimits(bytes: 1 << 20))
    }

    private static func range(_ start: Int64, _ end: Int64) -> JSONValue {
        ["start": .integer(start), "end": .integer(end)]
    }

    @Test(arguments: [1, 2]) func termsAreTrimmed(version: Int) throws {
        let (one, two) = (try Self.index(100).hash.description, try Self.index(200).hash.description)
        let answer = try Self.answer(version)
        #expect(answer["offset_into_first_range"] == .integer(500))
        #expect(
            answer["terms"]
                == .array([
                    ["hash": .string(one), "unpacked_length": .integer(2_000), "range": Self.range(3, 5)],
                    ["hash": .string(two), "unpacked_length": .integer(4_000), "range": Self.range(0, 4)],
                    ["hash": .string(one), "unpacked_length": .integer(2_000), "range": Self.range(7, 9)],
                ])
        )
        #expect((answer["xorbs"] == nil) == (version == 1))
        #expect((answer["fetch_info"] == nil) == (version == 2))
    }

    /// Byte ranges name their last byte; one URL leads to all ranges of a xorb.
    @Test func version2GroupsByURL() throws {
        let one = try Self.index(100).hash.description
        let entries = try #require(try Self.answer(2)["xorbs"]?[one]?.elements)
        #expect(entries.count == 1)
        let url = try #require(entries[0]["url"]?.text)
        #expect(url.hasPrefix("https://hub.example/xet/hub/data/\(one)?ranges=324-539,756-971&expires=99&signature="))
        #expect(
            entries[0]["ranges"]
                == .array([
                    ["chunks": Self.range(3, 5), "bytes": Self.range(324, 539)],
                    ["chunks": Self.range(7, 9), "bytes": Self.range(756, 971)],
                ])
        )
    }

    /// With all ranges in the URL of each, an answer would grow with their square.
    @Test func version1HasAURLForEachRange() throws {
        let one = try Self.index(100).hash.description
        let entries = try #require(try Self.answer(1)["fetch_info"]?[one]?.elements)
        #expect(entries.map { $0["range"] } == [Self.range(3, 5), Self.range(7, 9)])
        #expect(entries.map { $0["url_range"] } == [Self.range(324, 539), Self.range(756, 971)])
        for (entry, ranges) in zip(entries, ["324-539", "756-971"]) {
            let url = try #require(entry["url"]?.text)
            #expect(url.contains("/data/\(one)?ranges=\(ranges)&expires=99&signature="))
        }
    }

    /// The address may come from a request: whatever stands in it stays within its string.
    @Test func addressesAreEscaped() throws {
        let base = "https://hub\"},\"x\":[\\.example"
        let two = try Self.index(200).hash.description
        let url = try #require(try Self.answer(2, base: base)["xorbs"]?[two]?.elements?[0]["url"]?.text)
        #expect(url.hasPrefix("\(base)/data/"))
    }
}
