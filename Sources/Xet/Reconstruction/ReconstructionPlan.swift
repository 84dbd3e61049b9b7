/// How a range of a file is put together from stored chunks.
///
/// - Source: Xet protocol specification, "File reconstruction".
package struct ReconstructionPlan: Equatable, Sendable {
    /// Chunks to be decoded, in the order of the file.
    package struct Term: Equatable, Sendable {
        /// The xorb.
        package let xorb: XetHash
        /// The chunks that the range touches.
        package let chunks: Range<Int>
        /// Raw bytes of the chunks.
        package let rawLength: Int
        /// Where the chunks lie in the stored xorb.
        package let storedBytes: Range<Int>
    }

    /// Chunks of a xorb that are fetched together.
    package struct FetchRange: Equatable, Sendable {
        /// The chunks: of one term or of several that overlap or touch.
        package let chunks: Range<Int>
        /// Where they lie in the stored xorb, headers included.
        ///
        /// HTTP names the last byte, which is one less than the upper bound.
        package let storedBytes: Range<Int>
    }

    /// What is fetched from one xorb.
    package struct Fetch: Equatable, Sendable {
        /// The xorb.
        package let xorb: XetHash
        /// Ascending, and none touches the next.
        package let ranges: [FetchRange]
    }

    /// Raw bytes of the first term before the range.
    package let offsetIntoFirstRange: Int
    /// Bytes of the range.
    package let length: Int
    /// The terms, trimmed to the chunks that the range touches.
    package let terms: [Term]
    /// Each xorb once, in the order of their first use; each term lies within one range.
    package let fetches: [Fetch]

    /// Plans the selected bytes.
    ///
    /// - Parameter indexes: those of all xorbs of the selection.
    /// - Throws: `unknownXorb`, `termMismatch`.
    package init(_ selection: TermSelection, indexes: [XetHash: XorbIndex]) throws(ReconstructionError) {
        var terms: [Term] = []
        terms.reserveCapacity(selection.terms.count)
        var (skipped, left) = (selection.skipped, selection.length)
        var offset = 0
        for term in selection.terms {
            let index = try ReconstructionPlan.index(of: term, in: indexes)
            let end = min(term.rawLength, skipped + left)
            let (trimmed, cut) = try ReconstructionPlan.trim(term, to: skipped..<end, index)
            if terms.isEmpty { offset = skipped - cut }
            terms.append(trimmed)
            left -= end - skipped
            skipped = 0
        }
        self.terms = terms
        length = selection.length
        offsetIntoFirstRange = offset
        fetches = try ReconstructionPlan.fetches(for: terms, indexes)
    }

    private static func index(
        of term: FileTerm,
        in indexes: [XetHash: XorbIndex]
    ) throws(ReconstructionError) -> XorbIndex {
        guard let index = indexes[term.xorb] else { throw .unknownXorb(term.xorb) }
        guard index.rawLength(of: term.chunks) == term.rawLength else { throw .termMismatch(term.xorb) }
        return index
    }

    /// The chunks of a term in which some of its raw bytes lie, at least one, and the raw bytes of those before.
    private static func trim(
        _ term: FileTerm,
        to raw: Range<Int>,
        _ index: XorbIndex
    ) throws(ReconstructionError) -> (Term, cut: Int) {
        guard let start = index.rawBytes(of: term.chunks)?.lowerBound,
            let first = index.chunk(atRaw: start + raw.lowerBound),
            let last = index.chunk(atRaw: start + raw.upperBound - 1), first <= last,
            let kept = index.rawBytes(of: first..<(last + 1)),
            let storedBytes = index.storedBytes(of: first..<(last + 1))
        else { throw .termMismatch(term.xorb) }
        let chunks = first..<(last + 1)
        let trimmed = Term(xorb: term.xorb, chunks: chunks, rawLength: kept.count, storedBytes: storedBytes)
        return (trimmed, kept.lowerBound - start)
    }

    private static func fetches(
        for terms: [Term],
        _ indexes: [XetHash: XorbIndex]
    ) throws(ReconstructionError) -> [Fetch] {
        var order: [XetHash] = []
        var used: [XetHash: [Range<Int>]] = [:]
        for term in terms {
            if used[term.xorb] == nil { order.append(term.xorb) }
            used[term.xorb, default: []].append(term.chunks)
        }
        var fetches: [Fetch] = []
        fetches.reserveCapacity(order.count)
        for xorb in order {
            var ranges: [FetchRange] = []
            for chunks in merged(used[xorb] ?? []) {
                guard let bytes = indexes[xorb]?.storedBytes(of: chunks) else { throw .unknownXorb(xorb) }
                ranges.append(FetchRange(chunks: chunks, storedBytes: bytes))
            }
            fetches.append(Fetch(xorb: xorb, ranges: ranges))
        }
        return fetches
    }

    /// Ranges that overlap or touch become one.
    private static func merged(_ ranges: [Range<Int>]) -> [Range<Int>] {
        var merged: [Range<Int>] = []
        for range in ranges.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }
}
