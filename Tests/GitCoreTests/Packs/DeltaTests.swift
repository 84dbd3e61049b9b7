import GitCore
import GranaryTesting
import Testing

@Suite struct DeltaTests {
    private static func apply(_ delta: [UInt8], _ base: [UInt8], limit: Int = 1 << 20) -> Result<[UInt8], DeltaError> {
        delta.withUnsafeBytes { delta in
            base.withUnsafeBytes { base in
                Result { () throws(DeltaError) in try Delta.apply(delta, to: base, limit: limit) }
            }
        }
    }

    /// The same by the incremental parser, fed in pieces of random length.
    private static func stream(
        _ delta: [UInt8],
        _ base: [UInt8],
        limit: Int64 = 1 << 20,
        _ random: inout SeededRandom
    ) -> Result<[UInt8], DeltaError> {
        var parser = DeltaParser(limit: limit)
        var target: [UInt8] = []
        do {
            var rest = delta[...]
            while !rest.isEmpty {
                let piece = Array(rest.prefix(1 + random.below(9)))
                rest = rest.dropFirst(piece.count)
                try piece.withUnsafeBytes { piece in
                    try parser.parse(piece) { instruction in
                        switch instruction {
                        case .header(let sourceSize, _):
                            guard sourceSize == UInt64(base.count) else {
                                throw DeltaError.baseSizeMismatch(declared: sourceSize, actual: base.count)
                            }
                        case .copy(let offset, let size): target += base[Int(offset)..<Int(offset) + size]
                        case .insert(let bytes): target += bytes
                        }
                    }
                }
            }
            try parser.finish()
            return .success(target)
        } catch {
            return .failure(error as? DeltaError ?? .truncated)
        }
    }

    private static let base = Array("0123456789".utf8)

    @Test(
        arguments: [
            ([10, 0], ""), ([10, 3, 3, 0x61, 0x62, 0x63], "abc"), ([10, 4, 0x91, 2, 4], "2345"),
            ([10, 3, 0x90, 3], "012"),
            ([10, 5, 0x90, 2, 1, 0x2d, 0x91, 8, 2], "01-89"), ([10, 10, 0x90, 10], "0123456789"),
            ([10, 2, 0x9f, 3, 0, 0, 0, 2], "34"), ([10, 2, 0xf1, 3, 2, 0, 0], "34"),
            ([0x8a, 0x00, 0x81, 0x00, 1, 0x21], "!"),
        ] as [([UInt8], String)]
    )
    func applies(delta: [UInt8], target: String) {
        var random = SeededRandom(7)
        #expect(Self.apply(delta, Self.base) == .success(Array(target.utf8)))
        #expect(Self.stream(delta, Self.base, &random) == .success(Array(target.utf8)))
    }

    @Test(
        arguments: [
            ([], DeltaError.truncated), ([10], .truncated), ([0x8a], .truncated), ([10, 0x83], .truncated),
            ([9, 1, 1, 0x61], .baseSizeMismatch(declared: 9, actual: 10)), ([10, 1, 0], .reservedInstruction),
            ([10, 2, 1, 0x61], .targetUnderrun), ([10, 1, 2, 0x61, 0x62], .targetOverrun),
            ([10, 0, 1, 0x61], .targetOverrun),
            ([10, 3, 3, 0x61], .truncated), ([10, 3, 0x91, 2], .truncated), ([10, 3, 0x91], .truncated),
            ([10, 3, 0x91, 8, 3], .copyOutOfRange), ([10, 3, 0x91, 11, 1], .copyOutOfRange),
            ([10, 3, 0x80], .copyOutOfRange),
            ([10, 3, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], .copyOutOfRange),
            ([10] + [UInt8](repeating: 0x80, count: 10), .sizeOverflow),
            ([UInt8](repeating: 0xff, count: 12), .sizeOverflow),
            ([10, 0x81, 0x80, 0x80, 0x01], .targetTooLarge(1 << 21 | 1)),
            ([10, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f], .targetTooLarge(UInt64(Int64.max))),
        ] as [([UInt8], DeltaError)]
    )
    func refuses(delta: [UInt8], error: DeltaError) {
        var random = SeededRandom(8)
        #expect(Self.apply(delta, Self.base) == .failure(error))
        #expect(Self.stream(delta, Self.base, &random) == .failure(error))
        #expect(!error.message.isEmpty)
    }

    @Test func readsSizeZeroAs64KiB() {
        let base = (0..<70_000).map { UInt8(truncatingIfNeeded: $0) }
        let delta: [UInt8] = [0xf0, 0xa2, 0x04, 0x80, 0x80, 0x04, 0x81, 5]
        #expect(Self.apply(delta, base) == .success(Array(base[5..<5 + 65_536])))
    }

    @Test func parserAgreesWithApplyOnRandomDeltas() {
        var random = SeededRandom(9)
        for _ in 0..<30_000 {
            let base = random.bytes(random.below(300))
            var delta = Self.randomDelta(of: base, &random)
            if random.below(3) == 0 { delta = random.mutation(of: delta, spice: [0, 0x80, 0xff, 1]) }
            let whole = Self.apply(delta, base)
            let streamed = Self.stream(delta, base, &random)
            switch (whole, streamed) {
            case (.success, .success): #expect(whole == streamed)
            // With two faults in one delta, the order of the checks may differ.
            case (.failure, .failure): break
            default: Issue.record("\(delta): \(whole) but \(streamed)")
            }
        }
    }

    private static func randomDelta(of base: [UInt8], _ random: inout SeededRandom) -> [UInt8] {
        var body: [UInt8] = []
        var target = 0
        for _ in 0..<random.below(8) {
            let offset = random.below(base.count + 1)
            let size = min(base.count - offset, random.below(200))
            if size > 0, random.below(2) == 0 {
                var operands: [UInt8] = []
                var instruction: UInt8 = 0x80
                for (bit, byte) in [offset & 0xff, offset >> 8, 0, 0, size].enumerated() where byte != 0 {
                    instruction |= 1 << bit
                    operands.append(UInt8(truncatingIfNeeded: byte))
                }
                body += [instruction] + operands
                target += size
            } else {
                let count = 1 + random.below(127)
                body += [UInt8(truncatingIfNeeded: count)] + random.bytes(count)
                target += count
            }
        }
        return varint(base.count) + varint(target) + body
    }

    private static func varint(_ value: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var rest = value
        while rest > 0x7f {
            bytes.append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        return bytes + [UInt8(truncatingIfNeeded: rest)]
    }
}
