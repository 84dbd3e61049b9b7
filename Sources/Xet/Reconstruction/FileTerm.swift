/// A stretch of a file: chunks of a xorb that follow each other.
package struct FileTerm: Equatable, Sendable {
    /// The xorb.
    package let xorb: XetHash
    /// The chunks, at least one.
    package let chunks: Range<Int>
    /// Raw bytes of the chunks, at least one.
    package let rawLength: Int

    /// A stretch with these chunks.
    ///
    /// - Returns: nil if there is no chunk or no byte, or a number does not fit 32 bits.
    package init?(xorb: XetHash, chunks: Range<Int>, rawLength: Int) {
        guard !chunks.isEmpty, chunks.lowerBound >= 0, UInt32(exactly: chunks.upperBound) != nil,
            rawLength > 0, UInt32(exactly: rawLength) != nil
        else { return nil }
        self.xorb = xorb
        self.chunks = chunks
        self.rawLength = rawLength
    }
}

extension FileTerm {
    /// In front of the terms, so that another form can be told apart later.
    private static let form: UInt8 = 1
    private static let packedLength = XetHash.byteCount + 12

    /// Terms as bytes for a database: one byte for the form, then 44 for each term, little-endian.
    package static func packed(_ terms: [FileTerm]) -> [UInt8] {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(1 + terms.count * packedLength)
        bytes.append(form)
        for term in terms {
            bytes.append(term.xorb)
            bytes.append(UInt32(clamping: term.chunks.lowerBound), UInt32(clamping: term.chunks.upperBound))
            bytes.append(UInt32(clamping: term.rawLength))
        }
        return bytes
    }

    /// Reads the packed form.
    ///
    /// - Throws: `malformedTerms`.
    package static func unpacked(_ bytes: [UInt8]) throws(ReconstructionError) -> [FileTerm] {
        guard let terms = bytes.withUnsafeBytes({ unpacked($0) }) else { throw .malformedTerms }
        return terms
    }

    private static func unpacked(_ bytes: UnsafeRawBufferPointer) -> [FileTerm]? {
        guard let base = bytes.baseAddress, bytes.first == form, (bytes.count - 1) % packedLength == 0 else {
            return nil
        }
        var terms: [FileTerm] = []
        terms.reserveCapacity(bytes.count / packedLength)
        for start in stride(from: 1, to: bytes.count, by: packedLength) {
            let record = base + start
            let (first, end) = (record.number(at: 32), record.number(at: 36))
            guard first < end,
                let term = FileTerm(
                    xorb: record.hash(at: 0),
                    chunks: Int(first)..<Int(end),
                    rawLength: Int(record.number(at: 40))
                )
            else { return nil }
            terms.append(term)
        }
        return terms
    }
}
