/// The shard that answers a query for a chunk: which xorbs have it, and which other chunks those have.
///
/// Chunk hashes are keyed, so that who does not have a chunk cannot ask others about its hash.
/// - Source: Xet protocol specification, "Global deduplication".
package struct DedupReply: Sendable {
    /// A xorb that is worth matching against.
    package struct Xorb: Sendable {
        /// The hash of the xorb, which is not keyed.
        package let hash: XetHash
        /// Its chunks.
        package let index: XorbIndex

        /// A xorb with its chunks.
        package init(hash: XetHash, index: XorbIndex) {
            self.hash = hash
            self.index = index
        }
    }

    /// The xorbs.
    package var xorbs: [Xorb]
    /// The key of the chunk hashes; zero for plain hashes.
    package var key: XetHash
    /// When the reply was made: seconds since 1970.
    package var created: UInt64
    /// Until when clients may use it: seconds since 1970, and not 0.
    package var expires: UInt64

    /// A reply with these xorbs.
    package init(xorbs: [Xorb], key: XetHash, created: UInt64, expires: UInt64) {
        self.xorbs = xorbs
        self.key = key
        self.created = created
        self.expires = expires
    }

    /// The shard, with an empty file section, without tables, and with a footer.
    package var bytes: [UInt8] {
        let chunks = xorbs.reduce(0) { $0 + $1.index.count }
        let length = (3 + xorbs.count + chunks) * ShardRecord.length + ShardRecord.footerLength
        var bytes: [UInt8] = []
        bytes.reserveCapacity(length)
        bytes.appendShardHeader(footerLength: ShardRecord.footerLength)
        bytes.appendBookend()
        let xorbSection = bytes.count
        let hasher = key == .zero ? nil : Blake3(key: key)
        for xorb in xorbs { bytes.append(DedupReply.record(of: xorb, hasher)) }
        bytes.appendBookend()
        appendFooter(to: &bytes, xorbSection: xorbSection)
        return bytes
    }

    private static func record(of xorb: Xorb, _ hasher: Blake3?) -> ShardXorb {
        var before: UInt32 = 0
        let chunks = xorb.index.entries.map { entry in
            defer { before = entry.rawEnd }
            return ShardXorb.Chunk(
                hash: hasher?.hash(entry.hash) ?? entry.hash,
                rawLength: entry.rawEnd &- before,
                flags: entry.hash.isDedupCandidate ? ShardRecord.isDedupCandidate : 0
            )
        }
        return ShardXorb(hash: xorb.hash, chunks: chunks, storedLength: UInt32(clamping: xorb.index.storedLength))
    }

    private func appendFooter(to bytes: inout [UInt8], xorbSection: Int) {
        let footer = UInt64(bytes.count)
        bytes.append(long: 1, UInt64(ShardRecord.length), UInt64(xorbSection))
        // Three tables, each with an offset and a count. Clients take the end of the xorbs from the first offset.
        for _ in 0..<3 { bytes.append(long: footer, 0) }
        bytes.append(key)
        bytes.append(long: created, expires)
        bytes.append(zeros: 48)
        let stored = xorbs.reduce(0) { $0 + UInt64($1.index.storedLength) }
        let raw = xorbs.reduce(0) { $0 + UInt64($1.index.rawLength) }
        bytes.append(long: stored, 0, raw, footer)
    }
}
