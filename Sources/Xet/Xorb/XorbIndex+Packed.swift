extension XorbIndex {
    /// In front of the entries, so that another form can be told apart later.
    private static let form: UInt8 = 1
    private static let entryLength = XetHash.byteCount + 8

    /// The index as bytes for a database: one byte for the form, then 40 for each chunk, little-endian.
    package var packed: [UInt8] {
        let length = 1 + count * XorbIndex.entryLength
        return Array(unsafeUninitializedCapacity: length) { bytes, written in
            let target = UnsafeMutableRawBufferPointer(bytes)
            target[0] = XorbIndex.form
            for (index, entry) in entries.enumerated() {
                let start = 1 + index * XorbIndex.entryLength
                if let base = target.baseAddress { entry.hash.store(to: base + start) }
                target.storeBytes(of: entry.rawEnd.littleEndian, toByteOffset: start + 32, as: UInt32.self)
                target.storeBytes(of: entry.storedEnd.littleEndian, toByteOffset: start + 36, as: UInt32.self)
            }
            written = length
        }
    }

    /// Reads the packed form.
    ///
    /// - Throws: `malformedIndex` if it is another form, or ends do not grow by what chunks may have.
    package init(packed bytes: [UInt8]) throws(XorbError) {
        guard let index = bytes.withUnsafeBytes({ XorbIndex(packed: $0) }) else { throw .malformedIndex }
        self = index
    }

    private init?(packed bytes: UnsafeRawBufferPointer) {
        guard let base = bytes.baseAddress, bytes.first == XorbIndex.form,
            (bytes.count - 1) % XorbIndex.entryLength == 0
        else { return nil }
        self.init()
        reserve(bytes.count / XorbIndex.entryLength)
        for start in stride(from: 1, to: bytes.count, by: XorbIndex.entryLength) {
            let rawEnd = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: start + 32, as: UInt32.self))
            let storedEnd = UInt32(littleEndian: base.loadUnaligned(fromByteOffset: start + 36, as: UInt32.self))
            let longest = ChunkHeader.length + ChunkHeader.maximumStoredLength
            guard (1...ChunkHeader.maximumRawLength).contains(Int(rawEnd) - rawLength),
                (ChunkHeader.length + 1...longest).contains(Int(storedEnd) - storedLength)
            else { return nil }
            append(Entry(hash: XetHash(loading: base + start), rawEnd: rawEnd, storedEnd: storedEnd))
        }
    }
}
