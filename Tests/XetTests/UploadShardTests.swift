import Testing
import Xet

struct UploadShardTests {
    /// A file of three terms and two more, of the sample and another xorb.
    private func sample() throws -> UploadShard {
        let index = try SampleXorb.shared.get().index
        var tree = MerkleTree()
        let terms = try [0..<2, 3..<index.count, 1..<2].map { chunks in
            let isAdded = tree.add(chunks, of: index)
            #expect(isAdded)
            let length = try #require(index.rawLength(of: chunks))
            let proof = index.verificationHash(of: chunks)
            return ShardTerm(xorb: index.hash, chunks: chunks, rawLength: UInt32(length), verification: proof)
        }
        var unproven = terms[0]
        unproven.verification = nil
        var before: UInt32 = 0
        let chunks = index.entries.map { entry in
            defer { before = entry.rawEnd }
            return ShardXorb.Chunk(hash: entry.hash, rawLength: entry.rawEnd - before, flags: entry.rawEnd << 31)
        }
        return UploadShard(
            files: [
                ShardFile(hash: tree.fileHash, terms: terms, sha256: Array(1...32)),
                ShardFile(hash: .zero, terms: [], sha256: nil),
                ShardFile(hash: tree.root, terms: [unproven], sha256: nil),
            ],
            xorbs: [
                ShardXorb(hash: index.hash, chunks: chunks),
                ShardXorb(hash: .zero, chunks: [chunks[0]], storedLength: 7, flags: 9),
            ]
        )
    }

    @Test
    func readsTheShardOfAClient() throws {
        let vectors = try Vectors.all.get()
        let recorded = try bytes(hex: vectors.hello_shard_upload.bytes)
        let shard = try UploadShard(reading: recorded)
        let file = try #require(shard.files.first)
        let hello = try #require(vectors.inputs.first { $0.name == "hello" })
        #expect(shard.files.count == 1 && shard.xorbs.count == 1)
        #expect(try file.hash == hash(hello.file_hash))
        #expect(try file.sha256 == bytes(hex: vectors.hello_shard_upload.sha256))
        #expect(file.length == 12)
        #expect(file.terms.first?.chunks == 0..<1)
        let index = try read(bytes(hex: vectors.hello_xorb.bytes)).index
        #expect(file.terms.first?.fault(in: index) == nil)
        #expect(shard.xorbs.first?.agrees(with: index) == true)
        #expect(shard.bytes == recorded)
    }

    @Test
    func readsWhatItWrites() throws {
        let shard = try sample()
        #expect(try UploadShard(reading: shard.bytes) == shard)
        #expect(try UploadShard(reading: shard.bytes + [1, 2, 3]) == shard)
        let empty = UploadShard(files: [], xorbs: [])
        #expect(try UploadShard(reading: empty.bytes) == empty)
    }

    @Test
    func comparesTermsWithStoredChunks() throws {
        let index = try SampleXorb.shared.get().index
        var term = try sample().files[0].terms[1]
        #expect(term.fault(in: index) == nil)
        term.rawLength += 1
        #expect(term.fault(in: index) == .wrongLength)
        term.rawLength -= 1
        term.verification = index.verificationHash(of: 0..<1)
        #expect(term.fault(in: index) == .unproven)
        term.verification = nil
        #expect(term.fault(in: index) == .unproven)
        term.chunks = 3..<(index.count + 1)
        #expect(term.fault(in: index) == .missingChunks)
        term.chunks = 3..<Int(UInt32.max)
        #expect(term.fault(in: index) == .missingChunks)
    }

    @Test
    func comparesXorbsWithStoredChunks() throws {
        let index = try SampleXorb.shared.get().index
        var xorb = try sample().xorbs[0]
        #expect(xorb.agrees(with: index))
        xorb.chunks[1].rawLength += 1
        #expect(!xorb.agrees(with: index))
        xorb.chunks[1].rawLength -= 1
        xorb.chunks[2].hash = .zero
        #expect(!xorb.agrees(with: index))
        xorb.chunks.removeLast()
        #expect(!xorb.agrees(with: index))
    }

    @Test
    func refusesMalformedShards() throws {
        let shard = try sample()
        func refusal(_ place: Int, _ byte: UInt8) -> ShardError? {
            var bytes = shard.bytes
            bytes[place] = byte
            do throws(ShardError) { _ = try UploadShard(reading: bytes) } catch { return error }
            return nil
        }
        #expect(refusal(0, 0) == .notAShard)
        #expect(refusal(32, 1) == .unknownVersion(1))
        #expect(refusal(40, 1) == .footerLength(1))
        #expect(refusal(40, 200) == nil)
        #expect(refusal(48 + 32, 1) == .unknownFlags(file: 0, 0xc000_0001))
        #expect(refusal(48 + 39, 0x7f) == .tooLarge(.terms))
        #expect(refusal(48 + 37, 0x7f) == .truncated)
        #expect(refusal(96 + 40, 2) == .emptyTerm(file: 0, term: 0))
        for length in stride(from: 0, to: shard.bytes.count, by: 48) {
            #expect(throws: ShardError.truncated) { try UploadShard(reading: Array(shard.bytes[..<length])) }
        }
    }

    @Test
    func refusesInconsistentXorbs() throws {
        var shard = try sample()
        let xorb = shard.xorbs[1]
        shard.xorbs[1].chunks = []
        #expect(throws: ShardError.emptyXorb(1)) { try UploadShard(reading: shard.bytes) }
        shard.xorbs[1].chunks = [ShardXorb.Chunk(hash: .zero, rawLength: 131_073)]
        #expect(throws: ShardError.inconsistentXorb(1)) { try UploadShard(reading: shard.bytes) }
        shard.xorbs[1].chunks = Array(repeating: xorb.chunks[0], count: 8193)
        #expect(throws: ShardError.tooLarge(.chunks)) { try UploadShard(reading: shard.bytes) }
        shard.xorbs[1] = xorb
        var bytes = shard.bytes
        bytes[bytes.count - 48 - 48 + 32] = 1
        #expect(throws: ShardError.inconsistentXorb(1)) { try UploadShard(reading: bytes) }
    }

    @Test
    func keepsLimits() throws {
        let shard = try sample()
        func refusal(_ change: (inout ShardLimits) -> Void) -> ShardError? {
            var limits = ShardLimits()
            change(&limits)
            do throws(ShardError) { _ = try UploadShard(reading: shard.bytes, limits: limits) } catch { return error }
            return nil
        }
        let chunks = shard.xorbs.reduce(0) { $0 + $1.chunks.count }
        #expect(refusal { $0.bytes = shard.bytes.count } == nil)
        #expect(refusal { $0.bytes = shard.bytes.count - 1 } == .tooLarge(.bytes))
        #expect(refusal { $0.files = 2 } == .tooLarge(.files))
        #expect(refusal { $0.terms = 3 } == .tooLarge(.terms))
        #expect(refusal { $0.xorbs = 1 } == .tooLarge(.xorbs))
        #expect(refusal { $0.chunks = chunks } == nil)
        #expect(refusal { $0.chunks = chunks - 1 } == .tooLarge(.chunks))
    }

    @Test
    func neverTrapsOnDamage() throws {
        let whole = try sample().bytes
        let index = try SampleXorb.shared.get().index
        var numbers = SeededNumbers(50)
        var accepted = 0
        for _ in 0..<20_000 {
            var bytes = whole
            for _ in 0..<Int.random(in: 1...4, using: &numbers) {
                // The numbers of a record stand behind its hash.
                let record = Int.random(in: 0..<(bytes.count / 48), using: &numbers)
                let place = 48 * record + Int.random(in: 30..<48, using: &numbers)
                bytes[place] =
                    [0, 1, 0x7f, 0x80, 0xff, UInt8.random(in: 0...255, using: &numbers)].randomElement(using: &numbers)
                    ?? 0
            }
            if Bool.random(using: &numbers) { bytes.removeLast(Int.random(in: 0..<bytes.count, using: &numbers)) }
            guard let shard = try? UploadShard(reading: bytes) else { continue }
            accepted += 1
            _ = shard.bytes
            for term in shard.files.flatMap(\.terms) { _ = term.fault(in: index) }
            for xorb in shard.xorbs { _ = xorb.agrees(with: index) }
            _ = shard.files.map(\.length)
        }
        #expect(accepted > 50)
    }
}

struct DedupReplyTests {
    private let key = XetHash(raw: Array(1...32))

    @Test
    func hidesChunkHashesBehindTheKey() throws {
        let index = try SampleXorb.shared.get().index
        let key = try #require(key)
        let xorbs = [DedupReply.Xorb(hash: index.hash, index: index), DedupReply.Xorb(hash: .zero, index: index)]
        let bytes = DedupReply(xorbs: xorbs, key: key, created: 1000, expires: 2000).bytes
        let shard = try UploadShard(reading: bytes)
        #expect(shard.files.isEmpty)
        #expect(shard.xorbs.map(\.hash) == [index.hash, .zero])
        let hasher = Blake3(key: key)
        #expect(shard.xorbs[0].chunks.map(\.hash) == index.entries.map { hasher.hash($0.hash) })
        #expect(shard.xorbs[0].storedLength == UInt32(index.storedLength))
        #expect(shard.xorbs[0].chunks.map(\.isDedupCandidate) == index.entries.map(\.hash.isDedupCandidate))

        let footer = Array(bytes.suffix(200))
        func number(_ offset: Int) -> Int { (0..<8).reduce(0) { $0 | Int(footer[offset + $1]) << (8 * $1) } }
        let start = bytes.count - 200
        #expect([0, 8, 16, 24, 32, 40, 48, 56, 64].map(number) == [1, 48, 96, start, 0, start, 0, start, 0])
        #expect(Array(footer[72..<104]) == key.raw)
        #expect([104, 112, 120, 192].map(number) == [1000, 2000, 0, start])
        #expect([168, 184].map(number) == [2 * index.storedLength, 2 * index.rawLength])
        #expect(bytes[40] == 200)
    }

    @Test
    func keepsPlainHashesWithoutAKey() throws {
        let index = try SampleXorb.shared.get().index
        let reply = DedupReply(xorbs: [.init(hash: index.hash, index: index)], key: .zero, created: 1, expires: 2)
        #expect(try UploadShard(reading: reply.bytes).xorbs[0].agrees(with: index))
    }
}
