// Measures what chunked storage does with every byte; compiled together with Sources/Xet, as one module.
//
// Prints one object of JSON: what, and megabytes (10^6 bytes of content) a second of one thread's CPU time, the best of
// some rounds.
import Glibc

@main
enum Primitives {
    private static let rounds = 5
    private static let chunkLength = 65_536
    private static let chunkCount = 512

    static func main() throws {
        var generator = SystemRandomNumberGenerator()
        let random = (0..<chunkCount * chunkLength / 8).flatMap { _ in
            withUnsafeBytes(of: generator.next() as UInt64) { Array($0) }
        }
        // As floating-point weights are: the upper bytes of each number are much alike.
        let weights = random.enumerated().map { $0.offset % 4 == 3 ? 0x3f : $0.offset % 4 == 2 ? $0.element & 7 : $0.element }
        let results = [
            ("cutting into chunks", try speed(random) { cut($0) }),
            ("BLAKE3 of chunks of 64 KiB", try speed(random) { hash($0) }),
            ("checking a xorb, nothing compressed", try checking(random)),
            ("checking a xorb, byte-grouped LZ4", try checking(weights)),
        ]
        print("{" + results.map { "\"\($0.0)\": \(Int($0.1))" }.joined(separator: ", ") + "}")
    }

    private static func speed(
        _ content: [UInt8],
        of length: Int = chunkCount * chunkLength,
        _ work: (UnsafeRawBufferPointer) throws -> Void
    ) throws -> Double {
        var best = Double.infinity
        for _ in 0..<rounds {
            let start = seconds()
            try content.withUnsafeBytes { try work($0) }
            best = min(best, seconds() - start)
        }
        return Double(length) / best / 1e6
    }

    private static func seconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    private static func cut(_ bytes: UnsafeRawBufferPointer) {
        var chunker = Chunker()
        var rest = bytes
        while let length = chunker.advance(rest) { rest = UnsafeRawBufferPointer(rebasing: rest[length...]) }
    }

    private static func chunks(_ bytes: UnsafeRawBufferPointer) -> [UnsafeRawBufferPointer] {
        stride(from: 0, to: bytes.count, by: chunkLength).map {
            UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + chunkLength])
        }
    }

    private static func hash(_ bytes: UnsafeRawBufferPointer) {
        for chunk in chunks(bytes) { precondition(HashUse.chunk.hash(chunk) != .zero) }
    }

    private static func checking(_ content: [UInt8]) throws -> Double {
        let writer = XorbWriter()
        var xorb: [UInt8] = []
        try content.withUnsafeBytes { bytes in
            for chunk in chunks(bytes) { try writer.append(chunk, hash: HashUse.chunk.hash(chunk), to: &xorb) }
        }
        return try speed(xorb, of: content.count) { bytes in
            let reader = try XorbReader()
            // As they come from the network.
            for start in stride(from: 0, to: bytes.count, by: chunkLength) {
                try reader.take(UnsafeRawBufferPointer(rebasing: bytes[start..<min(start + chunkLength, bytes.count)]))
            }
            let found = try reader.finish().hash
            precondition(found == writer.index.hash)
        }
    }
}
