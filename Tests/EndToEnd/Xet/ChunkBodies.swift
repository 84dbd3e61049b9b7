import GranaryTesting
import Testing
import Xet

/// Bodies that are too long, too slow, cut off, or grow.
@Suite("Bodies of chunks", .serialized, .ownServers)
struct ChunkBodies {
    private static let seed: UInt64 = 20_261_129

    private func head(_ client: ChunkClient, _ path: String, length: Int) -> String {
        "POST \(client.path)/\(path) HTTP/1.1\r\nHost: hub\r\n\(client.authorization)\r\nContent-Length: \(length)\r\n\r\n"
    }

    private func status(_ bytes: [UInt8]) -> Int { HTTPAnswer(reading: bytes).status }

    @Test func lengthsBeyondAllLimitsAreRefusedUnread() async throws {
        let story = try await Story.alone()
        let client = try await ChunkClient(story)
        let hash = XetHash.zero
        for (path, length) in [
            ("v1/xorbs/default/\(hash)", 70 << 20), ("v1/xorbs/default/\(hash)", 1 << 50), ("v1/shards", 1 << 50),
        ] {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(client, path, length: length))
            if path == "v1/shards" { try await connection.send([UInt8](repeating: 1, count: (64 << 20) + 1)) }
            let answer = try await connection.receive(limit: 4_096, idle: .seconds(20)).bytes
            #expect(status(answer) == 413, "\(path) \(length): \(String(decoding: answer, as: UTF8.self))")
            connection.close()
        }
        #expect(story.server.isRunning)
    }

    @Test func whatIsCutOffIsNotThere() async throws {
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let client = try await ChunkClient(story)
        let sample = try ChunkedSample(chunks: [9_000, 20_000], &random)
        for count in [0, 1, 9_000, sample.xorb.count - 1] {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(client, "v1/xorbs/default/\(sample.hash)", length: sample.xorb.count))
            try await connection.send(Array(sample.xorb[..<count]))
            connection.close()
        }
        #expect(try await client.call("HEAD", "v1/xorbs/default/\(sample.hash)").status == 404)
        // A length that says less than comes: the rest is another request, and not one.
        let connection = try RawConnection(port: story.server.httpPort)
        try await connection.send(head(client, "v1/xorbs/default/\(sample.hash)", length: sample.xorb.count - 9))
        try await connection.send(sample.xorb)
        connection.closeWriting()
        let answer = try await connection.receive(limit: 65_536, idle: .seconds(20)).bytes
        // The answer, or none, as what follows is no request.
        #expect([0, 400].contains(status(answer)))
        #expect(try await client.call("HEAD", "v1/xorbs/default/\(sample.hash)").status == 404)
        #expect(try await client.send(sample.xorb, as: sample.hash).status == 200)
    }

    /// However many large shards are begun and not sent, others register theirs.
    @Test func whoIsSlowIsInNobodysWay() async throws {
        var random = SeededRandom(Self.seed)
        let story = try await Story.alone()
        let slow = try await ChunkClient(story)
        let bob = try await story.server.addPerson("bob")
        let other = Story(
            server: story.server,
            owner: bob,
            repository: try await story.server.addRepository("model", "bob", "other")
        )
        var connections: [RawConnection] = []
        for _ in 0..<8 {
            let connection = try RawConnection(port: story.server.httpPort)
            try await connection.send(head(slow, "v1/shards", length: 60 << 20))
            connections.append(connection)
        }
        try await Task.sleep(for: .milliseconds(300))
        let client = try await ChunkClient(other)
        let sample = try ChunkedSample(chunks: [9_000, 20_000], &random)
        #expect(try await client.send(sample.xorb, as: sample.hash).status == 200)
        let padded = sample.shard.bytes + [UInt8](repeating: 0, count: 8 << 20)
        #expect(try await client.register(padded).status == 200)
        // Their sender still registers small ones.
        #expect(try await slow.send(sample.xorb, as: sample.hash).status == 200)
        #expect(try await slow.register(sample.shard.bytes).status == 200)
        for connection in connections { connection.close() }
    }

    /// The smallest xorb with the most content, and frames that give more than they say.
    @Test func whatGrowsIsBounded() async throws {
        let story = try await Story.alone()
        let client = try await ChunkClient(story)
        let zeros = [UInt8](repeating: 0, count: 131_072)
        let writer = XorbWriter(limits: XorbLimits(chunks: 10_000, rawLength: 1 << 30, storedLength: 1 << 30))
        var bytes: [UInt8] = []
        func add() throws {
            try zeros.withUnsafeBytes { try writer.append($0, hash: HashUse.chunk.hash($0), to: &bytes) }
        }
        for _ in 0..<512 { try add() }
        try story.server.resetPeak()
        let idle = try story.server.measurements().resident
        #expect(try await client.send(bytes, as: writer.index.hash).status == 200)
        try add()
        #expect(try await client.send(bytes, as: writer.index.hash).status == 400)
        // The header says one byte less than the frame has.
        var lying = Array(bytes[..<writer.index.entries[0].storedEnd.asInt])
        lying[5] = 0xff
        (lying[6], lying[7]) = (0xff, 0x01)
        for _ in 0..<20 { #expect(try await client.send(lying, as: .zero).status == 400) }
        #expect(try story.server.measurements().peakResident - idle < 64 << 20)
        // Hours of content in a few records: no room for it, and said at once.
        try await story.server.granary("lfs", "quota", "model/alice/alone", "\(1 << 30)")
        var tree = MerkleTree()
        writer.startOver()
        bytes = []
        for _ in 0..<512 { try add() }
        let index = writer.index
        for _ in 0..<2_000 { _ = tree.add(0..<512, of: index) }
        let term = ShardTerm(
            xorb: index.hash,
            chunks: 0..<512,
            rawLength: 64 << 20,
            verification: index.verificationHash(of: 0..<512)
        )
        let file = ShardFile(hash: tree.fileHash, terms: Array(repeating: term, count: 2_000), sha256: nil)
        #expect(try await client.register(UploadShard(files: [file], xorbs: []).bytes).status == 507)
    }
}

extension UInt32 {
    fileprivate var asInt: Int { Int(self) }
}
