import OpenSSLKit

/// A new file that ends in the SHA-1 of its content.
struct ChecksummedFile {
    private let appender: FileAppender
    private let checksum: SHA1Stream
    private var pending: [UInt8] = []

    private static let pieceBytes = 64 << 10

    init(path: String) throws {
        appender = FileAppender(try OpenFile(creating: path))
        checksum = try SHA1Stream()
        pending.reserveCapacity(Self.pieceBytes + ObjectID.byteCount)
    }

    mutating func append(word: UInt32) throws {
        for shift in [24, 16, 8, 0] as [UInt32] { pending.append(UInt8(truncatingIfNeeded: word >> shift)) }
        if pending.count >= Self.pieceBytes { try drain() }
    }

    mutating func append(_ bytes: [UInt8]) throws {
        pending.append(contentsOf: bytes)
        if pending.count >= Self.pieceBytes { try drain() }
    }

    /// Bytes appended so far.
    var count: Int64 { appender.count + Int64(pending.count) }

    mutating func append(_ oid: ObjectID) throws {
        oid.append(to: &pending)
        if pending.count >= Self.pieceBytes { try drain() }
    }

    private mutating func drain() throws {
        try pending.withUnsafeBytes { try checksum.update($0) }
        try appender.append(pending)
        pending.removeAll(keepingCapacity: true)
    }

    /// Appends the checksum; the content is on stable storage afterwards.
    mutating func finish() throws {
        try drain()
        try appender.append(try checksum.finalize())
        try appender.flush()
        try appender.file.synchronize()
    }
}
