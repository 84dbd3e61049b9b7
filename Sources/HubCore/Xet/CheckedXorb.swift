import NIOCore
import ObjectStore
import Synchronization
import Xet

/// A xorb on its way into the store: every chunk is decoded and hashed as it passes, and the end comes only for a right one.
struct CheckedXorb: AsyncSequence, Sendable {
    typealias Element = ByteBuffer
    typealias Failure = any Error

    private let bytes: ByteSourceLike
    private let hash: XetHash
    private let outcome: Outcome

    /// What was found out; shared by copies of the sequence, and by whoever wants to know.
    final class Outcome: Sendable {
        private let found = Mutex<XorbSummary?>(nil)

        /// What the xorb turned out to be; nil before its end.
        var summary: XorbSummary? { found.withLock { $0 } }

        fileprivate func keep(_ summary: XorbSummary) { found.withLock { $0 = summary } }
    }

    /// Checks that `bytes` are the xorb of this hash.
    init(_ bytes: ByteSourceLike, hash: XetHash, outcome: Outcome = Outcome()) {
        self.bytes = bytes
        self.hash = hash
        self.outcome = outcome
    }

    /// Reads it to its end, where the bytes are stored already.
    func check() async throws { for try await _ in self {} }

    func makeAsyncIterator() -> Iterator { Iterator(xorb: self, source: PieceIterator(bytes)) }

    struct Iterator: AsyncIteratorProtocol {
        fileprivate let xorb: CheckedXorb
        fileprivate var source: PieceIterator
        private var reader: XorbReader?

        fileprivate init(xorb: CheckedXorb, source: PieceIterator) {
            self.xorb = xorb
            self.source = source
        }

        /// - Throws: `XetFailure` 400.
        mutating func next() async throws -> ByteBuffer? {
            do {
                let reader = try self.reader ?? XorbReader()
                self.reader = reader
                guard let piece = try await source.next() else {
                    let summary = try reader.finish()
                    guard summary.hash == xorb.hash else {
                        throw XetFailure(status: 400, "The xorb was refused: its hash is \(summary.hash).")
                    }
                    xorb.outcome.keep(summary)
                    return nil
                }
                try piece.withUnsafeReadableBytes { try reader.take($0) }
                return piece
            } catch let error as XorbError {
                throw XetFailure(error)
            }
        }
    }
}
