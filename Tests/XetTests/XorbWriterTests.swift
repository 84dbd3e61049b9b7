import Testing
import Xet

struct XorbWriterTests {
    @Test
    func stopsWhereAXorbIsFull() throws {
        let writer = XorbWriter(limits: XorbLimits(chunks: 3, rawLength: 100, storedLength: 1000))
        var output: [UInt8] = []
        let chunk = [UInt8](repeating: 9, count: 40)
        for _ in 0..<2 {
            #expect(!writer.isFull(forRaw: 40))
            try chunk.withUnsafeBytes { try writer.append($0, hash: .zero, to: &output) }
        }
        #expect(writer.isFull(forRaw: 40))
        #expect(throws: XorbError.tooManyRawBytes) {
            try chunk.withUnsafeBytes { try writer.append($0, hash: .zero, to: &output) }
        }
        #expect(!writer.isFull(forRaw: 20))
        try [UInt8](repeating: 1, count: 20).withUnsafeBytes { try writer.append($0, hash: .zero, to: &output) }
        #expect(writer.isFull(forRaw: 1))
        #expect(writer.index.storedLength == output.count)
        writer.startOver()
        #expect(writer.index.count == 0)
    }

    @Test(arguments: [0, 131_073])
    func refusesChunksOfOtherLengths(_ length: Int) throws {
        let writer = XorbWriter()
        var output: [UInt8] = []
        #expect(throws: XorbError.chunk(0, .rawLength(length))) {
            try [UInt8](repeating: 0, count: length).withUnsafeBytes {
                try writer.append($0, hash: .zero, to: &output)
            }
        }
        #expect(output.isEmpty)
    }

    @Test
    func storesWhatDoesNotCompress() throws {
        var numbers = SeededNumbers(77)
        let raw = numbers.bytes(100_000)
        let compressor = ChunkCompressor()
        #expect(raw.withUnsafeBytes { compressor.compress($0).scheme } == .stored)
        let zeros = [UInt8](repeating: 0, count: 131_072)
        #expect(zeros.withUnsafeBytes { compressor.compress($0).bytes.count } < 1000)
    }
}
