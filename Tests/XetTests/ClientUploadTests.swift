import Foundation
import Testing
import Xet

/// What a stock client uploaded; `fixtures/xet/README.md` describes the files.
struct ClientUploadTests {
    private let xorb: [UInt8]
    private let shard: UploadShard
    private let summary: XorbSummary

    init() throws {
        xorb = try Array(fixture("client.xorb"))
        shard = try UploadShard(reading: Array(fixture("client.shard")))
        summary = try read(xorb, pieces: 10_000)
    }

    @Test
    func provesItself() throws {
        #expect(shard.xorbs.map(\.hash) == [summary.hash])
        #expect(shard.xorbs.allSatisfy { $0.agrees(with: summary.index) })
        #expect(shard.files.count == 3)
        for file in shard.files {
            var tree = MerkleTree()
            for term in file.terms {
                #expect(term.fault(in: summary.index) == nil)
                let isAdded = tree.add(term.chunks, of: summary.index)
                #expect(isAdded)
            }
            #expect(tree.fileHash == file.hash)
        }
        #expect(try shard.bytes == Array(fixture("client.shard")))
    }

    @Test
    func givesBackTheFiles() throws {
        let text = Array((0..<4000).map { "line \($0) of \($0 * $0 % 1009)\n" }.joined().utf8)
        let random = Shake128.bytes("granary-xet-small", count: 9000)
        let files = try shard.files.map { file in try content(of: file, in: 0..<UInt64.max) }
        #expect(files[0] == text)
        #expect(files[1] == random)
        #expect(files[2].count == 60_000)
        #expect(try content(of: shard.files[0], in: 100..<60_001) == Array(text[100..<60_001]))
    }

    /// Rebuilds a range as a server does for clients that know nothing of chunks.
    private func content(of file: ShardFile, in range: Range<UInt64>) throws -> [UInt8] {
        let terms = file.terms.compactMap { FileTerm(xorb: $0.xorb, chunks: $0.chunks, rawLength: Int($0.rawLength)) }
        let selection = try #require(TermSelection(of: terms, in: range))
        let plan = try ReconstructionPlan(selection, indexes: [summary.hash: summary.index])
        let decoder = try ChunkRangeDecoder()
        var raw: [UInt8] = []
        for term in plan.terms {
            try xorb[term.storedBytes].withUnsafeBytes { try decoder.take($0) { raw.append(contentsOf: $0) } }
        }
        try decoder.finish()
        return Array(raw.dropFirst(plan.offsetIntoFirstRange).prefix(plan.length))
    }

    @Test
    func holdsEveryScheme() throws {
        let schemes = try (0..<summary.index.count).map { chunk in
            let bytes = try #require(summary.index.storedBytes(of: chunk..<(chunk + 1)))
            return try xorb[bytes].withUnsafeBytes { try ChunkHeader(reading: $0).scheme }
        }
        #expect(Set(schemes) == Set(CompressionScheme.allCases))
    }
}
