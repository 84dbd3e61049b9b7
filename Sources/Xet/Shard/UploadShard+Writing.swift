extension UploadShard {
    /// The shard as clients send it: no lookup tables, no footer.
    ///
    /// - Source: Xet protocol specification, "Shard format".
    package var bytes: [UInt8] {
        var bytes: [UInt8] = []
        bytes.appendShardHeader(footerLength: 0)
        for file in files { bytes.append(file) }
        bytes.appendBookend()
        for xorb in xorbs { bytes.append(xorb) }
        bytes.appendBookend()
        return bytes
    }
}

extension [UInt8] {
    fileprivate mutating func append(_ file: ShardFile) {
        let isVerified = !file.terms.isEmpty && file.terms.allSatisfy { $0.verification != nil }
        let sha256 = file.sha256.flatMap { XetHash(sha256: $0) }
        append(file.hash)
        append(
            (isVerified ? ShardRecord.hasVerification : 0) | (sha256 == nil ? 0 : ShardRecord.hasSHA256),
            UInt32(clamping: file.terms.count)
        )
        append(zeros: 8)
        for term in file.terms {
            append(term.xorb)
            append(term.flags, term.rawLength)
            append(UInt32(clamping: term.chunks.lowerBound), UInt32(clamping: term.chunks.upperBound))
        }
        if isVerified {
            for case let hash? in file.terms.map(\.verification) {
                append(hash)
                append(zeros: 16)
            }
        }
        if let sha256 {
            append(sha256)
            append(zeros: 16)
        }
    }

    /// The record of a xorb and those of its chunks.
    mutating func append(_ xorb: ShardXorb) {
        append(xorb.hash)
        append(xorb.flags, UInt32(clamping: xorb.chunks.count), xorb.rawLength, xorb.storedLength)
        var offset: UInt32 = 0
        for chunk in xorb.chunks {
            append(chunk.hash)
            append(offset, chunk.rawLength, chunk.flags, 0)
            offset = offset &+ chunk.rawLength
        }
    }
}
