import Testing
import Xet

extension Vectors.Input {
    /// The bytes that `vectors.json` describes.
    func bytes() throws -> [UInt8] {
        switch name {
        case "empty": []
        case "hello": Array("Hello World!".utf8)
        case "shake-8191": Shake128.bytes("granary-xet-1", count: 8191)
        case "zeros-400000": [UInt8](repeating: 0, count: 400_000)
        case "shake-1m": Inputs.megabyte
        case "shake-1m-edit": Inputs.megabyte[..<500_000] + Array("INSERT".utf8) + Inputs.megabyte[500_000...]
        case "ramp-300001": (0..<300_001).map { UInt8(($0 * $0 + $0 / 7) % 251) }
        default: try #require(nil, "no such input: \(name)")
        }
    }
}

/// Bytes that several tests use.
enum Inputs {
    static let megabyte = Shake128.bytes("granary-xet-2", count: 1_048_576)

    /// Where a chunker that is fed everything at once cuts, and the end.
    static func ends(of bytes: [UInt8]) -> [Int] {
        var chunker = Chunker()
        var ends: [Int] = []
        bytes.withUnsafeBytes { all in
            var start = 0
            while let length = chunker.advance(UnsafeRawBufferPointer(rebasing: all[start...])) {
                start += length
                ends.append(start)
            }
        }
        return chunker.length > 0 ? ends + [bytes.count] : ends
    }

    /// The chunks of `bytes`.
    static func chunks(of bytes: [UInt8]) -> [[UInt8]] {
        let ends = ends(of: bytes)
        return zip([0] + ends, ends).map { Array(bytes[$0..<$1]) }
    }
}
