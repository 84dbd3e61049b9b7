extension UploadShard {
    /// Reads a shard that a client sends.
    ///
    /// What follows the second bookend, lookup tables and a footer, is not looked at: it repeats what stands before.
    /// Memory is at most about twice the bytes.
    /// - Source: Xet protocol specification, "Shard format".
    package init(reading bytes: UnsafeRawBufferPointer, limits: ShardLimits = ShardLimits()) throws(ShardError) {
        guard bytes.count <= limits.bytes else { throw .tooLarge(.bytes) }
        var cursor = ShardCursor(bytes)
        try UploadShard.readHeader(&cursor)
        files = try UploadShard.readFiles(&cursor, limits)
        xorbs = try UploadShard.readXorbs(&cursor, limits)
    }

    /// Reads a shard that a client sends.
    package init(reading bytes: [UInt8], limits: ShardLimits = ShardLimits()) throws(ShardError) {
        let result: Result<UploadShard, ShardError> = bytes.withUnsafeBytes { bytes in
            do throws(ShardError) {
                return .success(try UploadShard(reading: bytes, limits: limits))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }

    private static func readHeader(_ cursor: inout ShardCursor) throws(ShardError) {
        let record = try cursor.next()
        let magic = UnsafeRawBufferPointer(start: record, count: ShardRecord.magic.count)
        guard magic.elementsEqual(ShardRecord.magic) else { throw .notAShard }
        let version = record.longNumber(at: 32)
        guard version == ShardRecord.version else { throw .unknownVersion(version) }
        let footerLength = record.longNumber(at: 40)
        guard footerLength == 0 || footerLength == UInt64(ShardRecord.footerLength) else {
            throw .footerLength(footerLength)
        }
    }

    private static func readFiles(_ cursor: inout ShardCursor, _ limits: ShardLimits) throws(ShardError) -> [ShardFile]
    {
        var files: [ShardFile] = []
        var termCount = 0
        while true {
            let record = try cursor.next()
            let hash = record.hash(at: 0)
            if hash == ShardRecord.bookend { return files }
            guard files.count < limits.files else { throw .tooLarge(.files) }
            let (flags, count) = (record.number(at: 32), Int(record.number(at: 36)))
            guard flags & ~(ShardRecord.hasVerification | ShardRecord.hasSHA256) == 0 else {
                throw .unknownFlags(file: files.count, flags)
            }
            guard count <= limits.terms - termCount else { throw .tooLarge(.terms) }
            termCount += count
            var terms = try readTerms(&cursor, count, file: files.count)
            if flags & ShardRecord.hasVerification != 0 { try readVerification(&cursor, of: &terms) }
            let sha256 = flags & ShardRecord.hasSHA256 != 0 ? try cursor.next().hash(at: 0).sha256 : nil
            files.append(ShardFile(hash: hash, terms: terms, sha256: sha256))
        }
    }

    private static func readTerms(
        _ cursor: inout ShardCursor,
        _ count: Int,
        file: Int
    ) throws(ShardError) -> [ShardTerm] {
        try cursor.expect(UInt64(count))
        var terms: [ShardTerm] = []
        terms.reserveCapacity(count)
        for term in 0..<count {
            let record = try cursor.next()
            let (rawLength, start, end) = (record.number(at: 36), record.number(at: 40), record.number(at: 44))
            guard start < end, rawLength > 0 else { throw .emptyTerm(file: file, term: term) }
            terms.append(
                ShardTerm(
                    xorb: record.hash(at: 0),
                    chunks: Int(start)..<Int(end),
                    rawLength: rawLength,
                    verification: nil,
                    flags: record.number(at: 32)
                )
            )
        }
        return terms
    }

    private static func readVerification(_ cursor: inout ShardCursor, of terms: inout [ShardTerm]) throws(ShardError) {
        for term in terms.indices { terms[term].verification = try cursor.next().hash(at: 0) }
    }

    private static func readXorbs(_ cursor: inout ShardCursor, _ limits: ShardLimits) throws(ShardError) -> [ShardXorb]
    {
        var xorbs: [ShardXorb] = []
        var chunkCount = 0
        while true {
            let record = try cursor.next()
            let hash = record.hash(at: 0)
            if hash == ShardRecord.bookend { return xorbs }
            guard xorbs.count < limits.xorbs else { throw .tooLarge(.xorbs) }
            let count = Int(record.number(at: 36))
            guard count > 0 else { throw .emptyXorb(xorbs.count) }
            guard count <= XorbLimits.standard.chunks, count <= limits.chunks - chunkCount else {
                throw .tooLarge(.chunks)
            }
            chunkCount += count
            let chunks = try readChunks(&cursor, count, rawLength: record.number(at: 40), xorb: xorbs.count)
            let (flags, storedLength) = (record.number(at: 32), record.number(at: 44))
            xorbs.append(ShardXorb(hash: hash, chunks: chunks, storedLength: storedLength, flags: flags))
        }
    }

    private static func readChunks(
        _ cursor: inout ShardCursor,
        _ count: Int,
        rawLength: UInt32,
        xorb: Int
    ) throws(ShardError) -> [ShardXorb.Chunk] {
        try cursor.expect(UInt64(count))
        var chunks: [ShardXorb.Chunk] = []
        chunks.reserveCapacity(count)
        // 8192 chunks of 128 KiB are 1 GiB: the sum fits.
        var offset: UInt32 = 0
        for _ in 0..<count {
            let record = try cursor.next()
            let length = record.number(at: 36)
            guard record.number(at: 32) == offset, (1...ChunkHeader.maximumRawLength).contains(Int(length)) else {
                throw .inconsistentXorb(xorb)
            }
            offset += length
            chunks.append(ShardXorb.Chunk(hash: record.hash(at: 0), rawLength: length, flags: record.number(at: 40)))
        }
        guard offset == rawLength else { throw .inconsistentXorb(xorb) }
        return chunks
    }
}
