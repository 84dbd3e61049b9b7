/// SHAKE-128, from which `fixtures/xet` makes its inputs.
///
/// - Source: FIPS 202.
enum Shake128 {
    /// The first `count` bytes for a text of less than 168 bytes.
    static func bytes(_ text: String, count: Int) -> [UInt8] {
        var block = Array(text.utf8) + [0x1f]
        block += [UInt8](repeating: 0, count: 168 - block.count)
        block[167] |= 0x80
        var state = [UInt64](repeating: 0, count: 25)
        for (index, byte) in block.enumerated() { state[index / 8] ^= UInt64(byte) << UInt64(8 * (index % 8)) }
        var output: [UInt8] = []
        output.reserveCapacity(count + 168)
        while output.count < count {
            permute(&state)
            for word in state[..<21] { withUnsafeBytes(of: word.littleEndian) { output.append(contentsOf: $0) } }
        }
        return Array(output.prefix(count))
    }

    private static let rotations: [UInt64] = [
        1, 3, 6, 10, 15, 21, 28, 36, 45, 55, 2, 14, 27, 41, 56, 8, 25, 43, 62, 18, 39, 61, 20, 44,
    ]
    private static let lanes = [10, 7, 11, 17, 18, 3, 5, 16, 8, 21, 24, 4, 15, 23, 19, 13, 12, 2, 20, 14, 22, 9, 6, 1]

    private static func permute(_ state: inout [UInt64]) {
        var register: UInt8 = 1
        for _ in 0..<24 {
            let sums = (0..<5).map { x in (0..<5).reduce(UInt64(0)) { $0 ^ state[x + 5 * $1] } }
            for x in 0..<5 {
                let mixed = sums[(x + 4) % 5] ^ rotated(sums[(x + 1) % 5], 1)
                for y in 0..<5 { state[x + 5 * y] ^= mixed }
            }
            var carried = state[1]
            for (lane, rotation) in zip(lanes, rotations) {
                (state[lane], carried) = (rotated(carried, rotation), state[lane])
            }
            for y in 0..<5 {
                let row = Array(state[(5 * y)..<(5 * y + 5)])
                for x in 0..<5 { state[5 * y + x] = row[x] ^ (~row[(x + 1) % 5] & row[(x + 2) % 5]) }
            }
            for bit in 0..<7 {
                if register & 1 == 1 { state[0] ^= 1 << ((1 << UInt64(bit)) - 1) }
                register = register >> 7 == 1 ? register << 1 ^ 0x71 : register << 1
            }
        }
    }

    private static func rotated(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }
}
