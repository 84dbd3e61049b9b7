import NIOCore
import ObjectStore
import Xet

/// A range of a file that is put together from chunks, term by term.
struct ChunkedBytes: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    /// What the range touches.
    let selection: TermSelection
    let storage: XorbStorage

    func makeAsyncIterator() -> Iterator { Iterator(bytes: self) }

    struct Iterator: AsyncIteratorProtocol {
        private let bytes: ChunkedBytes
        private var terms: ArraySlice<FileTerm>
        private var source: PieceIterator?
        /// Bytes that come before the range.
        private var skip: Int
        /// Bytes of the range that are still to come.
        private var left: Int

        fileprivate init(bytes: ChunkedBytes) {
            self.bytes = bytes
            terms = bytes.selection.terms[...]
            skip = bytes.selection.skipped
            left = bytes.selection.length
        }

        mutating func next() async throws -> ByteBuffer? {
            while left > 0 {
                guard var piece = try await nextPiece() else {
                    throw ObjectStoreError.unavailable("a file lacks chunks")
                }
                let skipped = Swift.min(skip, piece.readableBytes)
                piece.moveReaderIndex(forwardBy: skipped)
                skip -= skipped
                guard let kept = piece.readSlice(length: Swift.min(left, piece.readableBytes)), kept.readableBytes > 0
                else { continue }
                left -= kept.readableBytes
                return kept
            }
            return nil
        }

        /// The next piece of the present term, or the first of the next.
        private mutating func nextPiece() async throws -> ByteBuffer? {
            while true {
                if let piece = try await source?.next() { return piece }
                guard let term = terms.popFirst() else { return nil }
                try Task.checkCancellation()
                source = PieceIterator(try await open(term))
            }
        }

        /// Opens a term from the first chunk on that is wanted.
        private mutating func open(_ term: FileTerm) async throws -> ByteSourceLike {
            guard let xorb = try await bytes.storage.xorbs([term.xorb])[term.xorb] else {
                throw ObjectStoreError.unavailable("the xorb \(term.xorb) is not known")
            }
            // What comes before the range in this term is not read, nor what comes behind it.
            var chunks = term.chunks
            if let start = xorb.index.rawBytes(of: term.chunks)?.lowerBound {
                if skip > 0, let first = xorb.index.chunk(atRaw: start + skip), chunks.contains(first),
                    let before = xorb.index.rawLength(of: chunks.lowerBound..<first)
                {
                    chunks = first..<chunks.upperBound
                    skip -= before
                }
                let from = xorb.index.rawBytes(of: chunks)?.lowerBound ?? start
                if let last = xorb.index.chunk(atRaw: from + skip + left - 1), chunks.contains(last) {
                    chunks = chunks.lowerBound..<last + 1
                }
            }
            return try await bytes.storage.content(xorb, chunks)
        }
    }
}
