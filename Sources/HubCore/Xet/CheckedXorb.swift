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
    private let outcome = Outcome()

    /// What was found out; shared by copies of the sequence.
    private final class Outcome: Sendable {
        let summary = Mutex<XorbSummary?>(nil)
    }

    /// Checks that `bytes` are the xorb of this hash.
    init(_ bytes: ByteSourceLike, hash: XetHash) {
        self.bytes = bytes
        self.hash = hash
    }

    /// What the xorb turned out to be; nil before its end.
    var summary: XorbSummary? { outcome.summary.withLock { $0 } }

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
                    xorb.outcome.summary.withLock { $0 = summary }
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
