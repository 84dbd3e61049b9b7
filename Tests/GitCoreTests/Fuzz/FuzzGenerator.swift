/// Numbers that look random and repeat for the same seed (SplitMix64), and bytes made from them.
struct FuzzGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }

    /// A number from 0 up to, not including, `bound`, which is at least 1.
    mutating func below(_ bound: Int) -> Int {
        Int.random(in: 0..<max(1, bound), using: &self)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: .min ... .max, using: &self) }
    }

    /// Packets with random payloads, special packets and, now and then, garbage.
    mutating func stream() -> [UInt8] {
        var stream: [UInt8] = []
        for _ in 0..<below(20) {
            switch below(12) {
            case 0: stream += Array("0000".utf8)
            case 1: stream += Array("0001".utf8)
            case 2: stream += Array("0004".utf8)
            case 3: stream += bytes(below(8))
            default:
                let count = below(300)
                let length = String(count + 4, radix: 16)
                stream += Array((String(repeating: "0", count: 4 - length.count) + length).utf8) + bytes(count)
            }
        }
        return stream
    }

    /// `seed` with a few bytes changed, removed, doubled or put in.
    mutating func mutated(_ seed: [UInt8]) -> [UInt8] {
        var bytes = seed
        for _ in 0..<below(6) {
            let position = below(bytes.count)
            switch below(6) {
            case _ where bytes.isEmpty: bytes = self.bytes(below(20))
            case 0: bytes[position] = UInt8(truncatingIfNeeded: next())
            case 1: bytes[position] ^= 1 << below(8)
            case 2: bytes.remove(at: position)
            case 3: bytes.insert(contentsOf: self.bytes(below(6)), at: position)
            case 4: bytes.insert(contentsOf: bytes[position..<min(bytes.count, position + below(60))], at: position)
            default: bytes.removeSubrange(position..<min(bytes.count, position + below(30)))
            }
        }
        return bytes
    }

    /// The same bytes in pieces of random sizes.
    mutating func pieces(of bytes: [UInt8]) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        var rest = bytes[...]
        let largest = 1 + below(100)
        while !rest.isEmpty {
            let count = 1 + below(largest)
            pieces.append(Array(rest.prefix(count)))
            rest = rest.dropFirst(count)
        }
        return pieces
    }
}
