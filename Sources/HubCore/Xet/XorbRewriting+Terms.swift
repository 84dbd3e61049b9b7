import Metadata
import NIOCore
import ObjectStore
import Xet

extension XorbRewriting.Candidate {
    /// Bytes of what stays.
    var liveBytes: Int64 { live.reduce(0) { $0 + Int64(xorb.index.storedBytes(of: $1)?.count ?? 0) } }

    /// The index of a xorb of the chunks that stay.
    func newIndex() throws -> XorbIndex {
        var index = XorbIndex()
        for chunk in live.joined() {
            guard let raw = xorb.index.rawLength(of: chunk..<chunk + 1),
                let stored = xorb.index.storedBytes(of: chunk..<chunk + 1)
            else { throw ReconstructionError.termMismatch(xorb.hash) }
            try index.append(xorb.index.entries[chunk].hash, rawLength: raw, serializedLength: stored.count)
        }
        return index
    }

    /// The terms of a file, packed, with the new xorb in place of the old one.
    func moved(_ file: XetFileRecord, to hash: XetHash) throws -> [UInt8] {
        FileTerm.packed(
            try FileTerm.unpacked(file.terms).map { term in
                guard term.xorb == xorb.hash else { return term }
                guard let chunks = place(of: term.chunks),
                    let moved = FileTerm(xorb: hash, chunks: chunks, rawLength: term.rawLength)
                else { throw ReconstructionError.termMismatch(xorb.hash) }
                return moved
            }
        )
    }

    /// Where chunks that stay lie among those that stay.
    private func place(of chunks: Range<Int>) -> Range<Int>? {
        var before = 0
        for stretch in live {
            if stretch.lowerBound <= chunks.lowerBound, chunks.upperBound <= stretch.upperBound {
                let start = before + chunks.lowerBound - stretch.lowerBound
                return start..<start + chunks.count
            }
            before += stretch.count
        }
        return nil
    }
}

/// Which chunks of which xorbs files are made of; remembers some, as a file is asked for once for each of its xorbs.
struct FilesOfChunks {
    private var known: [String: [XetHash: [Range<Int>]]] = [:]
    private var terms = 0
    /// About 40 bytes each.
    private static let mostTerms = 400_000

    /// The chunks of a xorb that some of these files use: ascending, and none touches the next.
    mutating func stretches(of xorb: XetHash, in files: [XetFileRecord]) throws -> [Range<Int>] {
        var used: [Range<Int>] = []
        for file in files { used += try chunks(of: file)[xorb] ?? [] }
        var merged: [Range<Int>] = []
        for range in used.sorted(by: { $0.lowerBound < $1.lowerBound }) {
            if let last = merged.last, range.lowerBound <= last.upperBound {
                merged[merged.count - 1] = last.lowerBound..<max(last.upperBound, range.upperBound)
            } else {
                merged.append(range)
            }
        }
        return merged
    }

    /// Reads the terms of a file anew the next time.
    mutating func forget(_ file: String) { known[file] = nil }

    private mutating func chunks(of file: XetFileRecord) throws -> [XetHash: [Range<Int>]] {
        if let chunks = known[file.hash] { return chunks }
        let terms = try FileTerm.unpacked(file.terms)
        let chunks = Dictionary(grouping: terms, by: \.xorb).mapValues { $0.map(\.chunks) }
        if self.terms > Self.mostTerms {
            known.removeAll()
            self.terms = 0
        }
        known[file.hash] = chunks
        self.terms += terms.count
        return chunks
    }
}

/// Several stretches of a stored thing, one behind the other.
struct Stretches: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    private let ranges: [Range<Int>]
    private let open: @Sendable (Range<Int>) async throws -> ByteSourceLike

    init(_ ranges: [Range<Int>], open: @escaping @Sendable (Range<Int>) async throws -> ByteSourceLike) {
        self.ranges = ranges
        self.open = open
    }

    func makeAsyncIterator() -> Iterator { Iterator(left: ranges[...], open: open) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate var left: ArraySlice<Range<Int>>
        fileprivate let open: @Sendable (Range<Int>) async throws -> ByteSourceLike
        private var source: PieceIterator?

        fileprivate init(
            left: ArraySlice<Range<Int>>,
            open: @escaping @Sendable (Range<Int>) async throws -> ByteSourceLike
        ) {
            self.left = left
            self.open = open
        }

        mutating func next() async throws -> ByteBuffer? {
            while true {
                if let piece = try await source?.next() { return piece }
                guard let range = left.popFirst() else { return nil }
                source = PieceIterator(try await open(range))
            }
        }
    }
}
