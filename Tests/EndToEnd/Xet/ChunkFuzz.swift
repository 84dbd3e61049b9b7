import Foundation
import GranaryTesting
import Testing
import Xet

/// Valid xorbs and shards with something changed, from somebody with a valid token.
@Suite("Chunks that nobody would send", .serialized, .ownServers)
struct ChunkFuzz {
    private static let seed: UInt64 = 20_261_127
    private static let rounds = 120
    private static let bound = 96 << 20

    /// Changes, cuts, repeats or inserts bytes; numbers that say how much follows are favoured.
    private func mutated(_ bytes: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var bytes = bytes
        for _ in 0..<Int.random(in: 1...4, using: &random) where !bytes.isEmpty {
            let position = Int.random(in: 0..<bytes.count, using: &random)
            switch Int.random(in: 0..<7, using: &random) {
            case 0: bytes[position] ^= 1 << UInt8.random(in: 0..<8, using: &random)
            case 1: bytes[position] = [0, 1, 0x7f, 0x80, 0xff].randomElement(using: &random) ?? 0
            case 2: bytes.removeSubrange(position...)
            case 3: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + 48)], at: position)
            case 4: bytes.removeSubrange(position..<min(bytes.count, position + 48))
            case 5:
                // A number of a record.
                let field = position / 48 * 48 + 32 + 4 * Int.random(in: 0..<4, using: &random)
                for index in field..<max(field, min(field + 4, bytes.count)) {
                    bytes[index] = UInt8.random(in: 0...255, using: &random)
                }
            default: bytes[min(position, 7)] = UInt8.random(in: 0...255, using: &random)
            }
        }
        return bytes
    }

    @Test func isRefusedAndCostsLittle() async throws {
        print("chunk fuzz: seed \(Self.seed)")
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let client = try await ChunkClient(story)
        let sample = try ChunkedSample(chunks: [9_000, 20_000, 131_072, 8_192, 1, 70_000], &random)
        let shard = sample.shard.bytes
        #expect(try await client.send(sample.xorb, as: sample.hash).status == 200)
        #expect(try await client.register(shard).status == 200)
        let other = try ChunkedSample(chunks: [9_001, 30_000, 50_000], &random)
        let idle = try story.server.measurements().resident
        try story.server.resetPeak()
        for round in 0..<Self.rounds {
            let xorb = mutated(other.xorb, &random)
            var answer = try await client.send(xorb, as: other.hash)
            #expect((400..<500).contains(answer.status) || xorb == other.xorb, "round \(round): \(answer)")
            let changed = mutated(shard, &random)
            answer = try await client.register(changed, version: round % 2 + 1)
            // What follows the second bookend is not read, and flags of chunks and xorbs have no meaning.
            #expect(answer.status < 500, "round \(round): \(answer)")
            #expect(!answer.text.contains("Something went wrong"), "round \(round): \(answer)")
        }
        #expect(try story.server.measurements().peakResident - idle < Self.bound)
        #expect(try await client.download(sample.file) == sample.content)
        #expect(story.server.isRunning)
        let failures = story.server.log.split(separator: "\n").filter { $0.contains(" error ") }
        #expect(failures.isEmpty, "\(failures.suffix(5))")
    }

    @Test func pathsAndFieldsThatNobodyWouldSend() async throws {
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let client = try await ChunkClient(story)
        let sample = try ChunkedSample(chunks: [9_000, 20_000], &random)
        #expect(try await client.send(sample.xorb, as: sample.hash).status == 200)
        #expect(try await client.register(sample.shard.bytes).status == 200)
        let ranges = [
            "bytes=", "bytes=-", "bytes=-5", "bytes=5-2", "bytes=0-1,2-3", "bytes=18446744073709551615-",
            "bytes=18446744073709551616-1", "bytes=0-18446744073709551615", "bytes=a-b", "items=0-1", "bytes=0x0-1",
            "bytes=9223372036854775807-9223372036854775808", "bytes= 0-1", "bytes=+1-2",
        ]
        for range in ranges {
            for path in [
                "v1/reconstructions/\(sample.file)", "v2/reconstructions/\(sample.file)", "data/\(sample.hash)",
            ] {
                let answer = try await client.call("GET", path, nil, ["Range: \(range)"])
                #expect(answer.status < 500, "\(path) \(range): \(answer)")
            }
        }
        let queries = [
            "", "?", "?ranges=&expires=&signature=", "?ranges=0-9&expires=99999999999&signature=AAAA",
            "?ranges=\(String(repeating: "0-9,", count: 3_000))0-9&expires=1&signature=A", "?a=1&b=2&c=3",
            "?ranges=9223372036854775807-9223372036854775807&expires=9223372036854775807&signature=%00",
        ]
        for query in queries {
            let answer = try await client.call("GET", "data/\(sample.hash)\(query)")
            #expect((400..<500).contains(answer.status), "\(query.prefix(80)): \(answer)")
        }
        #expect(story.server.isRunning)
    }
}
