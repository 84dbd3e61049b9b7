import Testing
import Xet

/// A xorb with chunks of all schemes.
struct SampleXorb {
    let raw: [UInt8]
    let bytes: [UInt8]
    let index: XorbIndex

    init() throws {
        var numbers = SeededNumbers(20)
        let text = Array((0..<9000).map { "line \($0 % 91) of the text, " }.joined().utf8)
        let floats = (0..<50_000).flatMap { index in
            let value = Float(index % 1999) * 0.001 + Float(numbers.next() % 1000) * 1e-7
            return withUnsafeBytes(of: value) { Array($0) }
        }
        raw = numbers.bytes(150_000) + text + floats + [7]
        let writer = XorbWriter()
        var bytes: [UInt8] = []
        for chunk in Inputs.chunks(of: raw) {
            try chunk.withUnsafeBytes { try writer.append($0, hash: HashUse.chunk.hash(chunk), to: &bytes) }
        }
        self.bytes = bytes
        index = writer.index
    }

    static let shared = Result { try SampleXorb() }

    /// Schemes of the chunks.
    func schemes() throws -> Set<CompressionScheme> {
        var schemes: Set<CompressionScheme> = []
        for chunk in 0..<index.count {
            let range = try #require(index.storedBytes(of: chunk..<(chunk + 1)))
            let header = try bytes[range].withUnsafeBytes { try ChunkHeader(reading: $0) }
            schemes.insert(header.scheme)
        }
        return schemes
    }

    /// A footer of the newer or the older form.
    func footer(version: UInt8) -> [UInt8] {
        func number(_ value: Int) -> [UInt8] { withUnsafeBytes(of: UInt32(value).littleEndian) { Array($0) } }
        let count = index.count
        let hashes = index.entries.flatMap(\.hash.raw)
        let stored = index.entries.flatMap { number(Int($0.storedEnd)) }
        let raw = index.entries.flatMap { number(Int($0.rawEnd)) }
        var footer = Array("XETBLOB".utf8) + [version] + index.hash.raw
        if version == 0 {
            footer += number(count) + stored + hashes + [UInt8](repeating: 0, count: 16)
        } else {
            footer += Array("XBLBHSH".utf8) + [0] + number(count) + hashes
            footer += Array("XBLBBND".utf8) + [1] + number(count) + stored + raw
            footer += number(count) + number(0) + number(0) + [UInt8](repeating: 0, count: 16)
        }
        return footer + number(footer.count)
    }
}

/// Reads a xorb that is fed in one piece or in several.
func read(_ bytes: [UInt8], limits: XorbLimits = .standard, pieces: Int = .max) throws -> XorbSummary {
    let reader = try XorbReader(limits: limits)
    if pieces == .max {
        try bytes.withUnsafeBytes { try reader.take($0) }
    } else {
        try bytes.inPieces(seed: UInt64(pieces), upTo: pieces) { try reader.take($0) }
    }
    return try reader.finish()
}

struct XorbReaderTests {
    @Test
    func readsTheXorbOfAClient() throws {
        let vector = try Vectors.all.get().hello_xorb
        let summary = try read(bytes(hex: vector.bytes))
        #expect(try summary.hash == hash(vector.hash))
        #expect(summary.index.count == 1)
        #expect(summary.index.rawLength == 12)
        #expect(summary.storedLength == 20)
        #expect(summary.footerLength == 0)
    }

    @Test(arguments: [Int.max, 1, 5, 8, 9, 1000, 100_000, 400_000])
    func readsPiecesOfAnySize(_ most: Int) throws {
        let sample = try SampleXorb.shared.get()
        #expect(try sample.schemes() == Set(CompressionScheme.allCases))
        let summary = try read(sample.bytes, pieces: most)
        #expect(summary.index == sample.index)
        #expect(summary.hash == sample.index.hash)
        #expect(summary.storedLength == sample.bytes.count)
    }

    @Test(arguments: [UInt8(0), 1])
    func stripsFooters(_ version: UInt8) throws {
        let sample = try SampleXorb.shared.get()
        let footer = sample.footer(version: version)
        for pieces in [Int.max, 3, 5000] {
            let summary = try read(sample.bytes + footer, pieces: pieces)
            #expect(summary.index == sample.index)
            #expect(summary.footerLength == footer.count)
        }
    }

    @Test
    func refusesFootersOfAnotherXorb() throws {
        let sample = try SampleXorb.shared.get()
        let footer = sample.footer(version: 1)
        #expect(throws: XorbError.malformedFooter) { try read(sample.bytes + footer.dropLast()) }
        #expect(throws: XorbError.malformedFooter) { try read(sample.bytes + footer + [0]) }
        #expect(throws: XorbError.malformedFooter) { try read(sample.bytes + footer.prefix(10)) }
        #expect(throws: XorbError.malformedFooter) { try read(sample.bytes + sample.footer(version: 2)) }
        var renamed = footer
        renamed[8] ^= 1
        let other = try #require(XetHash(raw: Array(renamed[8..<40])))
        #expect(throws: XorbError.wrongHashInFooter(other)) { try read(sample.bytes + renamed) }
        #expect(throws: XorbError.empty) { try read(footer) }
    }

    @Test
    func keepsLimits() throws {
        let sample = try SampleXorb.shared.get()
        var limits = XorbLimits(
            chunks: sample.index.count,
            rawLength: sample.raw.count,
            storedLength: sample.bytes.count
        )
        #expect(try read(sample.bytes, limits: limits).index == sample.index)
        limits.chunks -= 1
        #expect(throws: XorbError.tooManyChunks) { try read(sample.bytes, limits: limits) }
        limits = XorbLimits(chunks: 8192, rawLength: sample.raw.count - 1, storedLength: sample.bytes.count)
        #expect(throws: XorbError.tooManyRawBytes) { try read(sample.bytes, limits: limits) }
        limits = XorbLimits(chunks: 8192, rawLength: sample.raw.count, storedLength: sample.bytes.count - 1)
        #expect(throws: XorbError.tooManyStoredBytes) { try read(sample.bytes, limits: limits) }
    }

    @Test(arguments: [
        ([], XorbError.empty),
        ([0], .chunk(0, .truncated)),
        ([0, 1, 0, 0, 0, 1, 0, 0], .chunk(0, .truncated)),
        ([0, 1, 0, 0, 0, 1, 0, 0, 65, 0], .chunk(1, .truncated)),
        ([1, 1, 0, 0, 0, 1, 0, 0, 65], .chunk(0, .unknownVersion(1))),
        ([0, 1, 0, 0, 3, 1, 0, 0, 65], .chunk(0, .unknownScheme(3))),
        ([0, 0, 0, 0, 0, 0, 0, 0], .chunk(0, .rawLength(0))),
        ([0, 0, 0, 0, 1, 1, 0, 0], .chunk(0, .storedLength(0))),
        ([0, 1, 0, 0, 0, 2, 0, 0, 65], .chunk(0, .storedLength(1))),
        ([0, 1, 0, 0, 1, 1, 0, 2], .chunk(0, .rawLength(131_073))),
        ([0, 1, 0, 4, 1, 1, 0, 0], .chunk(0, .storedLength(262_145))),
        ([0, 1, 0, 0, 1, 1, 0, 0, 65], .chunk(0, .frame(.notAFrame))),
    ])
    func refusesWhatNoClientSends(_ bytes: [UInt8], _ error: XorbError) {
        #expect(throws: error) { try read(bytes) }
        #expect(throws: error) { try read(bytes, pieces: 1) }
    }

    @Test
    func neverTrapsOnDamage() throws {
        let sample = try SampleXorb.shared.get()
        let whole = sample.bytes + sample.footer(version: 1)
        var numbers = SeededNumbers(30)
        let starts = sample.index.entries.map { Int($0.storedEnd) }
        for round in 0..<3000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                // Headers are few among the bytes, and most is to be learnt there.
                let near = (starts.randomElement(using: &numbers) ?? 0) + Int.random(in: 0..<24, using: &numbers)
                let anywhere = Int.random(in: 0..<bytes.count, using: &numbers)
                bytes[round % 2 == 0 ? min(near, bytes.count - 1) : anywhere] = UInt8.random(
                    in: 0...255,
                    using: &numbers
                )
            }
            if round % 5 == 0 { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &numbers)) }
            let summary = try? read(bytes, pieces: round % 3 == 0 ? 70_000 : .max)
            if let summary, summary.hash == sample.index.hash {
                #expect(summary.index.entries.map(\.hash) == sample.index.entries.map(\.hash))
            }
        }
    }
}
