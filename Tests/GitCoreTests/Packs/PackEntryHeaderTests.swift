import GitCore
import GranaryTesting
import Testing

@Suite struct PackEntryHeaderTests {
    private func parse(_ bytes: [UInt8]) throws -> PackEntryHeader? {
        try bytes.withUnsafeBytes { try PackEntryHeader.parse($0) }
    }

    @Test(
        arguments: [
            ([0x10], PackEntryType.commit, 0), ([0x3f], .blob, 15), ([0xb0, 0x01], .blob, 16),
            ([0xbf, 0x7f], .blob, 2_047),
            ([0xb0, 0x80, 0x00], .blob, 0), ([0xc5, 0x0a], .tag, 165),
            ([0xbf, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x07], .blob, UInt64(Int64.max)),
        ] as [([UInt8], PackEntryType, UInt64)]
    )
    func readsTypeAndSize(bytes: [UInt8], type: PackEntryType, size: UInt64) throws {
        let header = try #require(try parse(bytes + [0xff]))
        #expect(header.type == type)
        #expect(header.size == size)
        #expect(header.base == .none)
        #expect(header.byteCount == bytes.count)
        for count in 0..<bytes.count { #expect(try parse(Array(bytes[..<count])) == nil) }
    }

    @Test(
        arguments: [
            ([0x00], PackEntryError.unknownType(0)), ([0x5f], .unknownType(5)), ([0x80], .unknownType(0)),
            ([0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x08], .sizeOverflow),
            ([0xb0, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80], .sizeOverflow),
            ([0x60, 0x00], .zeroDistance),
            ([0x60] + [UInt8](repeating: 0xff, count: 9), .distanceOverflow),
        ] as [([UInt8], PackEntryError)]
    )
    func refusesWhatHasNoMeaning(bytes: [UInt8], error: PackEntryError) {
        #expect(throws: error) { try parse(bytes) }
        #expect(!error.message.isEmpty)
    }

    @Test(
        arguments: [
            ([0x01], 1), ([0x7f], 127), ([0x80, 0x00], 128), ([0x80, 0x01], 129), ([0xff, 0x7f], 16_511),
            ([0x80, 0x80, 0x00], 16_512),
        ] as [([UInt8], UInt64)]
    )
    func readsAndWritesDistances(bytes: [UInt8], distance: UInt64) throws {
        let header = try #require(try parse([0x61] + bytes))
        #expect(header.base == .distance(distance))
        #expect(header.byteCount == 1 + bytes.count)
        #expect(try parse([0x61] + bytes.dropLast()) == nil)
        var written: [UInt8] = []
        PackEntryHeader.encodeOffset(distance, into: &written)
        #expect(written == bytes)
    }

    @Test func readsIdsOfBases() throws {
        let header = try #require(try parse([0x75] + Crafted.oid))
        #expect(header.type == .refDelta)
        #expect(header.byteCount == 21)
        #expect(header.base == .id(try #require(ObjectID(bytes: Crafted.oid))))
        #expect(try parse([0x75] + Crafted.oid.dropLast()) == nil)
    }

    @Test func roundTrips() throws {
        var random = SeededRandom(5)
        for _ in 0..<20_000 {
            let size = random.next() >> UInt64(1 + random.below(63))
            let distance = random.next() >> UInt64(1 + random.below(62)) | 1
            var bytes: [UInt8] = []
            PackEntryHeader.encode(type: .ofsDelta, size: size, into: &bytes)
            PackEntryHeader.encodeOffset(distance, into: &bytes)
            let header = try #require(try parse(bytes))
            #expect(header.type == .ofsDelta)
            #expect(header.size == size)
            #expect(header.base == .distance(distance))
            #expect(header.byteCount == bytes.count)
        }
    }

    @Test func survivesRandomBytes() {
        var random = SeededRandom(6)
        for _ in 0..<50_000 {
            let bytes = random.bytes(random.below(34))
            guard let header = try? parse(bytes) else { continue }
            #expect(header.byteCount <= min(bytes.count, PackEntryHeader.maximumByteCount))
        }
    }
}
