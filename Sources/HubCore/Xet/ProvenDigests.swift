import Metadata
import Synchronization
import Xet

/// The SHA-256 of files that were put together lately, by their hash.
///
/// So that a shard that is refused, for its SHA-256 or for want of room, costs no second reading of the whole file when it
/// comes again.
final class ProvenDigests: Sendable {
    private struct Entry {
        let oid: String
        let foundAt: Timestamp
    }

    private let entries = Mutex<[XetHash: Entry]>([:])
    /// About 200 bytes each.
    private static let mostEntries = 20_000
    /// Not for ever: the bytes may have been damaged on the disk when they were read, and be mended since.
    private static let seconds: Int64 = 3_600

    /// The SHA-256 of a file in hexadecimal digits; nil when it has to be found out.
    func oid(of file: XetHash, at now: Timestamp) -> String? {
        entries.withLock { entries in
            guard let entry = entries[file], now < entry.foundAt.adding(seconds: Self.seconds) else { return nil }
            return entry.oid
        }
    }

    func keep(_ oid: String, of file: XetHash, at now: Timestamp) {
        entries.withLock { entries in
            if entries.count >= Self.mostEntries { entries.removeAll() }
            entries[file] = Entry(oid: oid, foundAt: now)
        }
    }
}
