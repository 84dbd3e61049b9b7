/// The terms of a file that a range of its bytes touches, found without looking into any xorb.
package struct TermSelection: Equatable, Sendable {
    /// The terms, whole, in order; at least one.
    package let terms: [FileTerm]
    /// Bytes of the first term before the range.
    package let skipped: Int
    /// Bytes of the range that the file has; at least one.
    package let length: Int

    /// Which xorbs' indexes a plan needs.
    package var xorbs: Set<XetHash> { Set(terms.map(\.xorb)) }

    /// Selects terms by a range of bytes, which is clamped to the end of the file.
    ///
    /// - Returns: nil if the range is empty or starts at or behind the end: 416 over HTTP.
    package init?(of terms: [FileTerm], in range: Range<UInt64>) {
        var start: UInt64 = 0
        var first: Int?
        var skipped = 0
        var last = 0
        for (index, term) in terms.enumerated() {
            guard start < range.upperBound else { break }
            let end = start + UInt64(term.rawLength)
            if end > range.lowerBound {
                if first == nil { (first, skipped) = (index, Int(range.lowerBound - start)) }
                last = index
            }
            start = end
        }
        guard let first, !range.isEmpty else { return nil }
        self.terms = Array(terms[first...last])
        self.skipped = skipped
        length = Int(min(start, range.upperBound) - range.lowerBound)
    }
}
