import Foundation
import Testing
import Xet

/// The files of `fixtures/xet`; `vectors.json` says of each value what it is.
struct Vectors: Decodable {
    struct GearTable: Decodable { let values: [String] }
    struct HashText: Decodable { let raw, text: String }
    struct Input: Decodable, CustomTestStringConvertible {
        let name: String
        let size: Int
        let chunk_ends: [Int]
        let chunk_hashes: [String]
        let single_xorb_hash, file_hash: String
        let range_hash_all_chunks: String?
        let global_dedup_by_modulus: [Int]
        var testDescription: String { name }
    }
    struct Merkle: Decodable {
        struct Case: Decodable { let n: Int, root, file_hash: String }
        let cases: [Case]
    }
    struct Node: Decodable {
        struct Child: Decodable {
            let hash: String
            let length: UInt64
            init(from decoder: any Decoder) throws {
                var pair = try decoder.unkeyedContainer()
                hash = try pair.decode(String.self)
                length = try pair.decode(UInt64.self)
            }
        }
        let children: [Child]
        let hash, range_hash: String
    }
    struct Grouping: Decodable { let plain, grouped: String }
    struct Checksum: Decodable { let check_123456789, hello_xorb: String }
    struct Serialized: Decodable { let bytes, hash: String }
    struct Shard: Decodable { let bytes, sha256, sha256_field: String }
    struct DedupKey: Decodable { let key, chunk, keyed: String }

    let keys: [String: String]
    let gear_table: GearTable
    let hash_text: HashText
    let inputs: [Input]
    let merkle: Merkle
    let internal_node: Node
    let bg4: Grouping
    let crc64nvme: Checksum
    let hello_xorb: Serialized
    let hello_shard_upload: Shard
    let dedup_hmac: DedupKey

    static let all = Result { try JSONDecoder().decode(Vectors.self, from: fixture("vectors.json")) }
}

/// A file of `fixtures/xet`.
func fixture(_ name: String) throws -> Data {
    let tests = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
    return try Data(contentsOf: tests.appendingPathComponent("../../fixtures/xet/\(name)").standardizedFileURL)
}

/// Bytes from hexadecimal digits.
func bytes(hex text: String) throws -> [UInt8] {
    let digits = Array(text)
    return try stride(from: 0, to: digits.count, by: 2).map { index in
        try #require(UInt8(String(digits[index...(index + 1)]), radix: 16))
    }
}

/// The hash with this text form.
func hash(_ text: String) throws -> XetHash { try #require(XetHash(text)) }

/// Numbers that are the same in every run.
struct SeededNumbers: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed &* 0x9e37_79b9_7f4a_7c15 | 1 }

    mutating func next() -> UInt64 {
        state ^= state << 13
        state ^= state >> 7
        state ^= state << 17
        return state &* 0x2545_f491_4f6c_dd1d
    }

    mutating func bytes(_ count: Int) -> [UInt8] { (0..<count).map { _ in UInt8(truncatingIfNeeded: next() >> 32) } }
}

extension Array where Element == UInt8 {
    /// Calls `body` with pieces of seeded sizes that are the array together.
    func inPieces(seed: UInt64, upTo most: Int, _ body: (UnsafeRawBufferPointer) throws -> Void) rethrows {
        var numbers = SeededNumbers(seed)
        try withUnsafeBytes { all in
            var position = 0
            while position < all.count {
                let count = Swift.min(Int.random(in: 0...most, using: &numbers), all.count - position)
                try body(UnsafeRawBufferPointer(rebasing: all[position..<(position + count)]))
                position += count
            }
        }
    }
}
