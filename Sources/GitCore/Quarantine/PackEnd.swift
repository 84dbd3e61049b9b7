import OpenSSLKit

/// Recognises the end of a pack that nobody parses: its last 20 bytes are the SHA-1 of all bytes before them.
///
/// Costs no more than hashing, whatever the pack holds. Belongs to one thread at a time.
struct PackEnd {
    /// All bytes so far but those in `tail`.
    private let checksum: SHA1Stream
    /// The last bytes, which may be the trailer.
    private var tail: [UInt8] = []

    /// Starts behind bytes that were hashed already; none at the start of a pack.
    init(continuing checksum: SHA1Stream) {
        self.checksum = checksum
    }

    /// Takes bytes as they came; true when the pack ends with the last of them.
    mutating func receive(_ bytes: UnsafeRawBufferPointer) throws -> Bool {
        let settled = max(0, tail.count + bytes.count - ObjectID.byteCount)
        let old = min(settled, tail.count)
        try tail.withUnsafeBytes { try checksum.update(UnsafeRawBufferPointer(rebasing: $0[..<old])) }
        try checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<(settled - old)]))
        tail.removeFirst(old)
        tail.append(contentsOf: bytes[(settled - old)...])
        guard tail.count == ObjectID.byteCount else { return false }
        return try checksum.digestSoFar() == tail
    }
}
