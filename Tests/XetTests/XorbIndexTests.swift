import Testing
import Xet

struct XorbIndexTests {
    @Test
    func packsFortyBytesForEachChunk() throws {
        let index = try SampleXorb.shared.get().index
        let packed = index.packed
        #expect(packed.count == 1 + 40 * index.count)
        #expect(try XorbIndex(packed: packed) == index)
        #expect(try XorbIndex(packed: XorbIndex().packed) == XorbIndex())
    }

    @Test
    func refusesDamagedForms() throws {
        let packed = try SampleXorb.shared.get().index.packed
        for damaged in [[], [0] + packed.dropFirst(), packed.dropLast(), packed + [0]] {
            #expect(throws: XorbError.malformedIndex) { try XorbIndex(packed: damaged) }
        }
        var numbers = SeededNumbers(40)
        for _ in 0..<3000 {
            var damaged = packed
            let place = Int.random(in: 0..<damaged.count, using: &numbers)
            damaged[place] = UInt8.random(in: 0...255, using: &numbers)
            guard let index = try? XorbIndex(packed: damaged) else { continue }
            #expect(index.packed == damaged)
            #expect(index.rawLength >= index.count)
        }
    }

    @Test
    func answersAboutRanges() throws {
        let sample = try SampleXorb.shared.get()
        let index = sample.index
        let chunks = Inputs.chunks(of: sample.raw)
        #expect(index.count == chunks.count)
        for start in 0...index.count {
            for end in start...index.count {
                let expected = chunks[start..<end].reduce(0) { $0 + $1.count }
                #expect(index.rawLength(of: start..<end) == expected)
            }
        }
        #expect(index.storedBytes(of: 0..<index.count) == 0..<sample.bytes.count)
        #expect(index.storedBytes(of: -1..<1) == nil)
        #expect(index.rawBytes(of: 0..<(index.count + 1)) == nil)
        #expect(index.verificationHash(of: 0..<Int.max) == nil)
        #expect(index.rawLength(of: index.count..<index.count) == 0)
    }

    @Test
    func findsChunksByRawOffset() throws {
        let sample = try SampleXorb.shared.get()
        let index = sample.index
        for offset in stride(from: 0, to: sample.raw.count, by: 97) {
            let chunk = try #require(index.chunk(atRaw: offset))
            #expect(index.rawBytes(of: chunk..<(chunk + 1))?.contains(offset) == true)
        }
        #expect(index.chunk(atRaw: sample.raw.count - 1) == index.count - 1)
        #expect(index.chunk(atRaw: sample.raw.count) == nil)
        #expect(index.chunk(atRaw: -1) == nil)
    }

    @Test
    func verifiesTerms() throws {
        for input in try Vectors.all.get().inputs {
            guard let expected = input.range_hash_all_chunks else { continue }
            var index = XorbIndex()
            for hash in input.chunk_hashes {
                try index.append(XetHash(hash) ?? .zero, rawLength: 1, serializedLength: 9)
            }
            #expect(try index.verificationHash(of: 0..<index.count) == hash(expected))
        }
    }
}

struct ChunkRangeDecoderTests {
    @Test(arguments: [1, 500, 90_000, 1_000_000])
    func givesRawBytesOfWholeChunks(_ most: Int) throws {
        let sample = try SampleXorb.shared.get()
        for chunks in [0..<sample.index.count, 1..<3, 4..<5] {
            let stored = try #require(sample.index.storedBytes(of: chunks))
            let raw = try #require(sample.index.rawBytes(of: chunks))
            let decoder = try ChunkRangeDecoder()
            var decoded: [UInt8] = []
            try Array(sample.bytes[stored]).inPieces(seed: 2, upTo: most) { piece in
                try decoder.take(piece) { decoded.append(contentsOf: $0) }
            }
            try decoder.finish()
            #expect(decoded == Array(sample.raw[raw]))
        }
    }

    @Test
    func refusesFootersAndCutChunks() throws {
        let sample = try SampleXorb.shared.get()
        let decoder = try ChunkRangeDecoder()
        try sample.bytes.dropLast().withUnsafeBytes { try decoder.take($0) { _ in } }
        #expect(throws: ChunkError.truncated) { try decoder.finish() }
        let other = try ChunkRangeDecoder()
        #expect(throws: ChunkError.unknownVersion(UInt8(ascii: "X"))) {
            try (sample.bytes + sample.footer(version: 1)).withUnsafeBytes { try other.take($0) { _ in } }
        }
    }
}
