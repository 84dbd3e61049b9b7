import Testing
import Xet

struct ChunkerTests {
    @Test
    func cutsWhereClientsDo() throws {
        for input in try Vectors.all.get().inputs {
            let content = try input.bytes()
            #expect(content.count == input.size)
            #expect(Inputs.ends(of: content) == input.chunk_ends, "\(input.name)")
            let hashes = Inputs.chunks(of: content).map { HashUse.chunk.hash($0).description }
            #expect(hashes == input.chunk_hashes, "\(input.name)")
            let candidates = try input.chunk_hashes.enumerated().filter { try hash($1).isDedupCandidate }
            #expect(candidates.map(\.offset) == input.global_dedup_by_modulus, "\(input.name)")
        }
    }

    @Test(arguments: [1, 3, 63, 64, 65, 1000, 8191, 8192, 20_000, 131_072, 500_000])
    func cutsPiecesLikeTheWhole(_ most: Int) throws {
        for input in try Vectors.all.get().inputs {
            var chunker = Chunker()
            var ends: [Int] = []
            var position = 0
            let content = try input.bytes()
            content.inPieces(seed: UInt64(most), upTo: most) { piece in
                var rest = piece
                while let length = chunker.advance(rest) {
                    position += length
                    ends.append(position)
                    rest = UnsafeRawBufferPointer(rebasing: rest[length...])
                }
                position += rest.count
            }
            if chunker.length > 0 { ends.append(position) }
            #expect(ends == input.chunk_ends, "\(input.name)")
        }
    }

    @Test
    func keepsItsBounds() {
        var numbers = SeededNumbers(1)
        let ends = Inputs.ends(of: numbers.bytes(3_000_000))
        let lengths = zip([0] + ends, ends).map { $1 - $0 }
        #expect(lengths.dropLast().allSatisfy { (8192...131_072).contains($0) })
        #expect(lengths.count > 30)
    }
}
