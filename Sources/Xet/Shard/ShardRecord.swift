/// The records of 48 bytes that a shard consists of.
///
/// - Source: Xet protocol specification, "Shard format".
enum ShardRecord {
    static let length = 48

    /// The first 32 bytes of the header.
    static let magic: [UInt8] =
        Array("HFRepoMetaData".utf8) + [
            0x00, 0x55, 0x69, 0x67, 0x45, 0x6a, 0x7b, 0x81, 0x57, 0x83, 0xa5, 0xbd, 0xd9, 0x5c, 0xcd, 0xd1, 0x4a, 0xa9,
        ]
    static let version: UInt64 = 2
    static let footerLength = 200

    /// In place of the hash of a record that ends a section.
    static let bookend = XetHash(words: SIMD4(repeating: .max))

    /// Of a file: a record with a verification hash for each term follows the terms.
    static let hasVerification: UInt32 = 1 << 31
    /// Of a file: a record with a SHA-256 follows.
    static let hasSHA256: UInt32 = 1 << 30
    /// Of a chunk: clients may ask for it.
    static let isDedupCandidate: UInt32 = 1 << 31
}

/// Reads one record after another, and never behind the end.
struct ShardCursor {
    private let bytes: UnsafeRawBufferPointer
    private var position = 0

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    /// Records that are left.
    var remaining: Int { (bytes.count - position) / ShardRecord.length }

    /// The next record.
    ///
    /// - Throws: `truncated`.
    mutating func next() throws(ShardError) -> UnsafeRawPointer {
        guard remaining > 0, let base = bytes.baseAddress else { throw .truncated }
        defer { position += ShardRecord.length }
        return base + position
    }

    /// Makes sure that so many records are left, before memory is taken for them.
    func expect(_ records: UInt64) throws(ShardError) {
        guard records <= UInt64(remaining) else { throw .truncated }
    }
}

extension UnsafeRawPointer {
    /// The hash at `offset`.
    func hash(at offset: Int) -> XetHash { XetHash(loading: self + offset) }

    /// The little-endian number of four bytes at `offset`.
    func number(at offset: Int) -> UInt32 {
        UInt32(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt32.self))
    }

    /// The little-endian number of eight bytes at `offset`.
    func longNumber(at offset: Int) -> UInt64 {
        UInt64(littleEndian: loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}

extension [UInt8] {
    mutating func append(_ hash: XetHash) {
        append(contentsOf: hash.raw)
    }

    mutating func append(_ numbers: UInt32...) {
        for number in numbers { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
    }

    mutating func append(long numbers: UInt64...) {
        for number in numbers { Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) } }
    }

    mutating func append(zeros count: Int) {
        append(contentsOf: repeatElement(0, count: count))
    }

    /// The first record of a shard.
    mutating func appendShardHeader(footerLength: Int) {
        append(contentsOf: ShardRecord.magic)
        append(long: ShardRecord.version, UInt64(footerLength))
    }

    /// The record that ends a section.
    mutating func appendBookend() {
        append(ShardRecord.bookend)
        append(zeros: 16)
    }
}
