import Foundation
import GranaryTesting
import Testing
import Xet

/// A client of the storage of chunks that sends whatever it is told to.
struct ChunkClient: Sendable {
    let story: Story
    /// The path of the storage.
    let path: String
    let token: String

    /// Asks for a token of the owner.
    init(_ story: Story, _ verb: String = "write", as person: Person? = nil) async throws {
        let (namespace, name) = (story.repository.namespace, story.repository.name)
        let answer = try await story.server.curl(
            "GET",
            "/api/models/\(namespace)/\(name)/xet-\(verb)-token/main",
            headers: [(person ?? story.owner).bearer]
        )
        let url = try #require(answer.json["casUrl"] as? String, "\(answer)")
        self.story = story
        path = String(url.dropFirst(story.server.base.count))
        token = try #require(answer.json["accessToken"] as? String)
    }

    var authorization: String { "Authorization: Bearer \(token)" }

    func call(_ method: String, _ path: String, _ body: [UInt8]? = nil, _ headers: [String] = []) async throws
        -> HTTPAnswer
    {
        try await story.server.curl(method, "\(self.path)/\(path)", headers: [authorization] + headers, body: body)
    }

    /// Sends a xorb under a hash.
    func send(_ bytes: [UInt8], as hash: XetHash) async throws -> HTTPAnswer {
        try await call("POST", "v1/xorbs/default/\(hash)", bytes)
    }

    func register(_ shard: [UInt8], version: Int = 1) async throws -> HTTPAnswer {
        try await call("POST", "v\(version)/shards", shard)
    }

    /// The file as it is put together by links.
    func download(_ file: XetHash) async throws -> [UInt8]? {
        let answer = try await call("GET", "v2/reconstructions/\(file)")
        guard answer.status == 200 else { return nil }
        let terms = try #require(answer.json["terms"] as? [[String: Any]])
        let xorbs = try #require(answer.json["xorbs"] as? [String: [[String: Any]]])
        var chunks: [String: [Int: [UInt8]]] = [:]
        for (xorb, entries) in xorbs {
            for entry in entries {
                let url = try #require(entry["url"] as? String)
                for range in try #require(entry["ranges"] as? [[String: [String: Int]]]) {
                    let (start, end) = (range["bytes"]?["start"] ?? 0, range["bytes"]?["end"] ?? 0)
                    let data = try await Curl(base: "")("GET", url, headers: ["Range: bytes=\(start)-\(end)"])
                    #expect(data.status == 206)
                    for (offset, chunk) in try Self.decoded(data.body).enumerated() {
                        chunks[xorb, default: [:]][(range["chunks"]?["start"] ?? 0) + offset] = chunk
                    }
                }
            }
        }
        return try terms.flatMap { term -> [UInt8] in
            let (xorb, range) = (term["hash"] as? String ?? "", term["range"] as? [String: Int] ?? [:])
            return try ((range["start"] ?? 0)..<(range["end"] ?? 0)).flatMap { try #require(chunks[xorb]?[$0]) }
        }
    }

    private static func decoded(_ bytes: [UInt8]) throws -> [[UInt8]] {
        let decoder = try ChunkRangeDecoder()
        var chunks: [[UInt8]] = []
        try bytes.withUnsafeBytes { try decoder.take($0) { raw in chunks.append(Array(raw)) } }
        try decoder.finish()
        return chunks
    }
}

/// Content in chunks, as a xorb and as a shard with one file.
struct ChunkedSample: Sendable {
    let content: [UInt8]
    let xorb: [UInt8]
    let hash: XetHash
    let file: XetHash
    let shard: UploadShard
    private let index: XorbIndex

    /// Cuts content that looks random; some of it can be compressed.
    init(chunks lengths: [Int], _ random: inout SeededRandom) throws {
        let writer = XorbWriter()
        var (bytes, content): ([UInt8], [UInt8]) = ([], [])
        for (number, length) in lengths.enumerated() {
            let chunk =
                number % 3 == 2
                ? [UInt8](repeating: UInt8(truncatingIfNeeded: length), count: length)
                : random.bytes(length)
            try chunk.withUnsafeBytes { try writer.append($0, hash: HashUse.chunk.hash($0), to: &bytes) }
            content += chunk
        }
        let index = writer.index
        let listed = ShardXorb(
            hash: index.hash,
            chunks: zip(index.entries, lengths).map { ShardXorb.Chunk(hash: $0.hash, rawLength: UInt32($1)) }
        )
        self.content = content
        (xorb, hash) = (bytes, index.hash)
        let listing = Self.file(0..<index.count, of: index)
        file = listing.hash
        shard = UploadShard(files: [listing], xorbs: [listed])
        self.index = index
    }

    /// A file of some chunks of what another sample has sent.
    init(_ chunks: Range<Int>, of whole: ChunkedSample) throws {
        content = Array(whole.content[try #require(whole.index.rawBytes(of: chunks))])
        (xorb, hash, index) = (whole.xorb, whole.hash, whole.index)
        let listing = Self.file(chunks, of: index)
        file = listing.hash
        shard = UploadShard(files: [listing], xorbs: [])
    }

    private static func file(_ chunks: Range<Int>, of index: XorbIndex) -> ShardFile {
        var tree = MerkleTree()
        _ = tree.add(chunks, of: index)
        let term = ShardTerm(
            xorb: index.hash,
            chunks: chunks,
            rawLength: UInt32(clamping: tree.length),
            verification: index.verificationHash(of: chunks)
        )
        return ShardFile(hash: tree.fileHash, terms: [term], sha256: nil)
    }
}
