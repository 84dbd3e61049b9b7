/// Which chunks a xorb has and where they lie: 40 bytes for each chunk.
///
/// Ranges of chunks come from clients, so every question about one may have no answer.
package struct XorbIndex: Equatable, Sendable {
    /// What is known of a chunk.
    package struct Entry: Equatable, Sendable {
        /// The hash of the raw bytes.
        package let hash: XetHash
        /// Raw bytes of this chunk and all before it.
        package let rawEnd: UInt32
        /// Serialized bytes of this chunk and all before it, headers included.
        package let storedEnd: UInt32
    }

    /// The chunks in order.
    package private(set) var entries: [Entry] = []

    /// An index without chunks.
    package init() {}

    /// Adds the next chunk.
    ///
    /// - Parameter serializedLength: with the header.
    /// - Throws: `tooManyRawBytes` or `tooManyStoredBytes` when a sum passes 4 GiB.
    package mutating func append(_ hash: XetHash, rawLength: Int, serializedLength: Int) throws(XorbError) {
        guard let rawEnd = UInt32(exactly: self.rawLength + rawLength) else { throw .tooManyRawBytes }
        guard let storedEnd = UInt32(exactly: storedLength + serializedLength) else { throw .tooManyStoredBytes }
        entries.append(Entry(hash: hash, rawEnd: rawEnd, storedEnd: storedEnd))
    }

    /// Adds an entry as it is.
    mutating func append(_ entry: Entry) {
        entries.append(entry)
    }

    /// Makes room for so many chunks.
    mutating func reserve(_ count: Int) {
        entries.reserveCapacity(count)
    }

    /// Chunks.
    package var count: Int { entries.count }

    /// Raw bytes of all chunks.
    package var rawLength: Int { rawStart(of: count) }

    /// Serialized bytes of all chunks: where a footer would start.
    package var storedLength: Int { storedStart(of: count) }

    /// The hash of the xorb.
    package var hash: XetHash {
        var tree = MerkleTree()
        var before: UInt32 = 0
        for entry in entries {
            tree.add(entry.hash, length: entry.rawEnd &- before)
            before = entry.rawEnd
        }
        return tree.root
    }

    /// Raw bytes of these chunks; nil unless the xorb has them all.
    package func rawLength(of chunks: Range<Int>) -> Int? {
        rawBytes(of: chunks)?.count
    }

    /// Where the raw bytes of these chunks lie in those of all chunks; nil unless the xorb has them all.
    package func rawBytes(of chunks: Range<Int>) -> Range<Int>? {
        guard has(chunks) else { return nil }
        return rawStart(of: chunks.lowerBound)..<rawStart(of: chunks.upperBound)
    }

    /// Where these chunks lie in the stored xorb, headers included; nil unless the xorb has them all.
    package func storedBytes(of chunks: Range<Int>) -> Range<Int>? {
        guard has(chunks) else { return nil }
        return storedStart(of: chunks.lowerBound)..<storedStart(of: chunks.upperBound)
    }

    /// The chunks that lie in these bytes of the stored xorb; nil unless the bytes begin and end between chunks.
    package func chunks(stored bytes: Range<Int>) -> Range<Int>? {
        guard !bytes.isEmpty, let first = boundary(atStored: bytes.lowerBound),
            let end = boundary(atStored: bytes.upperBound)
        else { return nil }
        return first..<end
    }

    /// How many chunks end at or before this byte, if one ends just there.
    private func boundary(atStored offset: Int) -> Int? {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if storedStart(of: middle) < offset { low = middle + 1 } else { high = middle }
        }
        return storedStart(of: low) == offset ? low : nil
    }

    /// The verification hash of a term with these chunks; nil unless the xorb has them all.
    ///
    /// - Source: Xet protocol specification, "Term verification hash".
    package func verificationHash(of chunks: Range<Int>) -> XetHash? {
        guard has(chunks) else { return nil }
        var stream = HashUse.verification.stream()
        for entry in entries[chunks] { stream.update(entry.hash) }
        return stream.finalize()
    }

    /// The chunk in which this raw byte lies, counted from the first byte of the xorb; nil behind the last chunk.
    package func chunk(atRaw offset: Int) -> Int? {
        guard offset >= 0, offset < rawLength else { return nil }
        var (low, high) = (0, count - 1)
        while low < high {
            let middle = (low + high) / 2
            if rawStart(of: middle + 1) > offset { high = middle } else { low = middle + 1 }
        }
        return low
    }

    private func has(_ chunks: Range<Int>) -> Bool {
        chunks.lowerBound >= 0 && chunks.upperBound <= count
    }

    private func rawStart(of chunk: Int) -> Int { chunk == 0 ? 0 : Int(entries[chunk - 1].rawEnd) }

    private func storedStart(of chunk: Int) -> Int { chunk == 0 ? 0 : Int(entries[chunk - 1].storedEnd) }
}
