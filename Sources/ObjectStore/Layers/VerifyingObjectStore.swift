import NIOCore
import OpenSSLKit

/// Hashes objects again while they are read whole, and says when one is not what its key names.
///
/// The reader gets `.damaged` in place of the last piece, so a damaged object never looks complete. Ranges are not
/// verified. A plain file would go past this layer, so it offers none.
package struct VerifyingObjectStore: LayeredObjectStore {
    /// What is read from.
    package let base: any ObjectStore
    private let report: @Sendable (ObjectKey) async -> Void

    /// Verifies what is read from `base`.
    /// - Parameter report: told of each damaged object, for the log, the metrics or a quarantine.
    package init(_ base: any ObjectStore, report: @escaping @Sendable (ObjectKey) async -> Void) {
        self.base = base
        self.report = report
    }

    /// Reads with verification when it is the whole object.
    package func read(_ key: ObjectKey, range: Range<Int64>?) async throws -> ObjectReading? {
        guard var reading = try await base.read(key, range: range) else { return nil }
        if reading.range == 0..<reading.size {
            reading.bytes = VerifiedReading(bytes: reading.bytes, key: key, size: reading.size, report: report)
        }
        return reading
    }

    /// Never: the kernel verifies nothing.
    package func localFile(_ key: ObjectKey) async throws -> LocalObject? { nil }
}

/// A whole object whose end comes only when it is right.
private struct VerifiedReading: AsyncSequence, Sendable {
    let bytes: ByteSourceLike
    let key: ObjectKey
    let size: Int64
    let report: @Sendable (ObjectKey) async -> Void

    func makeAsyncIterator() -> Iterator { Iterator(reading: self) }

    struct Iterator: AsyncIteratorProtocol {
        let reading: VerifiedReading
        var source: VerifiedSource?

        mutating func next() async throws -> ByteBuffer? {
            do {
                let source = try self.source ?? VerifiedSource(reading.bytes, key: reading.key, size: reading.size)
                self.source = source
                return try await source.next(atMost: .max)
            } catch let error as ObjectStoreError {
                switch error {
                case .wrongHash, .wrongSize, .damaged:
                    await reading.report(reading.key)
                    throw ObjectStoreError.damaged(reading.key)
                default: throw error
                }
            }
        }
    }
}
